import type { Layer } from '../layers/layer.ts';
import { type Rows, rows, rowsOf, sizeOf, type Tensor, tensor } from '../math/tensor.ts';

/* Layers that compute each timestep from the same timestep of their inputs: a part of what they did can be computed by itself. */

/** A number that counts axes from 1, as the batch is axis 0, or from the end. */
const isTime = (axis: number, rank: number) => (axis < 0 ? axis + rank + 1 : axis) === 1;

/** Whether timestep t of what the layer computes needs nothing but timestep t (in a Bidirectional's backward input: its mirror) of inputs of these shapes. */
export function isTimewise(layer: Layer, inputs: readonly Pick<Rows, 'shape'>[]): boolean {
  const [{ shape }] = inputs;
  const rank = shape.length;
  // The rows of one vector are no timesteps; an Embedding's numbers are.
  if (rank < 2 && layer.kind !== 'embedding') return false;
  const have = inputs.every((input) => input.shape.length === rank && input.shape[0] === shape[0]);
  switch (layer.kind) {
    case 'embedding':
    case 'dense':
    case 'dropout':
    case 'identity':
    case 'activation':
    case 'masking':
    case 'rescaling':
      return true;
    case 'time_distributed':
      return inputs.every((input) => input.shape[0] === shape[0]);
    case 'softmax':
    case 'batch_normalization':
      return !isTime(layer.axis, rank);
    case 'layer_normalization':
    case 'rms_normalization':
    case 'unit_normalization':
    case 'normalization':
      return !layer.axis.some((axis) => isTime(axis, rank));
    case 'prelu':
      return layer.weights.alpha.shape[0] === 1;
    case 'affine':
      return [layer.weights.scale, layer.weights.offset].every(
        (constant) => !constant || constant.shape.length < rank || constant.shape[0] === 1,
      );
    case 'slice':
      // What is picked of vectors is one number for each timestep: a vector.
      return !isTime(layer.axis, rank) && (layer.index === undefined || rank > 2);
    case 'merge':
      if (layer.operation === 'dot') return false;
      return have && (layer.operation !== 'concatenate' || !isTime(layer.axes?.[0] ?? -1, rank));
    case 'bidirectional':
      return layer.returnSequences;
    default:
      return false;
  }
}

/** Timesteps `from` to `to` (not included) of a tensor along its first axis. */
export function timesteps(t: Rows, from: number, to: number): Tensor {
  const [length, ...rest] = t.shape;
  if ('data' in t) {
    const size = sizeOf(rest);
    return tensor([to - from, ...rest], t.data.subarray(from * size, to * size));
  }
  const each = rowsOf(t) / length;
  return tensor([to - from, ...rest], rows(t, from * each, to * each));
}

/** What a timewise layer needs of its inputs to compute timesteps `from` to `to`. */
export function timewiseInputs(layer: Layer, inputs: readonly Rows[], from: number, to: number): Tensor[] {
  return inputs.map((input, at) => {
    // A Bidirectional's states go through.
    if (layer.kind === 'bidirectional' && at > 1) return timesteps(input, 0, input.shape[0]);
    const count = input.shape[0];
    return layer.kind === 'bidirectional' && at === 1
      ? timesteps(input, count - to, count - from)
      : timesteps(input, from, to);
  });
}
