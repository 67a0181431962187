import { open } from './activations';
import { before, Part, projectedRow, rowOf, wholeRow } from './part';
import { vectorProduct } from './products';

/** A step of a SimpleRNN: z_h h. */
export function simpleRnnStep(part: Part, t: i32): void {
  const now = before(part, t) + rowOf(part);
  vectorProduct(part.sums, projectedRow(part, t), wholeRow(part, 1, t), part.all, part.recurrent, part.panels);
  open(part.candidate, part.sums, now, now + part.stride, part.units);
}
