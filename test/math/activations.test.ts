import { describe, expect, it } from 'vitest';
import {
  type ActivationRef,
  activationCall,
  activationLoop,
  activationName,
  activationParts,
  activations,
  activationWith,
  sparsemaxThreshold,
} from '../../src/math/activations.ts';
import { erf } from '../../src/math/erf.ts';

const of = (name: keyof typeof activations, ...x: number[]) => {
  const z = Float64Array.from(x);
  activations[name].apply(z);
  return Array.from(z);
};

// The activations themselves are compared with Keras in test/golden: one model each. Here is what no model there reaches.
describe('activations', () => {
  it('hard_sigmoid is two functions under one name, told apart by the version of Keras', () => {
    expect(activationName('hard_sigmoid', 3)).toBe('hard_sigmoid');
    expect(activationName('hard_sigmoid', 2)).toBe('hard_sigmoid_keras2');
    expect(activationName('hard_sigmoid', 1)).toBe('hard_sigmoid_keras2');
    expect(of('hard_sigmoid_keras2', 2.6)[0]).toBe(1);
    expect(of('hard_sigmoid', 2.6)[0]).toBeCloseTo(0.9333333333, 9);
  });

  it('stay finite where a naive formula overflows', () => {
    expect(of('softplus', 1000, -1000)).toEqual([1000, 0]);
    expect(of('log_sigmoid', 1000, -1000)).toEqual([0, -1000].map((value) => value + 0));
    expect(of('sigmoid', 1000, -1000)).toEqual([1, 0]);
    expect(of('softmax', 1000, 1000)).toEqual([0.5, 0.5]);
    expect(of('mish', 1000)[0]).toBe(1000);
  });

  it('sparsemax is the projection onto the simplex', () => {
    // Martins & Astudillo 2016: for two numbers, [t, 0] gives (t + 1) / 2 between −1 and 1.
    expect(of('sparsemax', 0.4, 0)).toEqual([0.7, 0.3].map((value) => expect.closeTo(value, 12)));
    expect(of('sparsemax', 5, 0, -1)).toEqual([1, 0, 0]);
    const z = [0.3, -0.2, 0.9, 0.1];
    expect(of('sparsemax', ...z).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
    expect(sparsemaxThreshold([2, 2])).toBe(1.5);
  });

  it('log_softmax is the logarithm of softmax', () => {
    const z = [0.3, -2, 1.7];
    expect(of('log_softmax', ...z)).toEqual(of('softmax', ...z).map((value) => expect.closeTo(Math.log(value), 12)));
  });

  it('other names mean the same functions', () => {
    expect(activationName('swish', 3)).toBe('silu');
    expect(activationName('hard_swish', 3)).toBe('hard_silu');
    expect(activationName(null, 3)).toBe('linear');
    expect(activationName('hard_sigmoid_keras2', 3)).toBeUndefined();
  });

  it('erf has the tabled values', () => {
    // Abramowitz & Stegun, table 7.1
    expect(erf(0.5)).toBeCloseTo(0.5204998778, 10);
    expect(erf(1)).toBeCloseTo(0.8427007929, 10);
    expect(erf(-2)).toBeCloseTo(-0.995322265, 9);
    expect(erf(0)).toBe(0);
    expect(erf(7)).toBe(1);
  });

  it('take parameters, and Keras’s own where none are given', () => {
    const with_ = (ref: ActivationRef, ...x: number[]) => {
      const z = Float64Array.from(x);
      activationLoop(ref)(z);
      return Array.from(z);
    };
    expect(with_('leaky_relu', -1, 2)).toEqual([-0.2, 2]);
    expect(with_('leaky_relu(0.3)', -1, 2)).toEqual([-0.3, 2]);
    expect(with_('elu(2)', -1, 2)).toEqual([2 * Math.expm1(-1), 2]);
    // ReLU(max_value, negative_slope, threshold) of Keras: the slope starts at the threshold.
    expect(with_('bounded_relu(6, 0.5, 1)', 7, 3, 1, 0)).toEqual([6, 3, 1, -0.5]);
    expect(with_('bounded_relu(Infinity, 0, 0)', 1e9, -1)).toEqual([1e9, expect.closeTo(0, 12)]);
    expect(with_('thresholded_relu(0.5)', 0.5, 0.6)).toEqual([0, 0.6]);
    expect(with_('linear_hard_sigmoid(0.25, 0.5)', -1, 1, 9)).toEqual([0.25, 0.75, 1]);
    expect(with_('scaled_tanh(2, 0.5)', 1)).toEqual([2 * Math.tanh(0.5)]);
    expect(with_('affine(2, 1)', 3)).toEqual([7]);
    expect(with_('clip(0.5)', -1, 0.2, 1)).toEqual([-0.5, 0.2, 0.5]);
  });

  it('are written as a name, with the parameters only where they are not the usual ones', () => {
    expect(activationWith('leaky_relu', 0.3)).toBe('leaky_relu(0.3)');
    expect(activationWith('leaky_relu', 0.2)).toBe('leaky_relu');
    expect(activationWith('tanh')).toBe('tanh');
    expect(activationParts('bounded_relu(Infinity, 0.1, 0)')).toEqual({
      name: 'bounded_relu',
      parameters: [Number.POSITIVE_INFINITY, 0.1, 0],
    });
    expect(activationCall('leaky_relu(0.3)', 'z_i')).toBe('leaky_relu(z_i, 0.3)');
    expect(activationCall('tanh', 'c')).toBe('tanh(c)');
  });
});
