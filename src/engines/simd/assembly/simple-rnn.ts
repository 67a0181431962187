import { open } from './activations';
import { vectorProduct } from './products';
import { bytesOf, carry, skip } from './rows';

/** Steps of a SimpleRNN: z_h h, laid out as an LSTM's quantities. */
export function simpleRnn(
  quantities: usize,
  stride: usize,
  steps: i32,
  units: i32,
  projected: usize,
  recurrent: usize,
  panels: i32,
  mask: usize,
  sums: usize,
  activation: i32,
): void {
  const row = bytesOf(units);
  for (let t = 0; t < steps; t++) {
    const before = quantities + <usize>t * row;
    const now = before + row;
    if (mask && !load<u8>(mask + t)) {
      skip(now, stride, 2, units);
      carry(before + stride, units);
      continue;
    }
    vectorProduct(sums, projected + ((<usize>(t * panels)) << 6), before + stride, units, recurrent, panels);
    open(activation, sums, now, now + stride, units);
  }
}
