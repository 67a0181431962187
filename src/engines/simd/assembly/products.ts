/*
 * Matrix products in float32. Weights [depth, columns] are packed in panels of 16 columns, zeros behind the last one:
 * [panels][depth][16], so that a product reads them from front to back. A panel is 16 · depth numbers.
 */

/** Columns of a panel, and the bytes of one row of it. */
const ROW: usize = 64;

// @ts-ignore: decorator
@inline
function product(sum: v128, factor: v128, at: usize): v128 {
  return f32x4.add(sum, f32x4.mul(factor, v128.load(at)));
}

/**
 * out = start + x · weights for one vector x [depth]; start and out [16 · panels], or start is 0 and counts as zeros.
 * Two sums for each column, so that an addition need not wait for the one before it.
 */
export function vectorProduct(out: usize, start: usize, x: usize, depth: i32, weights: usize, panels: i32): void {
  const pairsEnd = x + ((<usize>(depth & ~1)) << 2);
  for (let panel = 0; panel < panels; panel++) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    if (start) {
      a0 = v128.load(start);
      a1 = v128.load(start, 16);
      a2 = v128.load(start, 32);
      a3 = v128.load(start, 48);
      start += ROW;
    }
    let at = x;
    for (; at < pairsEnd; at += 8) {
      const even = v128.load32_splat(at);
      const odd = v128.load32_splat(at, 4);
      a0 = product(a0, even, weights);
      a1 = product(a1, even, weights + 16);
      a2 = product(a2, even, weights + 32);
      a3 = product(a3, even, weights + 48);
      b0 = product(b0, odd, weights + 64);
      b1 = product(b1, odd, weights + 80);
      b2 = product(b2, odd, weights + 96);
      b3 = product(b3, odd, weights + 112);
      weights += 2 * ROW;
    }
    if (depth & 1) {
      const last = v128.load32_splat(at);
      a0 = product(a0, last, weights);
      a1 = product(a1, last, weights + 16);
      a2 = product(a2, last, weights + 32);
      a3 = product(a3, last, weights + 48);
      weights += ROW;
    }
    v128.store(out, f32x4.add(a0, b0));
    v128.store(out, f32x4.add(a1, b1), 16);
    v128.store(out, f32x4.add(a2, b2), 32);
    v128.store(out, f32x4.add(a3, b3), 48);
    out += ROW;
  }
}

/** Four rows of x times eight columns of a panel: the eight sums stay in registers. */
function block(out: usize, outRow: usize, start: usize, x: usize, xRow: usize, depth: i32, weights: usize): void {
  let l0 = f32x4.splat(0);
  let r0 = l0;
  if (start) {
    l0 = v128.load(start);
    r0 = v128.load(start, 16);
  }
  let l1 = l0;
  let l2 = l0;
  let l3 = l0;
  let r1 = r0;
  let r2 = r0;
  let r3 = r0;
  const x1 = x + xRow;
  const x2 = x1 + xRow;
  const x3 = x2 + xRow;
  const bytes = (<usize>depth) << 2;
  for (let k: usize = 0; k < bytes; k += 4) {
    const left = v128.load(weights);
    const right = v128.load(weights, 16);
    weights += ROW;
    let factor = v128.load32_splat(x + k);
    l0 = f32x4.add(l0, f32x4.mul(factor, left));
    r0 = f32x4.add(r0, f32x4.mul(factor, right));
    factor = v128.load32_splat(x1 + k);
    l1 = f32x4.add(l1, f32x4.mul(factor, left));
    r1 = f32x4.add(r1, f32x4.mul(factor, right));
    factor = v128.load32_splat(x2 + k);
    l2 = f32x4.add(l2, f32x4.mul(factor, left));
    r2 = f32x4.add(r2, f32x4.mul(factor, right));
    factor = v128.load32_splat(x3 + k);
    l3 = f32x4.add(l3, f32x4.mul(factor, left));
    r3 = f32x4.add(r3, f32x4.mul(factor, right));
  }
  v128.store(out, l0);
  v128.store(out, r0, 16);
  out += outRow;
  v128.store(out, l1);
  v128.store(out, r1, 16);
  out += outRow;
  v128.store(out, l2);
  v128.store(out, r2, 16);
  out += outRow;
  v128.store(out, l3);
  v128.store(out, r3, 16);
}

/**
 * out = bias + x · weights for `rows` rows of x, `xRow` bytes apart (windows of a convolution overlap); bias is 0 or [16 · panels], out [rows, 16 · panels].
 */
export function products(
  out: usize,
  bias: usize,
  x: usize,
  xRow: usize,
  rows: i32,
  depth: i32,
  weights: usize,
  panels: i32,
): void {
  const outRow = (<usize>panels) << 6;
  const panelBytes = (<usize>depth) << 6;
  const blocks = rows & ~3;
  // One panel meets all rows before the next, so that it stays in the first cache.
  for (let panel = 0; panel < panels; panel++) {
    const panelWeights = weights + <usize>panel * panelBytes;
    const offset = (<usize>panel) << 6;
    const start = bias ? bias + offset : 0;
    for (let row = 0; row < blocks; row += 4) {
      const from = x + <usize>row * xRow;
      const to = out + <usize>row * outRow + offset;
      block(to, outRow, start, from, xRow, depth, panelWeights);
      block(to + 32, outRow, bias ? start + 32 : 0, from, xRow, depth, panelWeights + 32);
    }
  }
  for (let row = blocks; row < rows; row++) {
    vectorProduct(out + <usize>row * outRow, bias, x + <usize>row * xRow, depth, weights, panels);
  }
}
