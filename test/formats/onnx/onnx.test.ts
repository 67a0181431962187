import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { record } from '../../../src/engines/record.ts';
import { fromNested } from '../../../src/math/tensor.ts';
import { expectCase } from '../../golden/compare.ts';
import { FIXTURES, inputsOf, openCase, outputOf, readCase } from './cases.ts';

/** onnxruntime computes in float32. */
const TOLERANCE = 1e-5;

const names = readdirSync(FIXTURES).filter((name) => !name.includes('.'));

describe.each(['reference', 'kernel'] as const)('the %s engine computes what onnxruntime computes', (engine) => {
  it.each(names)('%s', async (name) => {
    const expected = readCase(name);
    const model = openCase(name);
    expect(model.incomplete).toEqual([]);
    const recording = await record(model, [inputsOf(expected)], engine);
    if (expected.layers.length > 0) expectCase(recording, expected, false);
    expect(model.outputs.length).toBe(expected.outputs.length);
    expected.outputs.forEach(({ shape, data }, at) => {
      const [ours, theirs] = [outputOf(recording, at), fromNested(data)];
      expect(ours.shape).toEqual(shape);
      const values = Array.from(theirs.data);
      const largest = Math.max(1, ...values.map(Math.abs));
      const worst = Math.max(...values.map((value, n) => Math.abs(value - ours.data[n]) / largest));
      expect(worst).toBeLessThanOrEqual(TOLERANCE);
    });
  });
});
