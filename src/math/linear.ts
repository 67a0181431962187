import { type Tensor, widthOf } from './tensor.ts';

/** `out += vector · matrix`. vector [n], matrix [n, m], out [m]. */
export function addVectorMatrix(out: Float64Array, vector: ArrayLike<number>, matrix: Tensor): void {
  const width = widthOf(matrix);
  const { data } = matrix;
  for (let r = 0, at = 0; r < vector.length; r++) {
    const factor = vector[r];
    for (let c = 0; c < width; c++) out[c] += factor * data[at++];
  }
}

/** Euclidean length of a vector, the ‖h‖ of the timeline. */
export function norm(vector: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < vector.length; at++) sum += vector[at] * vector[at];
  return Math.sqrt(sum);
}
