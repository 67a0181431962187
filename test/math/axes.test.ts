import { describe, expect, it } from 'vitest';
import { axesLast, broadcast, concatenated, inverse, permuted, taken } from '../../src/math/axes.ts';
import { fromNested, toNested } from '../../src/math/tensor.ts';

const t = fromNested([
  [1, 2, 3],
  [4, 5, 6],
]);

describe('numbers moved along axes', () => {
  it('are transposed, and come back', () => {
    expect(toNested(permuted(t, [1, 0]))).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    const cube = fromNested([[[1, 2]], [[3, 4]], [[5, 6]]]);
    const order = [2, 0, 1];
    expect(permuted(cube, order).shape).toEqual([2, 3, 1]);
    expect(toNested(permuted(permuted(cube, order), inverse(order)))).toEqual(toNested(cube));
    expect(axesLast(4, [1, 0])).toEqual([2, 3, 1, 0]);
  });

  it('are repeated where an axis is 1 or missing', () => {
    expect(toNested(broadcast(fromNested([7, 8, 9]), [2, 3]))).toEqual([
      [7, 8, 9],
      [7, 8, 9],
    ]);
    expect(toNested(broadcast(fromNested([[7], [8]]), [2, 3]))).toEqual([
      [7, 7, 7],
      [8, 8, 8],
    ]);
    expect(toNested(broadcast(fromNested(5), [2, 1]))).toEqual([[5], [5]]);
  });

  it('are joined and taken apart', () => {
    expect(toNested(concatenated([t, fromNested([[7], [8]])], 1))).toEqual([
      [1, 2, 3, 7],
      [4, 5, 6, 8],
    ]);
    expect(toNested(concatenated([t, t], 0))).toHaveLength(4);
    expect(toNested(taken(t, 1, [2, -1, 0]))).toEqual([
      [3, 0, 1],
      [6, 0, 4],
    ]);
  });
});
