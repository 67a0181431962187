/*
 * Other convolutions along time.
 *
 *   DepthwiseConv1D   z = x D + b             every feature has kernels of its own, `depthMultiplier` of them: D is 0 elsewhere
 *   SeparableConv1D   d = x D, z = d P + b    the same, then a Dense layer P over what they give
 *   Conv1DTranspose   z = x W + b             x [kernelSize · features] are the timesteps that reach this place when each is spread over kernelSize
 *                                             places, strides apart; W is the kernel, turned [kernelSize · features, filters]
 *
 * and y = φ(z). Sources: keras/src/layers/convolutional/base_depthwise_conv.py, base_separable_conv.py, base_conv_transpose.py,
 * keras/src/backend/common/backend_utils.py.
 */
import { activationCall, activationLoop } from '../math/activations.ts';
import { permuted } from '../math/axes.ts';
import { LabError } from '../math/lab-error.ts';
import { addVectorMatrix } from '../math/linear.ts';
import { row, rowsOf, type Tensor, tensor } from '../math/tensor.ts';
import { dropsMask, wantAxes } from './axes.ts';
import { convolutionEquations, convolve, flatKernel, windowOf } from './convolution.ts';
import type { Conv1dTransposeLayer, DepthwiseConv1dLayer, LayerKind } from './layer.ts';
import { formatted, timeFirst } from './pooling.ts';
import { windowCount, windowsOf } from './windows.ts';

const place = (layer: Omit<DepthwiseConv1dLayer, 'weights'>) => ({ ...layer, size: layer.kernelSize });
const depthwiseName = ({ filters }: Pick<DepthwiseConv1dLayer, 'filters'>) =>
  filters === null ? 'DepthwiseConv1D' : 'SeparableConv1D';

/** The kernels [kernelSize, features, depthMultiplier] as a matrix [kernelSize · features, features · depthMultiplier]. */
function depthwiseMatrix({ shape: [size, features, multiplier], data }: Tensor): Tensor {
  return flatKernel(tensor([size, 1, features * multiplier], data), features);
}

export const depthwiseConv1d: LayerKind<DepthwiseConv1dLayer> = {
  className: depthwiseName,

  equations(layer) {
    const bias = layer.useBias ? ' + b' : '';
    const output = { symbol: 'y', meaning: 'output', expression: `y = ${activationCall(layer.activation, 'z')}` };
    if (layer.filters === null)
      return [
        { symbol: 'z', meaning: 'each feature’s weighted sums of the window', expression: `z = x * D${bias}` },
        output,
      ];
    return [
      { symbol: 'd', meaning: 'each feature’s weighted sums of the window', expression: 'd = x * D' },
      { symbol: 'z', meaning: 'weighted sums of those', expression: `z = d * P${bias}` },
      output,
    ];
  },

  constants: ({ weights }) => ({
    D: depthwiseMatrix(weights.depthwiseKernel),
    ...(weights.pointwiseKernel && { P: flatKernel(weights.pointwiseKernel, 1) }),
    ...(weights.bias && { b: weights.bias }),
  }),

  weightShapes(layer, input) {
    const [, features] = formatted(layer, input);
    const between = features === null ? null : features * layer.depthMultiplier;
    return {
      depthwise_kernel: [layer.kernelSize, features, layer.depthMultiplier],
      ...(layer.filters !== null && { pointwise_kernel: [1, between, layer.filters] }),
      ...(layer.useBias && { bias: [layer.filters ?? between] }),
    };
  },

  outputShapes(layer, input) {
    wantAxes(depthwiseName(layer), input, 2, '(timesteps, features)');
    const [timesteps, features] = formatted(layer, input);
    const channels = layer.filters ?? (features === null ? null : features * layer.depthMultiplier);
    return [formatted(layer, [windowCount(depthwiseName(layer), place(layer), timesteps), channels])];
  },

  rows(layer, { inputs, piece }) {
    const x = timeFirst(layer, inputs[0]);
    const windows = windowsOf(place(layer), rowsOf(x), piece);
    return { count: windows.length, bindings: (at) => ({ x: windowOf(x, windows[at]) }) };
  },

  forward(layer, _, { inputs, piece }) {
    const x = timeFirst(layer, inputs[0]);
    const { depthwiseKernel, pointwiseKernel, bias } = layer.weights;
    const [size, features, multiplier] = depthwiseKernel.shape;
    const kernel = tensor([size, 1, features * multiplier], depthwiseKernel.data);
    const windows = windowsOf(place(layer), rowsOf(x), piece);
    const depthwise = { filters: features * multiplier, groups: features, activation: 'linear' as const };
    if (pointwiseKernel === undefined)
      return convolve({ ...depthwise, activation: layer.activation }, x, windows, kernel, bias);
    const { z: d } = convolve(depthwise, x, windows, kernel, undefined);
    const z = tensor([windows.length, layer.filters as number]);
    const y = tensor(z.shape);
    const matrix = flatKernel(pointwiseKernel, 1);
    const activate = activationLoop(layer.activation);
    for (let at = 0; at < windows.length; at++) {
      const sum = row(z, at) as Float64Array;
      addVectorMatrix(sum, row(d, at), matrix);
      if (bias) for (let f = 0; f < sum.length; f++) sum[f] += bias.data[f];
      const out = row(y, at) as Float64Array;
      out.set(sum);
      activate(out);
    }
    return { d, z, y };
  },

  returns: (layer, { y }) => [timeFirst(layer, y)],
  outputMask: (layer, context, keras) => dropsMask(depthwiseName(layer))(layer, context, keras),
};

