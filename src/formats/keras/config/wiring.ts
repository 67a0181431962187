import { isLayerClass } from '../../preset/schema.ts';
import type { KerasLayer } from './layer-tree.ts';
import { own } from './object.ts';
import { hasConstant, type KerasCall, type Names, type Reference, reference, references } from './references.ts';

/** One use of a layer: names of tensors. */
export interface Wiring {
  readonly inputs: readonly string[];
  readonly initialState: readonly string[];
  /** A mask that the model computes itself, where it does not come with the input. */
  readonly mask: string | undefined;
  /** The mask that comes with its input is passed beside initial_state: Keras 3 does not do that by itself. */
  readonly maskPassed: boolean;
  /** What a call says that others say in the configuration: use_causal_mask, return_attention_scores. */
  readonly flags: Readonly<Record<string, boolean>>;
  /** What the lab cannot do with this call. */
  readonly refused: string | undefined;
}

const recurrent = [
  'LSTM',
  'GRU',
  'SimpleRNN',
  'RNN',
  'Bidirectional',
  'CuDNNLSTM',
  'CuDNNGRU',
  'UnifiedLSTM',
  'UnifiedGRU',
  'LSTMV1',
  'LSTMV2',
  'GRUV1',
  'GRUV2',
];

/** Keyword arguments that are tensors among the inputs, in the order in which a layer takes them. */
export const TENSORS = ['inputs', 'sequence', 'sequences', 'x', 'x1', 'query', 'value', 'key', 'x2'];

/** The one whose tensors are a recurrent layer's states. */
export const STATES = 'initial_state';

/** Operations that Keras 3 (until 3.9) and tf.keras write for masks that the lab works out itself. */
const MASKING = ['NotEqual', 'Any', 'All', 'LogicalOr', 'LogicalAnd', 'ExpandDims', 'Cast', 'Equal', 'LogicalNot'];

/** What a layer is called with, in the lab's terms. */
export function wiringOf(layer: KerasLayer, { args, kwargs }: KerasCall, names: Names): Wiring {
  const isRecurrent = recurrent.includes(layer.className);
  const [first, second, ...more] = args;
  const listed = references(first);
  // Keras 2 puts the states behind the sequence, in one list; Keras 3 makes them the second argument, or a keyword.
  const inputs = isRecurrent
    ? listed.slice(0, 1)
    : [
        ...listed,
        ...references(second),
        ...references(more),
        ...TENSORS.flatMap((key) => references(own(kwargs, key))),
      ];
  const states = isRecurrent ? [...listed.slice(1), ...references(second), ...references(own(kwargs, STATES))] : [];
  const mask = maskOf(kwargs, names);
  return {
    inputs: inputs.map(names.tensor),
    initialState: states.map(names.tensor),
    mask: isRecurrent && mask ? names.tensor(mask) : undefined,
    maskPassed: states.length > 0 && mask === undefined && references(own(kwargs, 'mask')).length > 0,
    flags: Object.fromEntries(
      ['use_causal_mask', 'return_attention_scores'].flatMap((key) => (own(kwargs, key) === true ? [[key, true]] : [])),
    ),
    refused:
      !isOperation(layer) && [args, ...[...TENSORS, STATES].map((key) => own(kwargs, key))].some(hasConstant)
        ? 'one of its inputs is an array of constants that has a row for each sample'
        : refusedCall(layer, kwargs, isRecurrent, mask),
  };
}

function refusedCall(
  layer: KerasLayer,
  kwargs: KerasCall['kwargs'],
  isRecurrent: boolean,
  mask: Reference | undefined,
): string | undefined {
  if (references(own(kwargs, 'constants')).length > 0 || Number(own(layer.config, 'num_constants') ?? 0) > 0)
    return 'its cell takes constants besides the sequence';
  if ((own(kwargs, 'attention_mask') ?? null) !== null)
    return 'it takes an attention mask of its own, which the model computes or holds';
  if (hasConstant(own(kwargs, 'mask'))) return 'it takes a mask that the file holds';
  if (own(kwargs, 'training') === true && layer.className.includes('Dropout'))
    return 'it is called with training=True: it drops at random each time';
  return mask !== undefined && !isRecurrent && layer.className !== 'Masking' && layer.model === undefined
    ? 'it takes a mask that the model computes'
    : undefined;
}

/** A mask that is given on purpose; one worked out from an Embedding's or Masking's input comes with the tensor anyway. */
function maskOf(kwargs: KerasCall['kwargs'], names: Names): Reference | undefined {
  const [given] = references(own(kwargs, 'mask'));
  return given && !isMaskOperation(names.layer(given)) ? given : undefined;
}

function isMaskOperation(layer: KerasLayer | undefined): boolean {
  return layer !== undefined && isOperation(layer) && MASKING.includes(layer.className);
}

/** A node that is no layer: Keras 3 wrote operations on tensors into the list of layers. */
export function isOperation(layer: KerasLayer): boolean {
  const { module, className } = layer;
  if (className.endsWith('OpLambda') || MASKING.includes(className)) return true;
  return module === undefined ? isBareOperation(layer) : module.includes('.ops.');
}

/** Operations that have the name of a class of layers, or of one that the lab makes of them. */
const SAME_NAMES = [
  'Add',
  'Subtract',
  'Multiply',
  'Maximum',
  'Minimum',
  'Concatenate',
  'Softmax',
  'GetItem',
  'Sum',
  'Mean',
  'Max',
  'Min',
];

/** Keras 3 names no modules in its .h5 files; there an operation has none of the arguments that layers have, which some classes (SpatialDropout1D) do not write. */
function isBareOperation({ className, config, inboundNodes, model }: KerasLayer): boolean {
  const [first] = inboundNodes;
  const isKeras3 = typeof first === 'object' && first !== null && Object.hasOwn(first, 'args');
  const isLayer = isLayerClass(className) && !SAME_NAMES.includes(className);
  return (
    isKeras3 && !isLayer && model === undefined && className !== 'InputLayer' && own(config, 'trainable') === undefined
  );
}

/** All tensors that a call names, masks among them. */
export function allReferences({ args, kwargs }: KerasCall): Reference[] {
  return [...references(args), ...references(Object.values(kwargs))];
}

/** The layers without operations that only masks need. */
export function withoutMaskOperations(
  layers: readonly KerasLayer[],
  callsOf: (layer: KerasLayer) => readonly KerasCall[],
  outputs: readonly Reference[],
): KerasLayer[] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const needed = new Set<KerasLayer>();
  const need = (queue: KerasLayer[]) => {
    for (let layer = queue.pop(); layer !== undefined; layer = queue.pop()) {
      if (needed.has(layer)) continue;
      needed.add(layer);
      for (const { args, kwargs } of callsOf(layer)) {
        const { mask: _, ...others } = kwargs;
        const masks = references(kwargs.mask).filter(({ layer: name }) => !isMaskOperation(byName.get(name)));
        for (const { layer: name } of [...references(args), ...references(Object.values(others)), ...masks]) {
          const source = byName.get(name);
          if (source) queue.push(source);
        }
      }
    }
  };
  need(layers.filter((layer) => !isOperation(layer)));
  need(outputs.flatMap(({ layer }) => byName.get(layer) ?? []));
  return layers.filter((layer) => needed.has(layer));
}

/** Names of a model's inputs or outputs: a list of references, a single one, or a dict of them. */
export function ends(value: unknown): Reference[] {
  const lone = reference(value);
  return lone ? [lone] : references(value);
}
