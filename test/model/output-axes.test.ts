import { expect, it } from 'vitest';
import { tensor } from '../../src/math/tensor.ts';
import { inFileAxes } from '../../src/model/output-axes.ts';

const two = tensor([2, 3, 1], [1, 2, 3, 4, 5, 6]);

it.each([
  ['samples before timesteps', [['batch', 0], [1]], [6, 1], [1, 2, 3, 4, 5, 6]],
  ['timesteps before samples', [[0, 'batch'], [1]], [6, 1], [1, 4, 2, 5, 3, 6]],
  ['no samples, of which there are two', [[0], [1]], [2, 3, 1], [1, 2, 3, 4, 5, 6]],
] as const)('an output has the axes of its file: %s', (_, axes, shape, data) => {
  const found = inFileAxes(two, axes);
  expect([found.shape, Array.from(found.data)]).toEqual([shape, data]);
});

it('an output of a file that works on one sample has no axis of samples where there is one', () => {
  expect(inFileAxes(tensor([1, 3, 1]), [[0], [1]]).shape).toEqual([3, 1]);
});
