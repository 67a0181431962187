import { activate, open } from './activations';
import { before, Part, projectedRow, rowOf, wholeRow } from './part';
import { vectorProduct } from './products';
import { bytesOf } from './rows';

/** A step of an LSTM. Its quantities are z_i z_f z_g z_o i f g o c tanh_c h. */
export function lstmStep(part: Part, t: i32): void {
  const units = part.units;
  const stride = part.stride;
  const sums = part.sums;
  const old = before(part, t);
  const now = old + rowOf(part);
  const own = bytesOf(units);
  vectorProduct(sums, projectedRow(part, t), wholeRow(part, 10, t), part.all, part.recurrent, part.panels);
  open(part.gate, sums, now, now + 4 * stride, units);
  open(part.gate, sums + own, now + stride, now + 5 * stride, units);
  open(part.candidate, sums + 2 * own, now + 2 * stride, now + 6 * stride, units);
  open(part.gate, sums + 3 * own, now + 3 * stride, now + 7 * stride, units);
  const cell = now + 8 * stride;
  for (let at: usize = 0; at < own; at += 16) {
    const kept = f32x4.mul(v128.load(now + 5 * stride + at), v128.load(old + 8 * stride + at));
    const written = f32x4.mul(v128.load(now + 4 * stride + at), v128.load(now + 6 * stride + at));
    v128.store(cell + at, f32x4.add(kept, written));
  }
  activate(part.output, cell, now + 9 * stride, units);
  for (let at: usize = 0; at < own; at += 16) {
    const shown = f32x4.mul(v128.load(now + 7 * stride + at), v128.load(now + 9 * stride + at));
    v128.store(now + 10 * stride + at, shown);
  }
}
