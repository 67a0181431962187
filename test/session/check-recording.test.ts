import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { openPreset } from '../../src/formats/preset/open.ts';
import { row } from '../../src/math/tensor.ts';
import { type CheckOptions, type CheckReport, checkRecording } from '../../src/session/check-recording.ts';
import type { Recording } from '../../src/trace/trace.ts';

async function recordingOf(preset: string): Promise<Recording> {
  const { model, batches } = await openPreset(`presets/${preset}.json`);
  return record(model, batches, 'simd');
}

function report(recording: Recording, options?: CheckOptions): CheckReport & { readonly yielded: number } {
  const work = checkRecording(recording, options);
  for (let yielded = 0; ; yielded++) {
    const { done, value } = work.next();
    if (done) return { ...value, yielded };
  }
}

describe('a recording that is held against its equations', () => {
  it('is checked at every timestep of every layer, sample and batch', async () => {
    // 4 samples of 6 timesteps; the Dense layer sees one vector of each.
    const { calls, yielded, difference } = report(await recordingOf('masking'));
    expect(calls.map(({ name, steps, checked }) => [name, steps, checked])).toEqual([
      ['embedding_1', 24, 24],
      ['lstm_1', 24, 24],
      ['lstm_2', 24, 24],
      ['dense_1', 4, 4],
    ]);
    expect(yielded).toBe(76);
    expect(difference).toBe(Math.max(...calls.map((call) => call.difference)));
    expect(difference).toBeGreaterThan(0);
    expect(calls.flatMap(({ differs }) => differs)).toEqual([]);
  });

  it('names what differs by its address, batch and sample, and counts the timesteps', async () => {
    const recording = await recordingOf('go-backwards');
    const { quantities, call } = recording.runs[0][0].calls[1];
    expect(call.layer).toMatchObject({ kind: 'lstm', goBackwards: true });
    // Step 0 is the input's last timestep. A gate that is wrong makes c wrong, which was computed from the right one.
    const f = row(quantities.f, 0);
    const right = f[1];
    f[1] += 0.25;
    const [found] = report(recording, { layers: [call.layer.name] }).calls;
    expect(found.stepsThatDiffer).toBe(1);
    const last = quantities.f.shape[0] - 1;
    expect(found.differs[0]).toMatchObject({
      address: `${call.layer.name}.f[1]@${last}`,
      batch: 1,
      sample: 1,
      recorded: right + 0.25,
    });
    expect(found.differs[0].computed).toBeCloseTo(right, 6);
    expect(found.worst).toBe(found.differs[0].address);
  });

  it('is checked at some timesteps of each layer, the same ones for the same seed', async () => {
    const recording = await recordingOf('masking');
    const checked = (seed: number) =>
      report(recording, { sample: 5, seed }).calls.map(({ checked, worst }) => [checked, worst]);
    expect(checked(1).map(([count]) => count)).toEqual([5, 5, 5, 4]);
    expect(checked(1)).toEqual(checked(1));
    expect(new Set([1, 2, 3, 4].map((seed) => String(checked(seed)))).size).toBeGreaterThan(1);
  });

  it('finds a number that is wrong anywhere, once all timesteps are drawn', async () => {
    const recording = await recordingOf('stateful');
    const { quantities, call } = recording.runs[1][0].calls[1];
    row(quantities.h, 2)[0] += 1;
    const { calls } = report(recording, { sample: 1000 });
    expect(calls.find(({ name }) => name === call.layer.name)?.differs[0]).toMatchObject({ symbol: 'h', batch: 2 });
  });

  it('looks at a sample, which may have to be computed for it, when its turn has come', async () => {
    const recording = await recordingOf('masking');
    const [first, second] = recording.runs[0];
    let looked = 0;
    const watched = {
      ...second,
      get calls() {
        looked++;
        return second.calls;
      },
    };
    const work = checkRecording({ ...recording, runs: [[first, watched]] });
    // 6 timesteps of the first sample.
    for (let step = 0; step < 6; step++) work.next();
    expect(looked).toBe(0);
    work.next();
    expect(looked).toBe(1);
  });
});
