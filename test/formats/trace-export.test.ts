import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordingSize } from '../../src/engines/choose.ts';
import { record } from '../../src/engines/record.ts';
import { openPreset } from '../../src/formats/preset/open.ts';
import { exportTrace, type TraceFormat } from '../../src/formats/trace-export.ts';
import type { TraceFilter } from '../../src/formats/trace-selection.ts';
import type { Recording } from '../../src/trace/trace.ts';

const presets = readdirSync('presets').filter((file) => file.endsWith('.json') && !file.endsWith('.schema.json'));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lstm-lab-export-'));
});
// Nothing is left, whatever has happened.
afterEach(() => {
  expect(readdirSync(folder)).toEqual([]);
});

async function exported(recording: Recording, format: TraceFormat, filter: TraceFilter = {}): Promise<Buffer> {
  const { chunks, dispose } = await exportTrace(recording, format, filter, { place: join(folder, 'trace') });
  const whole = Buffer.concat([...chunks].map((chunk) => Buffer.from(chunk)));
  dispose();
  return whole;
}

/** The same run twice: all of it in memory, and in one number less than it takes. */
async function both(preset: string): Promise<[kept: Recording, windowed: Recording]> {
  const { model, batches } = await openPreset(`presets/${preset}`);
  const memory = 4 * recordingSize(model, batches) - 1;
  return [await record(model, batches, 'simd'), await record(model, batches, 'simd', { memory })];
}

const hasRecurrent = (recording: Recording) => recording.model.layers.some(({ kind }) => /lstm|gru|rnn/.test(kind));

describe('a run of which not all is in memory is written as one that is, byte for byte', () => {
  it.each(presets)('%s', async (preset) => {
    const [kept, windowed] = await both(preset);
    const formats: TraceFormat[] = hasRecurrent(kept) ? ['json', 'csv', 'npz'] : ['json'];
    for (const format of formats)
      expect((await exported(windowed, format)).equals(await exported(kept, format)), format).toBe(true);
  });

  it('also a part of it', async () => {
    const [kept, windowed] = await both('bidirectional.json');
    const filter = { quantities: ['c', 'f'] };
    for (const format of ['json', 'csv', 'npz'] as const) {
      const expected = await exported(kept, format, filter);
      expect((await exported(windowed, format, filter)).equals(expected), format).toBe(true);
      expect(expected.length).toBeLessThan((await exported(kept, format)).length);
    }
  });
});

describe('what goes through temporary files', () => {
  it('leaves none when it is given up', async () => {
    const [, windowed] = await both('stacked.json');
    const signal = AbortSignal.abort('enough');
    const given = exportTrace(windowed, 'npz', {}, { place: join(folder, 'trace'), signal });
    await expect(given).rejects.toBe('enough');
  });

  it.each(['json', 'npz'] as const)(
    'is given up before samples that have to be computed for it: %s',
    async (format) => {
      const [, windowed] = await both('masking.json');
      const [first, ...others] = windowed.runs[0];
      const watched = others.map((trace) => ({
        ...trace,
        get calls(): never {
          throw new Error('a sample was computed');
        },
      }));
      const options = { place: join(folder, 'trace'), signal: AbortSignal.abort('enough') };
      const given = exportTrace({ ...windowed, runs: [[first, ...watched]] }, format, {}, options);
      await expect(given).rejects.toBe('enough');
    },
  );

  it('says that they cannot be written', async () => {
    const [, windowed] = await both('stacked.json');
    const place = join(folder, 'no such folder', 'trace');
    await expect(exportTrace(windowed, 'json', {}, { place })).rejects.toThrow(/a temporary file cannot be written/);
  });

  it('is what numpy reads: every array of an archive', async () => {
    const [, windowed] = await both('stacked.json');
    const names = Object.keys(unzipSync(await exported(windowed, 'npz')));
    expect(names).toContain('lstm_2.tanh_c.npy');
    expect(names).toHaveLength(2 + 2 * 11);
  });
});
