import { expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { openPreset } from '../../src/formats/preset/open.ts';
import { traceCsv } from '../../src/formats/trace-csv.ts';
import { traceJson } from '../../src/formats/trace-json.ts';

it.each([
  ['CSV', traceCsv],
  ['JSON', traceJson],
])('%s tells how many rows of quantities it has written, of all there are', async (_, format) => {
  const { model, batches } = await openPreset('presets/masking.json');
  const recording = await record(model, batches);
  const told: [number, number][] = [];
  const chunks = [...format(recording, { quantities: ['i', 'c'], onRows: (done, total) => told.push([done, total]) })];
  expect(chunks.length).toBeGreaterThan(0);
  // Two quantities at each timestep of each sample, skipped or not.
  const lstms = model.calls.filter(({ layer }) => layer.kind === 'lstm').length;
  const [samples, timesteps] = batches[0][0].shape;
  const rows = 2 * lstms * batches.length * samples * timesteps;
  expect(told.at(-1)).toEqual([rows, rows]);
  expect(told.every(([done], at) => at === 0 || done >= told[at - 1][0])).toBe(true);
});
