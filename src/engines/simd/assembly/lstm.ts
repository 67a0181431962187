import { activate, open } from './activations';
import { vectorProduct } from './products';
import { bytesOf, carry, skip } from './rows';

/**
 * Steps of an LSTM. Its quantities z_i z_f z_g z_o i f g o c tanh_c h stand `stride` bytes apart, [1 + steps, units] each; row 0 of c and h is the
 * state before the first step. projected: x · W + b, [steps, 16 · panels], columns i | f | g | o; mask: 0 or a byte for each step; sums: room for 16 · panels.
 */
export function lstm(
  quantities: usize,
  stride: usize,
  steps: i32,
  units: i32,
  projected: usize,
  recurrent: usize,
  panels: i32,
  mask: usize,
  sums: usize,
  gate: i32,
  candidate: i32,
  output: i32,
): void {
  const row = bytesOf(units);
  for (let t = 0; t < steps; t++) {
    const before = quantities + <usize>t * row;
    const now = before + row;
    if (mask && !load<u8>(mask + t)) {
      skip(now, stride, 11, units);
      carry(before + 8 * stride, units);
      carry(before + 10 * stride, units);
      continue;
    }
    vectorProduct(sums, projected + ((<usize>(t * panels)) << 6), before + 10 * stride, units, recurrent, panels);
    open(gate, sums, now, now + 4 * stride, units);
    open(gate, sums + row, now + stride, now + 5 * stride, units);
    open(candidate, sums + 2 * row, now + 2 * stride, now + 6 * stride, units);
    open(gate, sums + 3 * row, now + 3 * stride, now + 7 * stride, units);
    const cell = now + 8 * stride;
    for (let at: usize = 0; at < row; at += 16) {
      const kept = f32x4.mul(v128.load(now + 5 * stride + at), v128.load(before + 8 * stride + at));
      const written = f32x4.mul(v128.load(now + 4 * stride + at), v128.load(now + 6 * stride + at));
      v128.store(cell + at, f32x4.add(kept, written));
    }
    activate(output, cell, now + 9 * stride, units);
    for (let at: usize = 0; at < row; at += 16) {
      const shown = f32x4.mul(v128.load(now + 7 * stride + at), v128.load(now + 9 * stride + at));
      v128.store(now + 10 * stride + at, shown);
    }
  }
}
