import { activate, LINEAR } from './activations';
import { before, Part, projectedRow, rowOf, wholeRow } from './part';
import { vectorProduct } from './products';
import { add, bytesOf } from './rows';

/** h = z ⊙ h₋₁ + (1 − z) ⊙ g */
function mix(h: usize, z: usize, old: usize, g: usize, units: i32): void {
  for (let at: usize = 0; at < bytesOf(units); at += 16) {
    const kept = v128.load(z + at);
    const carried = f32x4.mul(kept, v128.load(old + at));
    v128.store(h + at, f32x4.add(carried, f32x4.mul(f32x4.sub(f32x4.splat(1), kept), v128.load(g + at))));
  }
}

/** A step of a GRU whose reset gate acts after the matrix product: z_z z_r z r rec_g z_g g h. */
export function gruStep(part: Part, t: i32): void {
  const units = part.units;
  const stride = part.stride;
  const sums = part.sums;
  const old = before(part, t);
  const now = old + rowOf(part);
  const own = bytesOf(units);
  const seen = projectedRow(part, t);
  vectorProduct(sums, part.recurrentBias, wholeRow(part, 7, t), part.all, part.recurrent, part.recurrentPanels);
  add(now, seen, sums, units);
  add(now + stride, seen + own, sums + own, units);
  activate(part.gate, now, now + 2 * stride, units);
  activate(part.gate, now + stride, now + 3 * stride, units);
  for (let at: usize = 0; at < own; at += 16) {
    const rec = v128.load(sums + 2 * own + at);
    const reset = f32x4.mul(v128.load(now + 3 * stride + at), rec);
    v128.store(now + 4 * stride + at, rec);
    v128.store(now + 5 * stride + at, f32x4.add(v128.load(seen + 2 * own + at), reset));
  }
  activate(part.candidate, now + 5 * stride, now + 6 * stride, units);
  mix(now + 7 * stride, now + 2 * stride, old + 7 * stride, now + 6 * stride, units);
}

/** The other form: z_z z_r z r z_g g h. The first half of a step, to r ⊙ h₋₁ … */
export function gruGates(part: Part, t: i32): void {
  const units = part.units;
  const stride = part.stride;
  const sums = part.sums;
  const old = before(part, t);
  const now = old + rowOf(part);
  const own = bytesOf(units);
  vectorProduct(sums, projectedRow(part, t), wholeRow(part, 6, t), part.all, part.recurrent, part.recurrentPanels);
  activate(LINEAR, sums, now, units);
  activate(LINEAR, sums + own, now + stride, units);
  activate(part.gate, now, now + 2 * stride, units);
  activate(part.gate, now + stride, now + 3 * stride, units);
  const reset = part.reset + bytesOf(part.first);
  for (let at: usize = 0; at < own; at += 16) {
    v128.store(reset + at, f32x4.mul(v128.load(now + 3 * stride + at), v128.load(old + 6 * stride + at)));
  }
}

/** … and the second, which needs r ⊙ h₋₁ of all units. */
export function gruCandidate(part: Part, t: i32): void {
  const units = part.units;
  const stride = part.stride;
  const sums = part.sums;
  const old = before(part, t);
  const now = old + rowOf(part);
  const seen = projectedRow(part, t) + 2 * bytesOf(units);
  vectorProduct(sums, seen, part.reset, part.all, part.candidateWeights, part.candidatePanels);
  activate(LINEAR, sums, now + 4 * stride, units);
  activate(part.candidate, now + 4 * stride, now + 5 * stride, units);
  mix(now + 6 * stride, now + 2 * stride, old + 6 * stride, now + 5 * stride, units);
}
