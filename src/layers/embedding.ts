/*
 * Embedding: y = row x of E, counted from 0. x one whole number, y [outputDim].
 * With mask_zero index 0 means padding: its row is looked up all the same, and the layers after it skip the timestep.
 * Source: keras/src/layers/core/embedding.py.
 */
import { LabError } from '../math/lab-error.ts';
import { row, type Tensor, tensor } from '../math/tensor.ts';
import type { EmbeddingLayer, LayerKind, Mask } from './layer.ts';

export const embedding: LayerKind<EmbeddingLayer> = {
  className: () => 'Embedding',
  equations: () => [{ symbol: 'y', meaning: 'looked-up row', expression: 'y = row(E, x)' }],
  constants: ({ weights }) => ({ E: weights.embeddings }),
  weightShapes: ({ inputDim, outputDim }) => ({ embeddings: [inputDim, outputDim] }),
  outputShapes: (layer, input) => [[...input, layer.outputDim]],

  forward(layer, x) {
    const y = tensor([x.data.length, layer.outputDim]);
    x.data.forEach((index, t) => {
      row(y, t).set(row(layer.weights.embeddings, index));
    });
    return { y };
  },

  outputMask: (layer, { inputs }) => embeddingMask(layer, inputs[0]),
};

/** The indices as Keras casts them (towards zero). One that names no row is refused with its place; TensorFlow on a GPU would give zeros. */
export function embeddingIndices(layer: EmbeddingLayer, x: Tensor): Tensor {
  const indices = x.data.map(Math.trunc);
  const bad = indices.findIndex((index) => !(index >= 0 && index < layer.inputDim));
  if (bad >= 0) {
    throw new LabError({
      path: `input[${bad}]`,
      problem: `${layer.name} has rows 0 to ${layer.inputDim - 1} (input_dim=${layer.inputDim}); the index is outside.`,
      received: String(x.data[bad]),
      hint: 'input_dim must be the largest index + 1.',
    });
  }
  return tensor(x.shape, indices);
}

function embeddingMask(layer: EmbeddingLayer, indices: Tensor): Mask {
  return layer.maskZero ? Uint8Array.from(indices.data, (index) => (index === 0 ? 0 : 1)) : null;
}