/**
 * How long the result is, and how many places of it lie before the first timestep's window: those that Conv1D with this padding would add there, were
 * the result its input. Source: keras/src/backend/common/backend_utils.py, compute_conv_transpose_output_shape.
 */
function spread(
  { kernelSize, strides, padding, dilationRate, outputPadding }: Omit<Conv1dTransposeLayer, 'weights'>,
  timesteps: number,
): { length: number; before: number } {
  const reach = (kernelSize - 1) * dilationRate + 1;
  const whole = (timesteps - 1) * strides + reach;
  if (padding === 'valid') return { length: whole + (outputPadding ?? Math.max(strides - reach, 0)), before: 0 };
  const length = outputPadding === null ? timesteps * strides : whole - reach + (reach % 2) + outputPadding;
  return { length, before: Math.floor(Math.max(whole - length, 0) / 2) };
}

/** For each place of the result the timesteps that reach it, by place of the kernel; −1: none. */
function reaching(layer: Omit<Conv1dTransposeLayer, 'weights'>, timesteps: number): number[][] {
  const { length, before } = spread(layer, timesteps);
  return Array.from({ length }, (_, at) =>
    Array.from({ length: layer.kernelSize }, (_, k) => {
      const from = (at + before - k * layer.dilationRate) / layer.strides;
      return Number.isInteger(from) && from >= 0 && from < timesteps ? from : -1;
    }),
  );
}

/** Keras has [kernelSize, filters, features]; here features come before filters. */
const turned = (kernel: Tensor): Tensor => permuted(kernel, [0, 2, 1]);

export const conv1dTranspose: LayerKind<Conv1dTransposeLayer> = {
  className: () => 'Conv1DTranspose',
  equations: convolutionEquations,
  constants: ({ weights }) => ({ W: flatKernel(turned(weights.kernel), 1), ...(weights.bias && { b: weights.bias }) }),
  weightShapes: (layer, input) => ({
    kernel: [layer.kernelSize, layer.filters, formatted(layer, input)[1]],
    ...(layer.useBias && { bias: [layer.filters] }),
  }),

  outputShapes(layer, input) {
    wantAxes('Conv1DTranspose', input, 2, '(timesteps, features)');
    const [timesteps] = formatted(layer, input);
    const length = timesteps === null ? null : spread(layer, timesteps).length;
    if (length !== null && length <= 0)
      throw new LabError({
        problem: 'Conv1DTranspose would make nothing of so short an input.',
        received: `${timesteps}`,
      });
    return [formatted(layer, [length, layer.filters])];
  },

  rows(layer, { inputs }) {
    const x = timeFirst(layer, inputs[0]);
    const windows = reaching(layer, rowsOf(x));
    return { count: windows.length, bindings: (at) => ({ x: windowOf(x, windows[at]) }) };
  },

  forward(layer, _, { inputs }) {
    const x = timeFirst(layer, inputs[0]);
    const { kernel, bias } = layer.weights;
    return convolve({ ...layer, groups: 1 }, x, reaching(layer, rowsOf(x)), turned(kernel), bias);
  },

  returns: (layer, { y }) => [timeFirst(layer, y)],
  outputMask: dropsMask('Conv1DTranspose'),
};
