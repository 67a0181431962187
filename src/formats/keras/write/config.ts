import { weightsOf } from '../../../layers/kinds.ts';
import { isRecurrent, type Layer, type RecurrentLayer } from '../../../layers/layer.ts';
import { innerLayer } from '../../../layers/time-distributed.ts';
import { LabError } from '../../../math/lab-error.ts';
import { type Tensor, whole } from '../../../math/tensor.ts';
import type { Call, Model, Ref } from '../../../model/graph.ts';
import { argumentsOf, cellArguments, steppedArguments } from './arguments.ts';
import { bare, type Item, itemsOf, layersOf } from './items.ts';

/** One use of a layer: names of tensors as a preset has them, and numbers of states. */
export interface ConfigCall {
  readonly inputs: readonly string[];
  readonly initial_state?: readonly (string | readonly number[])[];
}

/**
 * A layer as a preset has it, with Keras 3's arguments: `layer` of a wrapper, `cell` of an RNN and `layers` of a nested model hold the layers inside.
 * `weights` are by Keras's names; those of a Bidirectional stand in `layer` and `backward_layer`.
 */
export type ConfigLayer = {
  readonly class_name: string;
  readonly name: string;
  readonly weights?: Readonly<Record<string, Tensor>>;
  /** None for an Input. */
  readonly calls?: readonly ConfigCall[];
} & Readonly<Record<string, unknown>>;

export interface KerasConfig {
  readonly layers: readonly ConfigLayer[];
  /** Names of tensors: `dense:0`. */
  readonly outputs: readonly string[];
}

/** The model as Keras describes it: what the lab took apart is put together again. Throws a LabError for what Keras does not have. */
export function kerasConfig(model: Model): KerasConfig {
  const outputs = model.outputs.map((ref, at) => {
    if (ref === null)
      throw new LabError({ path: `outputs[${at}]`, problem: 'what the lab leaves out cannot be written.' });
    return ref;
  });
  return scope(model, itemsOf(model), outputs, []);
}

/** The layers of one model. `given`: tensors from outside that a nested model takes, by which Input; `depth`: how many TimeDistributed are written around it. */
function scope(
  model: Model,
  items: readonly Item[],
  outputs: readonly Ref[],
  given: readonly Ref[],
  depth = 0,
): KerasConfig {
  const names = uniqueNames(items);
  const inputs = given.map((ref, at) => ({ ref, name: free(`input_${at + 1}`, new Set(names.values())) }));
  const refName = (ref: Ref): string => {
    const outer = inputs.find((one) => one.ref.call === ref.call && one.ref.output === ref.output);
    if (outer) return `${outer.name}:0`;
    for (const item of items) {
      const found = place(model, item, ref);
      if (found) return `${names.get(item)}${found.call > 1 ? `#${found.call}` : ''}:${found.output}`;
    }
    throw new LabError({
      path: model.calls[ref.call].layer.name,
      problem: 'a tensor inside a nested model is used outside of it.',
    });
  };
  const taken = inputs.map(({ ref, name }) => ({
    class_name: 'Input',
    name,
    batch_shape: [null, ...model.calls[ref.call].outputShapes[ref.output].slice(depth)],
  }));
  const layers = items.map((item): ConfigLayer => {
    const described = describe(model, item, names.get(item) as string, depth);
    if (item.layer?.kind === 'input') return described;
    return { ...described, calls: callsOf(model, item).map((call) => wired(call, refName)) };
  });
  return { layers: [...taken, ...layers], outputs: outputs.map(refName) };
}

interface ItemCall {
  readonly inputs: readonly Ref[];
  readonly states: readonly Ref[];
  readonly numbers: readonly (readonly number[])[];
}

function wired({ inputs, states, numbers }: ItemCall, name: (ref: Ref) => string): ConfigCall {
  const initial = states.length > 0 ? states.map(name) : numbers;
  return { inputs: inputs.map(name), ...(initial.length > 0 && { initial_state: initial }) };
}

function layerCalls(model: Model, layer: Layer): readonly Call[] {
  return model.calls.filter((call) => call.layer === layer);
}

