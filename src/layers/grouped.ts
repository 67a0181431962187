import { axesLast, inverse, permuted } from '../math/axes.ts';
import { sizeOf, type Tensor, tensor } from '../math/tensor.ts';
import { axisIndex } from './axes.ts';

/*
 * Layers that compute something of all numbers along some axes: these axes are moved behind the others, so that each row is one such group, and
 * the result is moved back.
 */

/** x as rows [groups, numbers of a group], each running over `axes` (counted as Keras does). */
export function groupsOf(x: Tensor, axes: readonly number[]): Tensor {
  const last = axes.map((axis) => axisIndex(axis, x.shape));
  const length = sizeOf(last.map((axis) => x.shape[axis]));
  return tensor([x.data.length / length, length], permuted(x, axesLast(x.shape.length, last)).data);
}

/** Such rows in the place and shape of x. */
export function ungrouped(rows: Tensor, axes: readonly number[], x: Tensor): Tensor {
  const order = axesLast(
    x.shape.length,
    axes.map((axis) => axisIndex(axis, x.shape)),
  );
  const moved = tensor(
    order.map((axis) => x.shape[axis]),
    rows.data,
  );
  return permuted(moved, inverse(order));
}
