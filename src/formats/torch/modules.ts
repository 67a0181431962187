import { LabError } from '../../math/lab-error.ts';
import type { Tensor } from '../../math/tensor.ts';
import type { ModuleFacts, TorchArrays } from './arrays.ts';
import { type Following, weightlessModules } from './weightless.ts';

/** What an array of a state dict is taken for, by its module's arrays. `sequence` modules step along time. */
type ModuleKind = 'embedding' | 'conv1d' | 'recurrent' | 'batch_norm' | 'layer_norm' | 'linear' | 'unknown';

/** The arrays of one module of PyTorch, and what they make it. */
export interface TorchModule {
  /** Its path in the state dict; empty for a module that was saved by itself. */
  readonly name: string;
  readonly kind: ModuleKind;
  /** Features that it takes and gives; null for an Embedding's input, or where a norm gives what it takes. */
  readonly takes: number | null;
  readonly gives: number;
  readonly arrays: ReadonlyMap<string, Tensor>;
  readonly facts: ModuleFacts | null;
  /** What runs right after it and has no arrays: its neighbours in an nn.Sequential. */
  readonly following: readonly Following[];
  /** Why the lab cannot compute it. */
  readonly reason?: string;
}

const RECURRENT = /^(weight|bias)_(ih|hh|hr)(_l\d{1,3})?(_reverse)?$/;

/** Names under which embeddings and Linears without a bias go, which otherwise look alike. */
const EMBEDDING = /emb|wte|lookup|vocab|tok/i;
const LINEAR = /fc|lin|dense|out|head|proj|classif|decoder|hidden|mlp/i;

/** As many modules as a model may have: putting them in order takes the square of their number. */
const MAX_MODULES = 2_000;

/**
 * The modules of a state dict, in the order in which their first array stands in it, and those without arrays whose place is not known. DataParallel's
 * `module.` before all names is dropped.
 */
export function torchModules({ arrays, modules }: TorchArrays): {
  modules: TorchModule[];
  unplaced: readonly string[];
} {
  const names = [...arrays.keys()];
  const prefix = ['module.', '_orig_mod.', 'model.'].find((word) => names.every((name) => name.startsWith(word))) ?? '';
  const grouped = new Map<string, Map<string, Tensor>>();
  for (const [key, { tensor }] of arrays) {
    const name = key.slice(prefix.length);
    const dot = name.lastIndexOf('.');
    const parameter = name.slice(dot + 1);
    if (parameter === 'num_batches_tracked') continue;
    const module = dot < 0 ? '' : name.slice(0, dot);
    if (!grouped.has(module)) grouped.set(module, new Map());
    grouped.get(module)?.set(parameter, tensor);
  }
  if (grouped.size > MAX_MODULES)
    throw new LabError({ problem: `a model has at most ${MAX_MODULES} modules.`, received: `${grouped.size}` });
  const named = new Map([...modules].map(([name, facts]) => [withoutPrefix(name, prefix), facts]));
  const { after, unplaced } = weightlessModules(named, [...grouped.keys()]);
  const strange: string[] = [];
  return {
    unplaced,
    modules: [...grouped].map(([name, parameters]) => {
      const facts = named.get(name) ?? null;
      const outer = strange.find((other) => name.startsWith(`${other}.`));
      const made = outer === undefined ? described(name, parameters, facts) : unknown(`it is part of ${outer}`);
      // What is part of a module that the lab does not know is not known either: the out_proj of an attention.
      if (made.kind === 'unknown' && name !== '' && outer === undefined) strange.push(name);
      return { name, arrays: parameters, facts, following: after.get(name) ?? [], ...made };
    }),
  };
}

function withoutPrefix(name: string, prefix: string): string {
  if (`${name}.` === prefix) return '';
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

type Described = Pick<TorchModule, 'kind' | 'takes' | 'gives' | 'reason'>;

function described(name: string, arrays: ReadonlyMap<string, Tensor>, facts: ModuleFacts | null): Described {
  const parameters = [...arrays.keys()];
  if (parameters.every((parameter) => RECURRENT.test(parameter))) return recurrent(arrays);
  const weight = arrays.get('weight');
  const others = parameters.filter(
    (parameter) => !['weight', 'bias', 'running_mean', 'running_var'].includes(parameter),
  );
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
      return { kind: 'layer_norm', takes: first, gives: first };
    case 2:
      return isEmbedding(name, arrays, facts)
        ? { kind: 'embedding', takes: null, gives: second }
        : { kind: 'linear', takes: second, gives: first };
    case 3:
      return third > 0 ? { kind: 'conv1d', takes: second, gives: first } : unknown('its kernel is empty');
    default:
      return unknown(`a weight of ${weight.shape.length} axes is of no module that the lab knows`);
  }
}

function isEmbedding(name: string, arrays: ReadonlyMap<string, Tensor>, facts: ModuleFacts | null): boolean {
  if (facts !== null) return facts.className.endsWith('Embedding');
  if (arrays.has('bias')) return false;
  if (EMBEDDING.test(name)) return true;
  const [rows, columns] = (arrays.get('weight') as Tensor).shape;
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

function unknown(reason: string): Described {
  return { kind: 'unknown', takes: null, gives: 0, reason };
}