/** What an item is called with, each time. */
function callsOf(model: Model, item: Item): ItemCall[] {
  if (item.layer) {
    return layerCalls(model, item.layer).map((call) => {
      const { layer, inputs, states, initialState: held, mask } = call;
      if (mask !== null)
        throw new LabError({ path: layer.name, problem: 'a mask that the model itself computes cannot be written.' });
      if (model.keras === 3 && states.length > 0 && call.usesMask && mayBeMasked(model, inputs[0]))
        throw new LabError({
          path: layer.name,
          problem:
            'it uses the mask of its input beside initial_state, which Keras 3 does only where the mask is passed.',
        });
      if (layer.endsMask && passesMasks.includes(layer.kind) && inputs.some((ref) => mayBeMasked(model, ref, true)))
        throw new LabError({
          path: layer.name,
          problem: 'it is an operation, at which a mask ends; the layer that would be written hands it on.',
        });
      const numbers = held ? [held.h, ...(held.c ? [held.c] : [])].map((part) => Array.from(part)) : [];
      return { inputs, states, numbers };
    });
  }
  const inner = item.inside.filter((part) => !isJoin(part)).map((part) => callsOf(model, part));
  switch (item.className) {
    case 'Bidirectional':
    case 'RNN':
      return inner[0].map(({ inputs }, at) => ({
        inputs,
        states: inner.flatMap((calls) => calls[at].states),
        numbers: inner.flatMap((calls) => calls[at].numbers),
      }));
    case 'TimeDistributed':
      return inner[0];
    default:
      return [{ inputs: item.taken, states: [], numbers: [] }];
  }
}

/** What operations are written as, where Keras's layer does with masks what the operation does not. */
const passesMasks: readonly Layer['kind'][] = ['merge', 'rescaling', 'activation', 'softmax', 'identity'];

/** Whether something that makes masks comes before a tensor. `carried`: and nothing between them at which masks end, as that they are no sequences any more. */
function mayBeMasked(model: Model, ref: Ref, carried = false): boolean {
  const seen = new Set<number>();
  const waiting = [ref.call];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const { layer, inputs, outputShapes } = model.calls[at];
    if (carried && (layer.endsMask || outputShapes[0].length < 2)) continue;
    if (layer.kind === 'masking' || (layer.kind === 'embedding' && layer.maskZero)) return true;
    waiting.push(...inputs.map(({ call }) => call));
  }
  return false;
}

/** Which output of which call of an item a tensor is. */
function place(model: Model, item: Item, ref: Ref): { call: number; output: number } | undefined {
  const { layer, number } = model.calls[ref.call];
  if (item.layer) return item.layer === layer ? { call: number, output: ref.output } : undefined;
  if (!layersOf(item).includes(layer)) return undefined;
  if (item.className === 'Bidirectional')
    return bare(layer).kind === 'bidirectional' ? { call: number, output: ref.output } : undefined;
  if (item.className === 'TimeDistributed') return place(model, item.inside[0], ref);
  if (item.className === 'RNN') {
    const cells = item.inside.map(({ layer: cell }) => cell as RecurrentLayer);
    if (ref.output === 0) return layer === cells[cells.length - 1] ? { call: number, output: 0 } : undefined;
    const earlier = cells.slice(0, cells.indexOf(layer as RecurrentLayer));
    const before = earlier.map((cell) => (bare(cell).kind === 'lstm' ? 2 : 1));
    return { call: number, output: before.reduce<number>((sum, count) => sum + count, ref.output) };
  }
  const output = item.returned.findIndex((one) => one.call === ref.call && one.output === ref.output);
  return output < 0 ? undefined : { call: 1, output };
}

