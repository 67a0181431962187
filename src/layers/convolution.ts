/*
 * What all convolutions have in common: windows that slide over places (timesteps, pixels), each seen as one vector, through one matrix.
 *
 *   z = x W + b        x [places of the window · features], one after the other; zeros where the window reaches beyond the input
 *   y = φ(z)
 *
 * With groups each part of the filters sees its own part of the features: W is 0 elsewhere.
 * Source: keras/src/layers/convolutional/base_conv.py.
 */
import { type ActivationRef, activationCall, activationLoop } from '../math/activations.ts';
import { LabError } from '../math/lab-error.ts';
import { addVectorMatrix } from '../math/linear.ts';
import { row, type Tensor, tensor, widthOf } from '../math/tensor.ts';
import { batchShape } from './axes.ts';
import type { Equation, Quantities, Shape } from './layer.ts';

interface Filters {
  readonly filters: number;
  readonly groups: number;
  readonly activation: ActivationRef;
}

export function convolutionEquations(layer: {
  readonly useBias: boolean;
  readonly activation: ActivationRef;
}): Equation[] {
  return [
    { symbol: 'z', meaning: 'weighted sum of the window', expression: `z = x * W${layer.useBias ? ' + b' : ''}` },
    { symbol: 'y', meaning: 'output', expression: `y = ${activationCall(layer.activation, 'z')}` },
  ];
}

/** Every window of x [places, features], as lists of places (−1: nothing there), through kernel [places of a window, features / groups, filters]. */
export function convolve(
  { filters, groups, activation }: Filters,
  x: Tensor,
  windows: readonly (readonly number[])[],
  kernel: Tensor,
  bias: Tensor | undefined,
): Quantities {
  const activate = activationLoop(activation);
  const z = tensor([windows.length, filters]);
  const y = tensor([windows.length, filters]);
  const matrix = groups === 1 ? flatKernel(kernel, 1) : null;
  windows.forEach((places, at) => {
    const sum = row(z, at) as Float64Array;
    if (matrix) addVectorMatrix(sum, windowOf(x, places).data, matrix);
    else addGrouped(sum, x, places, kernel, groups);
    if (bias) for (let f = 0; f < filters; f++) sum[f] += bias.data[f];
    const out = row(y, at) as Float64Array;
    out.set(sum);
    activate(out);
  });
  return { z, y };
}

export function checkGroups(
  { groups, filters }: Pick<Filters, 'groups' | 'filters'>,
  features: number | null,
  input: Shape,
): void {
  if (groups > 0 && (features === null || features % groups === 0) && filters % groups === 0) return;
  throw new LabError({
    problem: 'The number of input channels, and of filters, must be evenly divisible by the number of groups.',
    received: `groups=${groups}, filters=${filters}, input ${batchShape(input)}`,
  });
}

/** What the window shows, place by place. */
export function windowOf(x: Tensor, places: readonly number[]): Tensor {
  const width = widthOf(x);
  const out = tensor([places.length * width]);
  places.forEach((place, k) => {
    if (place >= 0) out.data.set(row(x, place), k * width);
  });
  return out;
}

/** The kernel [places, features / groups, filters] as a matrix [places · features, filters]. */
export function flatKernel(kernel: Tensor, groups: number): Tensor {
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
