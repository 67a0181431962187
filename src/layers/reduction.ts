/*
 * Reductions: of all numbers along some axes one is left, their sum, mean, largest or smallest, or at which place that is. x [n] are the numbers of one
 * such group.
 *
 *   Sum  y = Σx     Mean  y = Σx / n     Max  y = max x     Min  y = min x     Argmax, Argmin  y = the first place of it, from 0
 *
 * Masks are not looked at, and end here. Source: keras/src/ops/numpy.py (sum, mean, max, min, argmax, argmin).
 */
import { LabError } from '../math/lab-error.ts';
import { row, rowsOf, shapeText, tensor, widthOf } from '../math/tensor.ts';
import { axisIndex } from './axes.ts';
import { groupsOf } from './grouped.ts';
import type { LayerKind, ReductionLayer, Shape } from './layer.ts';

const forms = {
  sum: { className: 'Sum', meaning: 'the sum', expression: 'y = sum(x)' },
  mean: { className: 'Mean', meaning: 'the mean', expression: 'y = sum(x) / n' },
  max: { className: 'Max', meaning: 'the largest', expression: 'y = max(x)' },
  min: { className: 'Min', meaning: 'the smallest', expression: 'y = min(x)' },
  argmax: { className: 'Argmax', meaning: 'the place of the largest', expression: 'y = argmax(x)' },
  argmin: { className: 'Argmin', meaning: 'the place of the smallest', expression: 'y = argmin(x)' },
};

function reducedShape({ axis, keepdims }: Pick<ReductionLayer, 'axis' | 'keepdims'>, input: Shape): Shape {
  const gone = axis.map((one) => axisIndex(one, input));
  if (gone.length === 0 || new Set(gone).size < gone.length)
    throw new LabError({
      path: 'axis',
      problem: 'axes other than the batch are wanted, each once.',
      received: shapeText(axis),
    });
  return input.flatMap((length, at) => (gone.includes(at) ? (keepdims ? [1] : []) : [length]));
}

/** The first place, from 0, of the largest number, or with `sign` −1 of the smallest. */
export function placeOfLargest(x: ArrayLike<number>, sign: 1 | -1): number {
  let place = 0;
  for (let at = 1; at < x.length; at++) if (sign * x[at] > sign * x[place]) place = at;
  return place;
}

function reduced(operation: ReductionLayer['operation'], x: ArrayLike<number>): number {
  if (operation === 'argmax' || operation === 'argmin') return placeOfLargest(x, operation === 'argmax' ? 1 : -1);
  let sum = 0;
  let largest = Number.NEGATIVE_INFINITY;
  let smallest = Number.POSITIVE_INFINITY;
  for (let at = 0; at < x.length; at++) {
    sum += x[at];
    largest = Math.max(largest, x[at]);
    smallest = Math.min(smallest, x[at]);
  }
  return { sum, mean: sum / x.length, max: largest, min: smallest }[operation];
}

export const reduction: LayerKind<ReductionLayer> = {
  className: ({ operation }) => forms[operation].className,
  equations: ({ operation }) => [
    { symbol: 'y', meaning: `${forms[operation].meaning} along the axes`, expression: forms[operation].expression },
  ],
  constants: () => ({}),
  weightShapes: () => ({}),
  outputShapes: (layer, input) => [reducedShape(layer, input)],

  rows(layer, { inputs: [x] }) {
    const groups = groupsOf(x, layer.axis);
    const n = widthOf(groups);
    return { count: rowsOf(groups), bindings: (at) => ({ x: tensor([n], row(groups, at)), n }) };
  },

  forward(layer, _, { inputs: [x] }) {
    const groups = groupsOf(x, layer.axis);
    const y = tensor([rowsOf(groups), 1]);
    for (let at = 0; at < y.data.length; at++) y.data[at] = reduced(layer.operation, row(groups, at));
    return { y };
  },

  returns: (layer, { y }, { inputs: [x] }) => [tensor(reducedShape(layer, x.shape) as number[], y.data)],
  outputMask: () => null,
};
