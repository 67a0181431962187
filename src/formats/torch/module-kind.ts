import type { Tensor } from '../../math/tensor.ts';
import type { ModuleFacts } from './arrays.ts';

/** What an array of a state dict is taken for, by its module's arrays. */
type ModuleKind = 'embedding' | 'conv1d' | 'recurrent' | 'batch_norm' | 'layer_norm' | 'linear' | 'unknown';

export interface Described {
  readonly kind: ModuleKind;
  /** Features that it takes and gives; takes is null for an Embedding. */
  readonly takes: number | null;
  readonly gives: number;
  /** Why the lab cannot compute it. */
  readonly reason?: string;
}

const RECURRENT = /^(weight|bias)_(ih|hh|hr)(_l\d{1,3})?(_reverse)?$/;

/** Names under which embeddings and Linears without a bias go, which otherwise look alike. */
const EMBEDDING = /emb|wte|lookup|vocab|tok/i;
const LINEAR = /fc|lin|dense|out|head|proj|classif|decoder|hidden|mlp/i;

/** Linears that make queries, keys, values or scores: what an attention does with them is not in a state dict. */
const ATTENTION =
  /att(n|ention)|(^|[._])((w|fc|to|proj|linear)_?[qkv]|[qkv]_?(w|proj|projection)|(w_|to_)?(query|key)s?(_\w+)?)$/i;

/** Linears of a recurrent cell that forward() writes out, as PyTorch's tutorials do: i2h, h2h, x2h, hidden2hidden, i2o beside them. */
const BY_HAND =
  /(^|[._])((i|x|in|input)(2|_?to_?)(h|o|hid|hidden|out|output)|(h|hid|hidden)(2|_?to_?)(h|hid|hidden)|o2o)$/i;

/** The classes that compute what each kind stands for, where a file names classes: a GroupNorm has the arrays of a LayerNorm. */
const CLASSES: Readonly<Record<Exclude<ModuleKind, 'unknown'>, RegExp>> = {
  embedding: /^Embedding$/,
  conv1d: /^Conv1d$/,
  recurrent: /^(LSTM|GRU|RNN)(Cell)?$/,
  batch_norm: /^(BatchNorm1d|SyncBatchNorm)$/,
  layer_norm: /^LayerNorm$/,
  linear: /^(Linear|NonDynamicallyQuantizableLinear)$/,
};

/** What quantized modules have besides, or instead of, a weight. */
const QUANTIZED = ['scale', 'zero_point', '_packed_params', 'qweight', 'qzeros'];

/** What a module is, by its arrays and, where the file has it, its class. `widths`: what the recurrent modules of the file take. */
export function describedModule(
  name: string,
  arrays: ReadonlyMap<string, Tensor>,
  facts: ModuleFacts | null,
  widths: ReadonlySet<number>,
): Described {
  const found = byArrays(name, arrays, facts, widths);
  if (found.kind === 'unknown' || facts === null || !facts.className.startsWith('torch.')) return found;
  const className = facts.className.split('.').pop() ?? '';
  return CLASSES[found.kind].test(className) ? found : unknown(`the lab knows no ${className} of PyTorch`);
}

