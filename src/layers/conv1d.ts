/*
 * Conv1D: a window slides along time, and each place is a Dense layer over what the window shows (convolution.ts).
 *
 * padding: valid (inside only), same (as many places as timesteps / strides), causal (the window ends at its timestep). dilation_rate leaves out
 * timesteps between those it sees. Source: keras/src/layers/convolutional/conv1d.py.
 */
import { rowsOf } from '../math/tensor.ts';
import { dropsMask, wantAxes } from './axes.ts';
import { checkGroups, convolutionEquations, convolve, flatKernel, windowOf } from './convolution.ts';
import type { Conv1dLayer, LayerKind } from './layer.ts';
import { formatted, timeFirst } from './pooling.ts';
import { windowCount, windowsOf } from './windows.ts';

const place = (layer: Omit<Conv1dLayer, 'weights'>) => ({ ...layer, size: layer.kernelSize });

export const conv1d: LayerKind<Conv1dLayer> = {
  className: () => 'Conv1D',
  equations: convolutionEquations,

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

  rows(layer, { inputs, piece }) {
    const x = timeFirst(layer, inputs[0]);
    const windows = windowsOf(place(layer), rowsOf(x), piece);
    return { count: windows.length, bindings: (at) => ({ x: windowOf(x, windows[at]) }) };
  },

  forward(layer, _, { inputs, piece }) {
    const x = timeFirst(layer, inputs[0]);
    const { kernel, bias } = layer.weights;
    return convolve(layer, x, windowsOf(place(layer), rowsOf(x), piece), kernel, bias);
  },

  returns: (layer, { y }) => [timeFirst(layer, y)],
  outputMask: dropsMask('Conv1D'),
};
