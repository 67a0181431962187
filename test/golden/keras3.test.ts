import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { summarize } from '../../src/model/summary.ts';
import { batchesOf, expectCase } from './compare.ts';
import { openKeras, readCase } from './keras-model.ts';

const names = readdirSync('test/fixtures/keras3');

describe.each(['reference', 'kernel'] as const)('the %s engine computes what Keras 3.15 computed', (engine) => {
  it.each(names)('%s', async (name) => {
    const expected = readCase(name);
    const { model } = await openKeras(name);
    expectCase(await record(model, batchesOf(expected), engine), expected);
  });
});

describe('summary counts what Keras counts', () => {
  it.each(names)('%s', async (name) => {
    const expected = readCase(name);
    const summary = summarize((await openKeras(name)).model);
    expect(summary.total_parameters).toBe(expected.parameters);
    const mine = summary.layers
      .filter((layer) => layer.class !== 'InputLayer')
      .map(({ class: kind, parameters, output_shape }) => ({ kind, parameters, output_shape }));
    const ignored = ['InputLayer', 'NotEqual', 'Any'];
    const theirs = (expected.summary ?? [])
      .filter((row) => !ignored.includes(row.class))
      .map((row) => ({ kind: row.class, parameters: row.parameters, output_shape: row.output_shape }));
    expect(mine).toEqual(theirs);
  });
});
