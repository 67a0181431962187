/*
 * Activations of four numbers at once. exp, tanh: range reduction and polynomials of Cephes (expf, tanhf; Moshier), without branches.
 * Rows need not be a multiple of four long: what is written behind the end of a row is the beginning of the next, which is computed later,
 * or padding.
 */

/** Any other activation: the engine overwrites the row at `at` by the float64 loop of its activation number `which`. */
// @ts-ignore: decorator
@external("engine", "activate")
declare function activateOutside(which: i32, at: usize, count: i32): void;

// The numbers by which the engine calls them; from OUTSIDE on it is `activateOutside`.
export const LINEAR = 0;
export const SIGMOID = 1;
export const TANH = 2;
export const HARD_SIGMOID = 3;
export const HARD_SIGMOID_KERAS2 = 4;
export const RELU = 5;
export const EXPONENTIAL = 6;
export const OUTSIDE = 7;

/** e^x; 0 where it would be less than the smallest normal number, which would slow everything down that multiplies it. */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  // In this order a NaN passes. One number, 88.72284, counts as the one below it: its own result, rounded up, would have no exponent.
  const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(88.72283)), f32x4.splat(-87.33655));
  // n = x / ln 2 to the nearest whole number, by adding and subtracting 1.5 · 2^23; its last bits are then those of the sum.
  const sum = f32x4.add(f32x4.mul(bounded, f32x4.splat(1.44269504088896341)), f32x4.splat(12582912));
  const n = f32x4.sub(sum, f32x4.splat(12582912));
  // r = x − n ln 2, ln 2 in two parts.
  let r = f32x4.sub(bounded, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  const scaled = i32x4.add(p, i32x4.shl(sum, 23));
  const vanished = v128.andnot(scaled, f32x4.lt(x, f32x4.splat(-87.33655)));
  const finite = f32x4.le(x, f32x4.splat(88.72284));
  // Infinity above, and NaN for NaN.
  return v128.bitselect(vanished, f32x4.mul(x, f32x4.splat(Infinity)), finite);
}

// @ts-ignore: decorator
@inline
function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))));
}

// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const size = f32x4.abs(x);
  const one = f32x4.splat(1);
  // |x| ≥ 0.625: 1 − 2 / (e^2|x| + 1), with the sign of x.
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(exp(f32x4.add(size, size)), one)));
  // Below: an odd polynomial.
  const square = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(2.06390887954e-2));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(-5.37397155531e-2));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(1.33314422036e-1));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(-3.33332819422e-1));
  const near = f32x4.add(f32x4.mul(f32x4.mul(p, square), x), x);
  const signed = v128.or(far, v128.and(x, i32x4.splat(0x80000000)));
  return v128.bitselect(near, signed, f32x4.lt(size, f32x4.splat(0.625)));
}

// @ts-ignore: decorator
@inline
function between01(x: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, f32x4.splat(1)), f32x4.splat(0));
}

/** to = the activation of the `count` numbers at from. */
export function activate(which: i32, from: usize, to: usize, count: i32): void {
  const bytes = (<usize>count) << 2;
  switch (which) {
    case SIGMOID:
      for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, sigmoid(v128.load(from + at)));
      return;
    case TANH:
      for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, tanh(v128.load(from + at)));
      return;
    case HARD_SIGMOID:
      for (let at: usize = 0; at < bytes; at += 16) {
        const x = f32x4.div(v128.load(from + at), f32x4.splat(6));
        v128.store(to + at, between01(f32x4.add(x, f32x4.splat(0.5))));
      }
      return;
    case HARD_SIGMOID_KERAS2:
      for (let at: usize = 0; at < bytes; at += 16) {
        const x = f32x4.mul(v128.load(from + at), f32x4.splat(0.2));
        v128.store(to + at, between01(f32x4.add(x, f32x4.splat(0.5))));
      }
      return;
    case RELU:
      for (let at: usize = 0; at < bytes; at += 16) {
        v128.store(to + at, f32x4.pmax(v128.load(from + at), f32x4.splat(0)));
      }
      return;
    case EXPONENTIAL:
      for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, exp(v128.load(from + at)));
      return;
    default:
      for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, v128.load(from + at));
      if (which >= OUTSIDE) activateOutside(which, to, count);
  }
}

/** A pre-activation out of the sums of a product into its row, and its activation into another. */
// @ts-ignore: decorator
@inline
export function open(which: i32, sums: usize, z: usize, opened: usize, count: i32): void {
  activate(LINEAR, sums, z, count);
  activate(which, sums, opened, count);
}