function byArrays(
  name: string,
  arrays: ReadonlyMap<string, Tensor>,
  facts: ModuleFacts | null,
  widths: ReadonlySet<number>,
): Described {
  const parameters = [...arrays.keys()];
  if (parameters.every((parameter) => RECURRENT.test(parameter))) return recurrent(arrays);
  const weight = arrays.get('weight');
  const known = ['weight', 'bias', 'running_mean', 'running_var'];
  const others = parameters.filter((parameter) => !known.includes(parameter));
  if (others.some((parameter) => QUANTIZED.includes(parameter)))
    return unknown('its numbers are quantized; save the state_dict() of the model before quantizing');
  if (others.length > 0) return unknown(`the lab knows no module with ${others.slice(0, 4).join(', ')}`);
  const mean = arrays.get('running_mean');
  if (mean !== undefined) {
    if (mean.shape.length !== 1 || !arrays.has('running_var')) return unknown('its running statistics are no vectors');
    return { kind: 'batch_norm', takes: mean.shape[0], gives: mean.shape[0] };
  }
  if (weight === undefined) return unknown('it has no weight');
  const [first, second, third] = weight.shape;
  switch (weight.shape.length) {
    case 1:
      return arrays.has('bias') || facts !== null
        ? { kind: 'layer_norm', takes: first, gives: first }
        : unknown('a vector without a bias may be of an RMSNorm, a PReLU or a LayerNorm');
    case 2:
      if (isEmbedding(name, arrays, facts, widths)) return { kind: 'embedding', takes: null, gives: second };
      if (ATTENTION.test(name))
        return unknown('it is part of an attention by its name, and what that does with it is not in the file');
      if (BY_HAND.test(name))
        return unknown(
          'it is part of a recurrent cell that forward() writes out, by its name, and what that does is not in the file',
        );
      return { kind: 'linear', takes: second, gives: first };
    case 3:
      if (third === 0) return unknown('its kernel is empty');
      return /transpose|deconv|bilinear/i.test(name) && facts === null
        ? unknown('it is no Conv1d by its name')
        : { kind: 'conv1d', takes: second * groupsOf(facts), gives: first };
    default:
      return unknown(`a weight of ${weight.shape.length} axes is of no module that the lab knows`);
  }
}

/** A kernel has the features of one group. Without a class it is taken for the only one. */
function groupsOf(facts: ModuleFacts | null): number {
  const groups = facts?.attributes.get('groups');
  return typeof groups === 'number' && Number.isSafeInteger(groups) && groups > 0 ? groups : 1;
}

function isEmbedding(
  name: string,
  arrays: ReadonlyMap<string, Tensor>,
  facts: ModuleFacts | null,
  widths: ReadonlySet<number>,
): boolean {
  if (facts !== null) return facts.className.endsWith('Embedding');
  if (arrays.has('bias')) return false;
  const last = name.slice(name.lastIndexOf('.') + 1);
  if (EMBEDDING.test(name) !== LINEAR.test(last) && (EMBEDDING.test(name) || LINEAR.test(last)))
    return EMBEDDING.test(name);
  const [rows, columns] = (arrays.get('weight') as Tensor).shape;
  // An Embedding [words, features] before a recurrent module gives what that takes, a Linear [gives, takes] too.
  if (widths.has(columns) !== widths.has(rows)) return widths.has(columns) && !LINEAR.test(name);
  return !LINEAR.test(name) && rows > columns;
}

function recurrent(arrays: ReadonlyMap<string, Tensor>): Described {
  const [input, hidden] = ['ih', 'hh'].map((part) => arrays.get(`weight_${part}_l0`) ?? arrays.get(`weight_${part}`));
  if (input?.shape.length !== 2 || hidden?.shape.length !== 2) return unknown('its weights are no matrices');
  const layers = layerCount(arrays);
  const width = (arrays.get('weight_hr_l0')?.shape[0] ?? hidden.shape[1]) * (isBidirectional(arrays) ? 2 : 1);
  return layers === 0
    ? unknown('its weights are not complete')
    : { kind: 'recurrent', takes: input.shape[1], gives: width };
}

/** How many layers a recurrent module has; 1 for a cell, 0 where numbers are missing. */
export function layerCount(arrays: ReadonlyMap<string, Tensor>): number {
  if (arrays.has('weight_ih')) return 1;
  let count = 0;
  while (arrays.has(`weight_ih_l${count}`) && arrays.has(`weight_hh_l${count}`)) count++;
  return count;
}

export function isBidirectional(arrays: ReadonlyMap<string, Tensor>): boolean {
  return arrays.has('weight_ih_l0_reverse') && arrays.has('weight_hh_l0_reverse');
}

export function unknown(reason: string): Described {
  return { kind: 'unknown', takes: null, gives: 0, reason };
}