/** An item without its wiring. */
function describe(model: Model, item: Item, name: string, depth: number): ConfigLayer {
  const { layer } = item;
  if (layer) return { ...described(peeled(layer, depth), model.keras), name };
  const [first, second] = item.inside;
  const inner = (part: Item, deeper = depth) => {
    const { calls: _, ...rest } = describe(model, part, shortName(part), deeper);
    return rest;
  };
  switch (item.className) {
    case 'Bidirectional': {
      const join = item.inside.find(isJoin)?.layer as Layer;
      return { ...argumentsOf(bare(join), model.keras), name, layer: inner(first), backward_layer: inner(second) };
    }
    case 'TimeDistributed':
      return { class_name: 'TimeDistributed', name, layer: inner(first, depth + 1) };
    case 'RNN':
      return rnn(item, name, model.keras, depth);
    default: {
      const { layers, outputs } = scope(model, item.inside, item.returned, item.taken, depth);
      const inputs = layers.slice(0, item.taken.length).map((input) => input.name);
      return { class_name: 'Functional', name, layers, input_layers: inputs, output_layers: outputs };
    }
  }
}

/** A layer as it is inside so many TimeDistributed that are written around what it is part of. */
function peeled(layer: Layer, depth: number): Layer {
  if (depth === 0) return layer;
  if (layer.kind === 'time_distributed') return peeled(innerLayer(layer), depth - 1);
  return layer.kind === 'dense' ? { ...layer, timeDistributed: false } : layer;
}

/** What joins the two directions of a Bidirectional. */
function isJoin({ layer }: Item): boolean {
  return layer !== undefined && bare(layer).kind === 'bidirectional';
}

function described(layer: Layer, keras: 1 | 2 | 3): Omit<ConfigLayer, 'name'> & { class_name: string } {
  const weights = tensorsOf(layer);
  const named = weights.length > 0 && { weights: Object.fromEntries(weights) };
  try {
    return { ...argumentsOf(layer, keras), ...(layer.trainable ? {} : { trainable: false }), ...named };
  } catch (error) {
    throw error instanceof LabError ? error.within({ path: layer.name }) : error;
  }
}

/** Cells that were made layers, as the RNN that they were. */
function rnn(item: Item, name: string, keras: 1 | 2 | 3, depth: number): ConfigLayer {
  const cells = item.inside.map(({ layer }) => layer && (peeled(layer, depth) as RecurrentLayer)) as RecurrentLayer[];
  if (!cells.every((cell) => cell !== undefined && isRecurrent(cell)))
    throw new LabError({ path: name, problem: 'an RNN of these cells cannot be written.' });
  const last = cells[cells.length - 1];
  const classes = { lstm: 'LSTMCell', gru: 'GRUCell', simple_rnn: 'SimpleRNNCell' } as const;
  const used = new Set<string>();
  const cell = cells.map((one) => {
    const own = free(one.name.split('/').pop() as string, used);
    return { ...cellOf(one, classes[one.kind], keras), name: own };
  });
  return {
    class_name: 'RNN',
    name,
    ...steppedArguments(last),
    go_backwards: cells[0].goBackwards,
    cell: cell.length === 1 ? cell[0] : cell,
  };
}

function cellOf(layer: RecurrentLayer, className: string, keras: 1 | 2 | 3): object {
  const trainable = layer.trainable ? {} : { trainable: false };
  return {
    class_name: className,
    ...cellArguments(layer, keras),
    ...trainable,
    weights: Object.fromEntries(tensorsOf(layer)),
  };
}

/** All weights in memory, as they are written. */
function tensorsOf(layer: Layer): [name: string, Tensor][] {
  return weightsOf(layer).map(([name, array]) => [name, whole(array)]);
}

/** The last part of a name: `encoder/lstm` is `lstm` inside encoder. */
function shortName(item: Item): string {
  return item.name.split('/').pop() as string;
}

/** Names within one model: without what they stand in, and no two alike. */
function uniqueNames(items: readonly Item[]): ReadonlyMap<Item, string> {
  const used = new Set<string>();
  return new Map(items.map((item) => [item, free(item.flat ? item.name.replaceAll('/', '_') : shortName(item), used)]));
}

function free(base: string, used: Set<string>): string {
  let name = base;
  for (let n = 1; used.has(name); n++) name = `${base}_${n}`;
  used.add(name);
  return name;
}
