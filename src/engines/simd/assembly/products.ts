/*
 * Matrix products in float32. Weights [depth, columns] are packed in panels of 16 columns, zeros behind the last one:
 * [panels][depth][16], so that a product reads them from front to back. A panel is 16 · depth numbers.
 *
 * Every sum begins with its start and goes on in the order of depth, whichever function makes it. So a row of a product is the same bit for bit whatever
 * rows are computed with it, and so is a column whatever columns are packed with it: windows of a run and parts of a layer rely on that.
 */

/** Columns of a panel, and the bytes of one row of it. */
const ROW: usize = 64;

/** out = start + x · weights for one vector x [depth]; start and out [16 · panels], or start is 0 and counts as zeros. */
export function vectorProduct(out: usize, start: usize, x: usize, depth: i32, weights: usize, panels: i32): void {
  const panelBytes = (<usize>depth) << 6;
  const pairs = panels >> 1;
  twoPanels(out, start, x, depth, weights, pairs);
  if (depth & 1) {
    const last = v128.load32_splat(x + ((<usize>(depth - 1)) << 2));
    for (let panel = 0; panel < 2 * pairs; panel++) {
      addLast(out + ((<usize>panel) << 6), last, weights + <usize>(panel + 1) * panelBytes - ROW);
    }
  }
  if (panels & 1) {
    const offset = (<usize>(2 * pairs)) << 6;
    onePanel(out + offset, start ? start + offset : 0, x, depth, weights + <usize>(2 * pairs) * panelBytes);
  }
}

/**
 * Eight sums and two rows of weights at a time, as far as depth goes in twos: as fast as the processor loads. Offsets are written out, so that they
 * go into the instructions; and with the last row of an odd depth in this function, the compiler makes half as much of it.
 */
function twoPanels(out: usize, start: usize, x: usize, depth: i32, left: usize, pairs: i32): void {
  const end = x + ((<usize>(depth & ~1)) << 2);
  const panelBytes = (<usize>depth) << 6;
  for (let pair = 0; pair < pairs; pair++) {
    let s0 = start ? v128.load(start) : f32x4.splat(0);
    let s1 = start ? v128.load(start, 16) : f32x4.splat(0);
    let s2 = start ? v128.load(start, 32) : f32x4.splat(0);
    let s3 = start ? v128.load(start, 48) : f32x4.splat(0);
    let s4 = start ? v128.load(start, 64) : f32x4.splat(0);
    let s5 = start ? v128.load(start, 80) : f32x4.splat(0);
    let s6 = start ? v128.load(start, 96) : f32x4.splat(0);
    let s7 = start ? v128.load(start, 112) : f32x4.splat(0);
    if (start) start += 2 * ROW;
    const next = left + 2 * panelBytes;
    let right = left + panelBytes;
    for (let at = x; at < end; at += 8) {
      const even = v128.load32_splat(at);
      s0 = f32x4.add(s0, f32x4.mul(even, v128.load(left)));
      s1 = f32x4.add(s1, f32x4.mul(even, v128.load(left, 16)));
      s2 = f32x4.add(s2, f32x4.mul(even, v128.load(left, 32)));
      s3 = f32x4.add(s3, f32x4.mul(even, v128.load(left, 48)));
      s4 = f32x4.add(s4, f32x4.mul(even, v128.load(right)));
      s5 = f32x4.add(s5, f32x4.mul(even, v128.load(right, 16)));
      s6 = f32x4.add(s6, f32x4.mul(even, v128.load(right, 32)));
      s7 = f32x4.add(s7, f32x4.mul(even, v128.load(right, 48)));
      const odd = v128.load32_splat(at, 4);
      s0 = f32x4.add(s0, f32x4.mul(odd, v128.load(left, 64)));
      s1 = f32x4.add(s1, f32x4.mul(odd, v128.load(left, 80)));
      s2 = f32x4.add(s2, f32x4.mul(odd, v128.load(left, 96)));
      s3 = f32x4.add(s3, f32x4.mul(odd, v128.load(left, 112)));
      s4 = f32x4.add(s4, f32x4.mul(odd, v128.load(right, 64)));
      s5 = f32x4.add(s5, f32x4.mul(odd, v128.load(right, 80)));
      s6 = f32x4.add(s6, f32x4.mul(odd, v128.load(right, 96)));
      s7 = f32x4.add(s7, f32x4.mul(odd, v128.load(right, 112)));
      left += 2 * ROW;
      right += 2 * ROW;
    }
    v128.store(out, s0);
    v128.store(out, s1, 16);
    v128.store(out, s2, 32);
    v128.store(out, s3, 48);
    v128.store(out, s4, 64);
    v128.store(out, s5, 80);
    v128.store(out, s6, 96);
    v128.store(out, s7, 112);
    out += 2 * ROW;
    left = next;
  }
}

/** The last row of a panel for an odd depth. */
function addLast(out: usize, last: v128, weights: usize): void {
  for (let at: usize = 0; at < ROW; at += 16) {
    v128.store(out + at, f32x4.add(v128.load(out + at), f32x4.mul(last, v128.load(weights + at))));
  }
}

function onePanel(out: usize, start: usize, x: usize, depth: i32, weights: usize): void {
  const end = x + ((<usize>depth) << 2);
  const zero = f32x4.splat(0);
  let s0 = start ? v128.load(start) : zero;
  let s1 = start ? v128.load(start, 16) : zero;
  let s2 = start ? v128.load(start, 32) : zero;
  let s3 = start ? v128.load(start, 48) : zero;
  for (; x < end; x += 4) {
    const factor = v128.load32_splat(x);
    s0 = f32x4.add(s0, f32x4.mul(factor, v128.load(weights)));
    s1 = f32x4.add(s1, f32x4.mul(factor, v128.load(weights, 16)));
    s2 = f32x4.add(s2, f32x4.mul(factor, v128.load(weights, 32)));
    s3 = f32x4.add(s3, f32x4.mul(factor, v128.load(weights, 48)));
    weights += ROW;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
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
