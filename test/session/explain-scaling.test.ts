import { describe, expect, it } from 'vitest';
import { tensor } from '../../src/math/tensor.ts';
import { explain } from '../../src/session/explain.ts';
import { at, type Spec, sessionOf } from '../ui/panels/models.ts';

/* What is said of layers that scale, sum and see images, of numbers that are worked out here. */

const input: Spec = { kind: 'input', name: 'x', shape: [2, 2] };
const x = tensor([2, 2], Float64Array.from([1, 2, 3, 5]));

async function said(spec: Spec, step = 1, unit = 1): Promise<string> {
  const session = await sessionOf([input, spec], [x]);
  return explain(at(session, { step, unit }));
}

describe('the sentence about a layer', () => {
  const given = { mean: tensor([2], Float64Array.from([1, 2])), variance: tensor([2], Float64Array.from([1, 4])) };

  it('that normalizes names mean and variance of the data: (5 − 2) / √4', async () => {
    expect(await said({ kind: 'normalization', given })).toBe(
      'number 1: +5 becomes +1.5: the mean +2 of the data is taken off, then it is divided by √4.',
    );
    expect(await said({ kind: 'normalization', given, invert: true })).toMatch(/\+5 becomes \+12,.*again: times √4/);
  });

  it('that rescales names both numbers: 2 · 5 − 1', async () => {
    expect(await said({ kind: 'rescaling' })).toMatch(/\+5 becomes \+9: times 2, plus −1\./);
  });

  it('that sums says of how many numbers, and along which axis: 2 + 5', async () => {
    expect(await said({ kind: 'reduction', operation: 'sum' })).toBe('the sum of 2 numbers along axis 1 is +7.');
  });
});
