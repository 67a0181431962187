import { describe, expect, it } from 'vitest';
import { type Evidence, prepareCheck } from '../../src/engines/check/check-step.ts';
import { kindOf } from '../../src/layers/kinds.ts';
import type { DenseLayer } from '../../src/layers/layer.ts';
import type { ActivationRef } from '../../src/math/activations.ts';
import { tensor } from '../../src/math/tensor.ts';

/* What is checked here is by hand: a Dense layer whose kernel is one row, so that z = x W, and what an engine may have made of it. */

function dense(activation: ActivationRef, ...weights: number[]): DenseLayer {
  return {
    kind: 'dense',
    name: 'dense',
    trainable: true,
    units: weights.length,
    activation,
    useBias: false,
    timeDistributed: false,
    weights: { kernel: tensor([1, weights.length], weights) },
  };
}

function evidence(layer: DenseLayer, x: number, z: readonly number[], y: readonly number[]): Evidence {
  const recorded = { z: Float64Array.from(z), y: Float64Array.from(y) };
  return { equations: kindOf(layer).equations(layer), seen: { x: tensor([1], [x]) }, recorded, carried: false };
}

function checked(layer: DenseLayer, x: number, z: readonly number[], y: readonly number[], engine = 'simd' as const) {
  return prepareCheck(layer)(evidence(layer, x, z, y), engine);
}

describe('a step that is held against its equations', () => {
  it('is what they say up to rounding, which is told', () => {
    const { difference, worst, differs } = checked(dense('linear', 2, 3), 0.5, [1, 1.500003], [1, 1.500003]);
    expect(differs).toEqual([]);
    // Of the largest number, 1.5.
    expect(difference).toBeCloseTo(0.000003 / 1.5, 12);
    expect(worst).toMatchObject({ symbol: 'z', unit: 1 });
  });

  it('names a number that is something else, with what its equation gives, and not what was computed from it', () => {
    const { differs } = checked(dense('relu', 2, -3), 0.5, [1, 1.5], [1, 1.5]);
    expect(differs).toEqual([{ symbol: 'z', unit: 1, recorded: 1.5, computed: -1.5 }]);
    expect(checked(dense('relu', 2, -3), 0.5, [1, -1.5], [1, -1.5]).differs).toEqual([
      { symbol: 'y', unit: 1, recorded: -1.5, computed: 0 },
    ]);
  });

  it('is held closer where float64 computed it', () => {
    const layer = dense('linear', 2);
    const step = evidence(layer, 0.5, [1.000001], [1.000001]);
    expect(prepareCheck(layer)(step, 'simd').differs).toEqual([]);
    expect(prepareCheck(layer)(step, 'kernel').differs).toHaveLength(1);
  });

  it('may have overflowed float32 where the equation gives more than float32 holds, and nowhere else', () => {
    const infinite = Number.POSITIVE_INFINITY;
    // e^100 = 2.7e43
    expect(checked(dense('exponential', 1), 100, [100], [infinite])).toMatchObject({ difference: 0, differs: [] });
    expect(checked(dense('exponential', 1), 80, [80], [infinite]).differs).toHaveLength(1);
    expect(checked(dense('exponential', 1), 100, [100], [-infinite]).differs).toHaveLength(1);
  });

  it('is no number where its equation gives none, and differs where only one of them is none', () => {
    const none = Number.NaN;
    expect(checked(dense('linear', 1), none, [none], [none])).toMatchObject({ difference: 0, differs: [] });
    expect(checked(dense('linear', 1), 1, [none], [none])).toMatchObject({
      difference: Number.POSITIVE_INFINITY,
      differs: [{ symbol: 'z', recorded: none, computed: 1 }],
    });
  });

  it('may stand on the other side of a jump by rounding, which is said and not held against it', () => {
    // 1 · 0.50000001 is above the threshold, and the number next to it in float32 is not.
    const { differs, onJump } = checked(dense('hard_shrink', 0.50000001), 1, [0.5], [0]);
    expect(differs).toEqual([]);
    expect(onJump).toMatchObject({ symbol: 'y', unit: 0, activation: 'hard_shrink', recorded: 0 });
    // Farther from it there is one right side only.
    expect(checked(dense('hard_shrink', 0.6), 1, [0.6], [0])).toMatchObject({
      onJump: null,
      differs: [{ symbol: 'y', recorded: 0, computed: 0.6 }],
    });
  });

  it('is not blamed for what an equation makes of rounding before it', () => {
    // z is off by 2e-6 of its largest number; of the difference of its two, that is 0.002.
    const y = (z: readonly number[]) => {
      const sum = Math.exp(z[0] - z[1]) + 1;
      return [1 - 1 / sum, 1 / sum];
    };
    const z = [1000.002, 1000];
    expect(checked(dense('softmax', 1000, 1000), 1, z, y(z)).differs).toEqual([]);
    expect(checked(dense('softmax', 1000, 1000), 1, z, y([1000.1, 1000])).differs).toMatchObject([{ symbol: 'y' }]);
  });

  it('that is masked carries its states to the last bit, and computes nothing', () => {
    const carried = (h: number, z: number): Evidence => ({
      equations: [],
      seen: { h_prev: tensor([1], [0.1]) },
      recorded: { z: Float32Array.of(z), h: Float32Array.of(h) },
      carried: true,
    });
    const check = prepareCheck(dense('linear', 1));
    expect(check(carried(0.1, Number.NaN), 'simd')).toMatchObject({ difference: 0, differs: [] });
    expect(check(carried(0.1000001, Number.NaN), 'simd').differs).toMatchObject([{ symbol: 'h' }]);
    expect(check(carried(0.1, 0), 'simd').differs).toMatchObject([{ symbol: 'z' }]);
  });
});
