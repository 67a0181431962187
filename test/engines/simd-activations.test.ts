import { describe, expect, it } from 'vitest';
import { makeSpace } from '../../src/engines/simd/space.ts';
import { type ActivationName, activationLoop } from '../../src/math/activations.ts';

/** One of so many float32 numbers is tried; a prime, so that all exponents and low bits come up. */
const EVERY = 4093;

/** The smallest normal number of float32: what lies below it may become 0. */
const SMALLEST = 2 ** -126;

/** The distance from a number to the next in float32, for numbers of at least this size. */
function spacing(value: number, least: number): number {
  return 2 ** (Math.floor(Math.log2(Math.max(Math.abs(value), least))) - 23);
}

const bits = Float32Array.from({ length: Math.ceil(2 ** 32 / EVERY) });
const patterns = new Uint32Array(bits.buffer);
patterns.forEach((_, at) => {
  patterns[at] = at * EVERY;
});

/** What the kernel makes of many numbers. */
function byKernel(name: ActivationName, x: Float32Array): Float32Array {
  const space = makeSpace();
  const [from, to] = [space.allocate(x.length), space.allocate(x.length)];
  space.at(from, x.length).set(x);
  space.kernels.activate(space.activation(name), from, to, x.length);
  return space.at(to, x.length).slice();
}

/** The largest error of float32 results, in units in the last place of the float64 loop's result, or of `least`. */
function worstError(name: ActivationName, x: Float32Array, least: number): { error: number; at: number } {
  const exact = Float64Array.from(x);
  activationLoop(name)(exact);
  const computed = byKernel(name, x);
  let worst = { error: 0, at: 0 };
  exact.forEach((value, n) => {
    const rounded = Math.fround(value);
    if (Object.is(rounded, computed[n]) || (rounded === 0 && computed[n] === 0)) return;
    if (Math.abs(value) < SMALLEST && computed[n] === 0) return;
    const error = Math.abs(computed[n] - value) / spacing(value, least);
    if (!(error <= worst.error)) worst = { error: Number.isNaN(error) ? Number.POSITIVE_INFINITY : error, at: x[n] };
  });
  return worst;
}

/*
 * All 2^32 numbers, tried by hand on Node 20.20, in units in the last place: tanh 1.33 at most; sigmoid 2.48, and 3e-39 where it is below the smallest
 * normal number; e^x 64 at 88.72284, the one number that counts as the one below it.
 */
describe('the vector activations are exact to a few units in the last place, over numbers of every size, infinities and not-a-number', () => {
  it.each([
    ['tanh', 2, SMALLEST],
    ['sigmoid', 3, SMALLEST],
    ['exponential', 2, SMALLEST],
    // x / 6 + 0.5 is rounded where it is large, whatever is left of it.
    ['hard_sigmoid', 1.5, 0.5],
    ['hard_sigmoid_keras2', 1.5, 0.5],
    ['relu', 0, SMALLEST],
    ['linear', 0, SMALLEST],
  ] as const)('%s: at most %f', (name, limit, least) => {
    const { error, at } = worstError(name, bits, least);
    expect(error, `at ${at}`).toBeLessThanOrEqual(limit);
  });

  it('any other activation runs in float64 on a copy of the row, and sees no more than the row', () => {
    const x = Float32Array.of(0.5, -1, 3);
    const exact = Float64Array.from(x);
    activationLoop('softmax')(exact);
    expect(byKernel('softmax', x)).toEqual(Float32Array.from(exact));
  });
});
