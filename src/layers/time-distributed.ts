/*
 * TimeDistributed: every timestep of x goes through the same layer, `inner`; its equations are those of that layer.
 * Source: keras/src/layers/rnn/time_distributed.py.
 */
import { LabError } from '../math/lab-error.ts';
import { shapeText, sizeOf, type Tensor, tensor } from '../math/tensor.ts';
import type { Layer, LayerKind, TimeDistributedLayer } from './layer.ts';

/** `kindOf` is handed in: the table that it reads has this kind too. */
export function timeDistributed(kindOf: (layer: Layer) => LayerKind<Layer>): LayerKind<TimeDistributedLayer> {
  const inside = (layer: Pick<TimeDistributedLayer, 'inner'>) => kindOf(layer.inner as Layer);
  return {
    className: () => 'TimeDistributed',
    equations: (layer) => inside(layer).equations(innerLayer(layer)),
    constants: (layer) => inside(layer).constants(innerLayer(layer)),
    weightShapes: (layer, input) => inside(layer).weightShapes(layer.inner as Layer, input.slice(1)),

    outputShapes(layer, input) {
      if (input.length < 2) {
        throw new LabError({
          problem: 'TimeDistributed wants (timesteps, features), two axes besides the batch.',
          received: shapeText(input),
          hint: 'the layer before it returns one vector: set return_sequences=True there.',
        });
      }
      return inside(layer)
        .outputShapes(layer.inner as Layer, input.slice(1))
        .map((shape) => [input[0], ...shape]);
    },

    // One timestep after the other, as the graph runs it; here so that the layer is whole by itself.
    forward: (layer, x, context) => inside(layer).forward(innerLayer(layer), x, context),
  };
}

/** The layer that each timestep goes through, with its weights. */
export function innerLayer(layer: TimeDistributedLayer): Layer {
  return { ...layer.inner, weights: layer.weights } as Layer;
}

/** Timestep t of a sequence, [timesteps, …], as a view. */
export function sliceOf(x: Tensor, t: number): Tensor {
  const shape = x.shape.slice(1);
  const size = sizeOf(shape);
  return tensor(shape, x.data.subarray(t * size, (t + 1) * size));
}
