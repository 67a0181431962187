import { kindOf, weightsOf } from '../layers/kinds.ts';
import type { Layer, Shape } from '../layers/layer.ts';
import { sizeOf } from '../math/tensor.ts';
import { callName, type Model, outputNames, type Ref, type Wrapper } from './graph.ts';

interface SummaryRow {
  readonly name: string;
  readonly class: string;
  /** With the batch axis, as Keras prints it. */
  readonly output_shape: readonly Shape[];
  readonly parameters: number;
  /** `lstm_1`, `lstm_1[1]` for its second output. */
  readonly connected_to: readonly string[];
}

export interface Summary {
  readonly model: string;
  readonly layers: readonly SummaryRow[];
  readonly total_parameters: number;
  readonly trainable_parameters: number;
  readonly non_trainable_parameters: number;
  /** What the lab cannot compute is no row, and its parameters are not counted. Absent where the model is whole. */
  readonly incomplete?: Model['incomplete'];
}

/** What Keras's model.summary() says: each layer once, its parameters, where its inputs come from. */
export function summarize(model: Model): Summary {
  const total = model.layers.reduce((sum, layer) => sum + parameterCount(layer), 0);
  const trainable = model.layers.reduce((sum, layer) => sum + trainableCount(layer), 0);
  const batch = batchSize(model);
  const layers = rowsOf(model).map((row): SummaryRow => {
    const calls = model.calls.filter(({ layer }) => row.layers.includes(layer));
    const outputs = row.wrapper
      ? row.wrapper.outputs
      : (calls[0]?.outputShapes ?? []).map((_, output) => ({ call: model.calls.indexOf(calls[0]), output }));
    return {
      name: row.name,
      class: row.className,
      output_shape: outputs.flatMap((ref) =>
        ref === null ? [] : [[batch, ...model.calls[ref.call].outputShapes[ref.output]]],
      ),
      parameters: row.layers.reduce((sum, layer) => sum + parameterCount(layer), 0),
      // What comes from inside the same wrapper is its own business.
      connected_to: calls
        .flatMap((call) =>
          [...call.inputs, ...call.states].flatMap((ref) => {
            const source = model.calls[ref.call];
            if (row.layers.includes(source.layer)) return [];
            return [nameOfSource(model, ref)];
          }),
        )
        .filter((name, at, names) => !row.wrapper || names.indexOf(name) === at),
    };
  });
  return {
    model: model.name,
    layers,
    total_parameters: total,
    trainable_parameters: trainable,
    non_trainable_parameters: total - trainable,
    ...(model.incomplete.length > 0 && { incomplete: model.incomplete }),
  };
}

/** A layer, or layers that the file has as one, in the order in which their first layer is described. */
interface Row {
  readonly name: string;
  readonly className: string;
  readonly layers: readonly Layer[];
  readonly wrapper: Wrapper | null;
}

function rowsOf(model: Model): Row[] {
  const rows: Row[] = [];
  const seen = new Set<Wrapper>();
  for (const layer of model.layers) {
    const wrapper = outermost(model, layer);
    if (wrapper === null) {
      rows.push({ name: layer.name, className: kindOf(layer).className(layer), layers: [layer], wrapper: null });
    } else if (!seen.has(wrapper)) {
      seen.add(wrapper);
      const layers = model.layers.filter((other) => outermost(model, other) === wrapper);
      rows.push({ name: wrapper.name, className: wrapper.className, layers, wrapper });
    }
  }
  return rows;
}

/** The wrapper that a layer belongs to, seen from the model; null where it stands by itself. */
function outermost({ wrappers }: Model, layer: Layer): Wrapper | null {
  let found: Wrapper | null = null;
  for (let name = layer.within; name !== undefined; name = found?.within) {
    found = wrappers.find((wrapper) => wrapper.name === name) ?? null;
    if (found === null) break;
  }
  return found;
}

/** A tensor as summary() names where it comes from: `lstm_1`, `lstm_1[1]`; of a wrapper, the wrapper's name. */
function nameOfSource(model: Model, ref: Ref): string {
  const source = model.calls[ref.call];
  const wrapper = outermost(model, source.layer);
  if (wrapper !== null) {
    const output = wrapper.outputs.findIndex((other) => other?.call === ref.call && other.output === ref.output);
    return wrapper.outputs.length > 1 && output >= 0 ? `${wrapper.name}[${output}]` : wrapper.name;
  }
  return outputNames(source).length > 1 ? `${callName(source)}[${ref.output}]` : callName(source);
}

/** The batch's length, where an Input fixes it. */
function batchSize({ calls, inputs }: Model): number | null {
  const first = calls[inputs[0]]?.layer;
  return first?.kind === 'input' ? first.batch : null;
}

function parameterCount(layer: Model['layers'][number]): number {
  return weightsOf(layer).reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
}

/** What a Normalization or a BatchNormalization has seen of the data is adapted and not trained, whether the layer is trainable or not. */
const ADAPTED = ['moving_mean', 'moving_variance', 'mean', 'variance', 'count'];

function trainableCount(layer: Model['layers'][number]): number {
  if (!layer.trainable) return 0;
  return weightsOf(layer).reduce((sum, [name, { shape }]) => sum + (ADAPTED.includes(name) ? 0 : sizeOf(shape)), 0);
}
