/*
 * Conv1D: a window slides along time, and each place is a Dense layer over what the window shows.
 *
 *   z = x W + b        x [kernelSize · features]: the timesteps of the window, one after the other; zeros where it reaches beyond the sequence
 *   y = φ(z)
 *
 * padding: valid (inside only), same (as many places as timesteps / strides), causal (the window ends at its timestep). dilation_rate leaves out
 * timesteps between those it sees. With groups each part of the filters sees its own part of the features: W is 0 elsewhere.
 * Sources: keras/src/layers/convolutional/base_conv.py, conv1d.py.
 */
import { activationCall, activationLoop } from '../math/activations.ts';
import { LabError } from '../math/lab-error.ts';
import { addVectorMatrix } from '../math/linear.ts';
import { row, rowsOf, type Tensor, tensor, widthOf } from '../math/tensor.ts';
import { batchShape, dropsMask, wantAxes } from './axes.ts';
import type { Conv1dLayer, LayerKind, Shape } from './layer.ts';
import { formatted, timeFirst } from './pooling.ts';
import { windowCount, windowsOf } from './windows.ts';

const place = (layer: Omit<Conv1dLayer, 'weights'>) => ({ ...layer, size: layer.kernelSize });

export const conv1d: LayerKind<Conv1dLayer> = {
  className: () => 'Conv1D',

  equations: ({ useBias, activation }) => [
    { symbol: 'z', meaning: 'weighted sum of the window', expression: `z = x * W${useBias ? ' + b' : ''}` },
    { symbol: 'y', meaning: 'output', expression: `y = ${activationCall(activation, 'z')}` },
  ],

  constants: ({ weights, groups }) => ({
    W: flatKernel(weights.kernel, groups),
    ...(weights.bias && { b: weights.bias }),
  }),

  weightShapes(layer, input) {
    const [, features] = formatted(layer, input);
    checkGroups(layer, features, input);
    return {
      kernel: [layer.kernelSize, features === null ? null : features / layer.groups, layer.filters],
      ...(layer.useBias && { bias: [layer.filters] }),
    };
  },

  outputShapes(layer, input) {
    wantAxes('Conv1D', input, 2, '(timesteps, features)');
    const [timesteps, features] = formatted(layer, input);
    checkGroups(layer, features, input);
    return [formatted(layer, [windowCount('Conv1D', place(layer), timesteps), layer.filters])];
  },

  rows(layer, { inputs }) {
    const x = timeFirst(layer, inputs[0]);
    const windows = windowsOf(place(layer), rowsOf(x));
    return { count: windows.length, bindings: (at) => ({ x: windowOf(x, windows[at]) }) };
  },

  forward(layer, _, { inputs }) {
    const x = timeFirst(layer, inputs[0]);
    const windows = windowsOf(place(layer), rowsOf(x));
    const { filters, groups, weights } = layer;
    const activate = activationLoop(layer.activation);
    const z = tensor([windows.length, filters]);
    const y = tensor([windows.length, filters]);
    const matrix = groups === 1 ? flatKernel(weights.kernel, 1) : null;
    windows.forEach((places, at) => {
      const sum = row(z, at) as Float64Array;
      if (matrix) addVectorMatrix(sum, windowOf(x, places).data, matrix);
      else addGrouped(sum, x, places, weights.kernel, groups);
      if (weights.bias) for (let f = 0; f < filters; f++) sum[f] += weights.bias.data[f];
      const out = row(y, at) as Float64Array;
      out.set(sum);
      activate(out);
    });
    return { z, y };
  },

  returns: (layer, { y }) => [timeFirst(layer, y)],
  outputMask: dropsMask('Conv1D'),
};

function checkGroups(layer: Omit<Conv1dLayer, 'weights'>, features: number | null, input: Shape): void {
  if (layer.groups > 0 && (features === null || features % layer.groups === 0) && layer.filters % layer.groups === 0)
    return;
  throw new LabError({
    problem: 'The number of input channels, and of filters, must be evenly divisible by the number of groups.',
    received: `groups=${layer.groups}, filters=${layer.filters}, input ${batchShape(input)}`,
  });
}

/** What the window shows, timestep by timestep. */
function windowOf(x: Tensor, places: readonly number[]): Tensor {
  const width = widthOf(x);
  const out = tensor([places.length * width]);
  places.forEach((place, k) => {
    if (place >= 0) out.data.set(row(x, place), k * width);
  });
  return out;
}

/** The kernel [kernelSize, features / groups, filters] as a matrix [kernelSize · features, filters]. */
function flatKernel(kernel: Tensor, groups: number): Tensor {
  const [size, inside, filters] = kernel.shape;
  if (groups === 1) return tensor([size * inside, filters], kernel.data);
  const out = tensor([size * inside * groups, filters]);
  const each = filters / groups;
  for (let k = 0; k < size; k++) {
    for (let group = 0; group < groups; group++) {
      for (let c = 0; c < inside; c++) {
        const from = (k * inside + c) * filters + group * each;
        const to = ((k * groups + group) * inside + c) * filters + group * each;
        out.data.set(kernel.data.subarray(from, from + each), to);
      }
    }
  }
  return out;
}

function addGrouped(sum: Float64Array, x: Tensor, places: readonly number[], kernel: Tensor, groups: number): void {
  const [, inside, filters] = kernel.shape;
  const each = filters / groups;
  places.forEach((place, k) => {
    if (place < 0) return;
    const shown = row(x, place);
    for (let f = 0; f < filters; f++) {
      const first = Math.floor(f / each) * inside;
      for (let c = 0; c < inside; c++) sum[f] += shown[first + c] * kernel.data[(k * inside + c) * filters + f];
    }
  });
}
