/*
 * TimeDistributed: every timestep of x (of each input, where the layer inside takes several) goes through the same layer, `inner`; its equations are
 * those of that layer.
 *
 * A mask has one byte for each timestep, or, where every timestep is a sequence itself, one for each of its timesteps: then the layer inside sees its
 * own part. Keras 3 hands the mask on as it came; Keras 2 what the layer inside makes of it, or, where that makes none, whether any of it was used.
 * Within a model that stands in TimeDistributed masks go from layer to layer, as in any model.
 * Sources: keras/src/layers/rnn/time_distributed.py, tf_keras/src/layers/rnn/time_distributed.py.
 */
import { LabError } from '../math/lab-error.ts';
import { shapeText, sizeOf, type Tensor, tensor } from '../math/tensor.ts';
import type { Layer, LayerKind, Mask, TimeDistributedLayer } from './layer.ts';

/** `kindOf` is handed in: the table that it reads has this kind too. */
export function timeDistributed(kindOf: (layer: Layer) => LayerKind<Layer>): LayerKind<TimeDistributedLayer> {
  const inside = (layer: Pick<TimeDistributedLayer, 'inner'>) => kindOf(layer.inner as Layer);
  return {
    className: () => 'TimeDistributed',
    inputCount: [1, Number.POSITIVE_INFINITY],
    equations: (layer, inputs) => inside(layer).equations(innerLayer(layer), inputs),
    constants: (layer) => inside(layer).constants(innerLayer(layer)),
    weightShapes: (layer, ...inputs) =>
      inside(layer).weightShapes(layer.inner as Layer, ...inputs.map((input) => input.slice(1))),

    outputShapes(layer, ...inputs) {
      const [input] = inputs;
      const [least, most] = inside(layer).inputCount ?? [1, 1];
      if (inputs.length < least || inputs.length > most) {
        throw new LabError({
          path: 'inputs',
          problem: `the layer inside takes ${most === least ? least : `${least} or more`} input${most === 1 ? '' : 's'}.`,
          received: `${inputs.length}`,
        });
      }
      if (inputs.some((other) => other.length < 2)) {
        throw new LabError({
          problem: 'TimeDistributed wants (timesteps, features), two axes besides the batch.',
          received: shapeText(input),
          hint: 'the layer before it returns one vector: set return_sequences=True there.',
        });
      }
      return inside(layer)
        .outputShapes(layer.inner as Layer, ...inputs.map((other) => other.slice(1)))
        .map((shape) => [input[0], ...shape]);
    },

    outputNames: (layer, count) =>
      inside(layer).outputNames?.(layer.inner as Layer, count) ?? ['output', 'state_h', 'state_c'],

    // One timestep after the other, as the graph runs it; here so that the layer is whole by itself.
    forward: (layer, x, context) => inside(layer).forward(innerLayer(layer), x, context),
  };
}

/** The layer that each timestep goes through, with its weights. */
export function innerLayer(layer: TimeDistributedLayer): Layer {
  return { ...layer.inner, weights: layer.weights } as Layer;
}

/** Timestep t of a sequence, [timesteps, …], as a view. */
function sliceOf(x: Tensor, t: number): Tensor {
  const shape = x.shape.slice(1);
  const size = sizeOf(shape);
  return tensor(shape, x.data.subarray(t * size, (t + 1) * size));
}

/** What the layer inside gets at timestep t. */
export function timestepOf<G extends { readonly inputs: readonly Tensor[]; readonly masks: readonly Mask[] }>(
  { inputs, masks }: G,
  t: number,
): { readonly inputs: readonly Tensor[]; readonly masks: readonly Mask[] } {
  return {
    inputs: inputs.map((input) => sliceOf(input, t)),
    masks: masks.map((mask, at) => {
      const steps = inputs[at].shape[0];
      if (mask === null || mask.length <= steps) return null;
      const each = mask.length / steps;
      return mask.subarray(t * each, (t + 1) * each);
    }),
  };
}

/** The mask that goes on: `mask` came with the input, `made` is what the layer inside made of it at every timestep. */
export function distributedMask(
  layer: TimeDistributedLayer,
  mask: Mask,
  made: readonly Mask[],
  keras: 1 | 2 | 3,
): Mask {
  if (keras === 3 && !layer.withinModel) return mask;
  const all = made.every((one) => one !== null)
    ? Uint8Array.from(made.flatMap((one) => Array.from(one as Uint8Array)))
    : null;
  if (all !== null || mask === null) return all;
  const each = mask.length / made.length;
  if (each === 1) return mask;
  return layer.withinModel
    ? null
    : Uint8Array.from(made, (_, t) => (mask.subarray(t * each, (t + 1) * each).includes(1) ? 1 : 0));
}
