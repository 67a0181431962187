import { activate, LINEAR } from './activations';
import { vectorProduct } from './products';
import { add, bytesOf, carry, skip } from './rows';

/** h = z ⊙ h₋₁ + (1 − z) ⊙ g */
function mix(h: usize, z: usize, before: usize, g: usize, units: i32): void {
  for (let at: usize = 0; at < bytesOf(units); at += 16) {
    const kept = v128.load(z + at);
    const old = f32x4.mul(kept, v128.load(before + at));
    v128.store(h + at, f32x4.add(old, f32x4.mul(f32x4.sub(f32x4.splat(1), kept), v128.load(g + at))));
  }
}

/**
 * Steps of a GRU whose reset gate acts after the matrix product. Quantities z_z z_r z r rec_g z_g g h as an LSTM's; projected: x · W + b, columns z | r | g;
 * bias: the recurrent bias [16 · panels], or 0.
 */
export function gruResetAfter(
  quantities: usize,
  stride: usize,
  steps: i32,
  units: i32,
  projected: usize,
  recurrent: usize,
  panels: i32,
  bias: usize,
  mask: usize,
  sums: usize,
  gate: i32,
  candidate: i32,
): void {
  const row = bytesOf(units);
  for (let t = 0; t < steps; t++) {
    const before = quantities + <usize>t * row;
    const now = before + row;
    if (mask && !load<u8>(mask + t)) {
      skip(now, stride, 8, units);
      carry(before + 7 * stride, units);
      continue;
    }
    const seen = projected + ((<usize>(t * panels)) << 6);
    vectorProduct(sums, bias, before + 7 * stride, units, recurrent, panels);
    add(now, seen, sums, units);
    add(now + stride, seen + row, sums + row, units);
    activate(gate, now, now + 2 * stride, units);
    activate(gate, now + stride, now + 3 * stride, units);
    for (let at: usize = 0; at < row; at += 16) {
      const rec = v128.load(sums + 2 * row + at);
      const reset = f32x4.mul(v128.load(now + 3 * stride + at), rec);
      v128.store(now + 4 * stride + at, rec);
      v128.store(now + 5 * stride + at, f32x4.add(v128.load(seen + 2 * row + at), reset));
    }
    activate(candidate, now + 5 * stride, now + 6 * stride, units);
    mix(now + 7 * stride, now + 2 * stride, before + 7 * stride, now + 6 * stride, units);
  }
}

/** The other form: z_z z_r z r z_g g h. The recurrent weights of z | r and those of g are packed by themselves; reset: room for r ⊙ h₋₁. */
export function gruResetBefore(
  quantities: usize,
  stride: usize,
  steps: i32,
  units: i32,
  projected: usize,
  panels: i32,
  gateWeights: usize,
  gatePanels: i32,
  candidateWeights: usize,
  candidatePanels: i32,
  mask: usize,
  sums: usize,
  reset: usize,
  gate: i32,
  candidate: i32,
): void {
  const row = bytesOf(units);
  for (let t = 0; t < steps; t++) {
    const before = quantities + <usize>t * row;
    const now = before + row;
    if (mask && !load<u8>(mask + t)) {
      skip(now, stride, 7, units);
      carry(before + 6 * stride, units);
      continue;
    }
    const seen = projected + ((<usize>(t * panels)) << 6);
    vectorProduct(sums, seen, before + 6 * stride, units, gateWeights, gatePanels);
    activate(LINEAR, sums, now, units);
    activate(LINEAR, sums + row, now + stride, units);
    activate(gate, now, now + 2 * stride, units);
    activate(gate, now + stride, now + 3 * stride, units);
    for (let at: usize = 0; at < row; at += 16) {
      v128.store(reset + at, f32x4.mul(v128.load(now + 3 * stride + at), v128.load(before + 6 * stride + at)));
    }
    vectorProduct(sums, seen + 2 * row, reset, units, candidateWeights, candidatePanels);
    activate(LINEAR, sums, now + 4 * stride, units);
    activate(candidate, now + 4 * stride, now + 5 * stride, units);
    mix(now + 6 * stride, now + 2 * stride, before + 6 * stride, now + 5 * stride, units);
  }
}
