import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { openPreset } from '../../src/formats/preset/open.ts';
import { batchesOf, expectCase } from './compare.ts';
import type { Case } from './keras-model.ts';

// Keras 1.2.2, 2.0.9, 2.2.4, 2.3.1 and tf-keras 2.21: each preset.json is the configuration that the version itself wrote, its own argument names
// included (output_dim, inner_activation, Merge, CuDNNLSTM …), with the arrays of its .h5 file as they lie there; case.json says which
// version made the numbers.
const names = readdirSync('test/fixtures/older');

describe.each(['reference', 'kernel'] as const)(
  'the %s engine computes what older Keras computed, from its own configuration',
  (engine) => {
    it.each(names)('%s', async (name) => {
      const expected: Case = JSON.parse(readFileSync(`test/fixtures/older/${name}/case.json`, 'utf8'));
      const { model } = await openPreset(`test/fixtures/older/${name}/preset.json`);
      expectCase(await record(model, batchesOf(expected), engine), expected);
    });
  },
);
