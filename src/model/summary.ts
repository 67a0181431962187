import { kindOf, weightsOf } from '../layers/kinds.ts';
import type { Shape } from '../layers/layer.ts';
import { callName, type Model, outputNames } from './graph.ts';

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
}

/** What Keras's model.summary() says: each layer once, its parameters, where its inputs come from. */
export function summarize(model: Model): Summary {
  const count = (trainable: boolean) =>
    model.layers
      .filter((layer) => layer.trainable === trainable)
      .reduce((sum, layer) => sum + parameterCount(layer), 0);
  const layers = model.layers.map((layer) => {
    const calls = model.calls.filter((call) => call.layer === layer);
    return {
      name: layer.name,
      class: kindOf(layer).className(layer),
      output_shape: calls[0].outputShapes.map((shape) => [batchSize(model), ...shape]),
      parameters: parameterCount(layer),
      connected_to: calls.flatMap((call) =>
        call.inputs.map(({ call: from, output }) => {
          const source = model.calls[from];
          return outputNames(source).length > 1 ? `${callName(source)}[${output}]` : callName(source);
        }),
      ),
    };
  });
  return {
    model: model.name,
    layers,
    total_parameters: count(true) + count(false),
    trainable_parameters: count(true),
    non_trainable_parameters: count(false),
  };
}

/** The batch's length, where an Input fixes it. */
function batchSize({ calls, inputs }: Model): number | null {
  const first = calls[inputs[0]]?.layer;
  return first?.kind === 'input' ? first.batch : null;
}

function parameterCount(layer: Model['layers'][number]): number {
  return weightsOf(layer).reduce((sum, [, weights]) => sum + weights.data.length, 0);
}
