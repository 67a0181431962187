import { permuted } from '../math/axes.ts';
import { sizeOf, type Tensor, tensor } from '../math/tensor.ts';

/**
 * The axes of an output as its file has them, each the axes that it is made of: the samples, or an axis of the lab's tensor, counted from 0.
 * [['batch', 0], [1]] is [samples · timesteps, features]. Without 'batch' the file works on one sample.
 */
export type OutputAxes = readonly (readonly ('batch' | number)[])[];

/** An output [samples, …] in the axes of its file. Where those have no samples and there are several, they stay before the others. */
export function inFileAxes(t: Tensor, axes: OutputAxes): Tensor {
  const own = (axis: 'batch' | number) => (axis === 'batch' ? 0 : axis + 1);
  const groups = axes.map((group) => group.map(own));
  const hasSamples = groups.flat().includes(0);
  const all = hasSamples || t.shape[0] === 1 ? groups : [[0], ...groups];
  const { data } = permuted(t, hasSamples ? all.flat() : [0, ...groups.flat()]);
  return tensor(
    all.map((group) => sizeOf(group.map((axis) => t.shape[axis]))),
    data,
  );
}
