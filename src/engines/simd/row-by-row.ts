import { conv1d } from '../../layers/conv1d.ts';
import type { Conv1dLayer, DenseLayer, EmbeddingLayer, Quantities, StepContext } from '../../layers/layer.ts';
import { timeFirst } from '../../layers/pooling.ts';
import { windowsOf } from '../../layers/windows.ts';
import { row, rowsOf, type Tensor, widthOf } from '../../math/tensor.ts';
import { pack, packBias } from './packed.ts';
import type { Space } from './space.ts';

/** Rows that are computed at once, at most. */
const BLOCK = 256;

export type Run = (x: Tensor, context: StepContext) => Quantities;

export function runDense(space: Space, layer: DenseLayer): Run {
  const product = activatedProduct(space, layer.weights.kernel, layer.weights.bias, layer.activation);
  return (x) =>
    product(rowsOf(x), (out, from, to) => {
      out.set(x.data.subarray(from * widthOf(x), to * widthOf(x)));
    });
}

/** The windows are the rows of a matrix, as the equation has it. */
export function runConv1d(space: Space, layer: Conv1dLayer): Run {
  const { W } = conv1d.constants(layer);
  const product = activatedProduct(space, W as Tensor, layer.weights.bias, layer.activation);
  return (_, { inputs, piece }) => {
    const x = timeFirst(layer, inputs[0]);
    const features = widthOf(x);
    const windows = windowsOf({ ...layer, size: layer.kernelSize }, rowsOf(x), piece);
    return product(windows.length, (out, from, to) => {
      const places = windows.slice(from, to).flat();
      places.forEach((place, at) => {
        if (place < 0) out.fill(0, at * features, (at + 1) * features);
        else out.set(row(x, place), at * features);
      });
    });
  };
}

export function runEmbedding({ weights, outputDim }: EmbeddingLayer): Run {
  return (x) => {
    const y = new Float32Array(x.data.length * outputDim);
    x.data.forEach((index, t) => {
      y.set(row(weights.embeddings, index), t * outputDim);
    });
    return { y: { shape: [x.data.length, outputDim], data: y } };
  };
}

/** z = x W + b and y = φ(z) for rows of x, which `fill` writes for rows `from` to `to`. */
function activatedProduct(
  space: Space,
  weights: Tensor,
  bias: Tensor | undefined,
  activation: DenseLayer['activation'],
): (rows: number, fill: (out: Float32Array, from: number, to: number) => void) => Quantities {
  const units = widthOf(weights);
  const { place, depth, panels, columns } = pack(space, weights);
  const start = packBias(space, { place, depth, panels, columns }, bias?.data);
  const which = space.activation(activation);
  return (rows, fill) => {
    const [z, y] = [new Float32Array(rows * units), new Float32Array(rows * units)];
    space.during(() => {
      const block = Math.min(rows, BLOCK);
      const input = space.allocate(block * depth);
      const sums = space.allocate(block * columns);
      const [zPlace, yPlace] = [space.allocate(block * units), space.allocate(block * units)];
      for (let from = 0; from < rows; from += block) {
        const count = Math.min(block, rows - from);
        fill(space.at(input, count * depth), from, from + count);
        const product = [input, 4 * depth, count, depth, units, place, panels, start];
        space.kernels.dense(zPlace, yPlace, ...product, sums, which);
        z.set(space.at(zPlace, count * units), from * units);
        y.set(space.at(yPlace, count * units), from * units);
      }
    });
    return { z: { shape: [rows, units], data: z }, y: { shape: [rows, units], data: y } };
  };
}
