import { describe, expect, it } from 'vitest';
import { recordingSize } from '../../src/engines/choose.ts';
import { record } from '../../src/engines/record.ts';
import { buildPreset, parsePreset } from '../../src/formats/preset/open.ts';
import { row, type Tensor, tensor, whole } from '../../src/math/tensor.ts';
import type { Recording } from '../../src/trace/trace.ts';
import { useSteadyClock } from './steady-clock.ts';

/** A model that keeps the kernel engine busy for a while: two LSTMs, the second of which reads backwards. */
async function long(steps = 600) {
  const document = {
    keras: 3,
    seed: 4,
    layers: [
      { class_name: 'Input', shape: [null, 3] },
      { class_name: 'LSTM', units: 24, return_sequences: true },
      { class_name: 'GRU', units: 16, go_backwards: true, return_sequences: true },
    ],
  };
  const { model } = await buildPreset(parsePreset(document, 'long'), 'long');
  const input = tensor(
    [1, steps, 3],
    Float64Array.from({ length: 3 * steps }, (_, at) => Math.sin(at * at)),
  );
  return { model, batches: [[input]] as readonly (readonly Tensor[])[] };
}

useSteadyClock();

const numbers = ({ runs }: Recording) =>
  runs
    .flat()
    .flatMap(({ calls }) => calls.flatMap(({ quantities, returns }) => [...Object.values(quantities), ...returns]))
    .map((t) => whole(t).data);

describe('a run that tells how far it is', () => {
  it('computes what it would compute at once, to the last bit, and lets other things happen in between', async () => {
    const { model, batches } = await long();
    const told: number[] = [];
    let heard = 0;
    const listen = () => {
      heard++;
      immediate = setImmediate(listen);
    };
    let immediate = setImmediate(listen);
    const paced = await record(model, batches, 'kernel', { onProgress: (done) => told.push(done) });
    clearImmediate(immediate);
    expect(numbers(paced)).toEqual(numbers(await record(model, batches, 'kernel')));
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(600);
    expect(heard).toBeGreaterThan(0);
  });

  it.each([undefined, 400_000])('ends with the reason of the signal that gives it up, memory %s', async (memory) => {
    const { model, batches } = await long();
    const controller = new AbortController();
    const given = record(model, batches, 'kernel', {
      memory,
      signal: controller.signal,
      onProgress: () => controller.abort('that is enough'),
    });
    await expect(given).rejects.toBe('that is enough');
  });
});

describe('a run that is looked at while it is computed', () => {
  it('is handed out at once, fills up from its first steps, and ends with all numbers', async () => {
    const { model, batches } = await long();
    const memory = 8 * recordingSize(model, batches) - 1;
    const recording = await record(model, batches, 'kernel', { memory, whileComputing: true });
    const { progress } = recording;
    if (!progress) throw new Error('it was not long');
    expect(progress.fraction).toBeLessThan(1);
    const { h } = recording.runs[0][0].calls[1].quantities;
    if ('data' in h) throw new Error('all of it was kept');
    const computed = h.computed ?? 0;
    expect(computed).toBeGreaterThan(0);
    expect(row(h, 0).some(Number.isNaN)).toBe(false);
    expect(row(h, 599).every(Number.isNaN)).toBe(true);
    // The call that reads backwards waits for the last of the first.
    const backwards = recording.runs[0][0].calls[2];
    expect(backwards.returns[0].shape).toEqual([600, 16]);
    expect(row(backwards.quantities.h, 0).every(Number.isNaN)).toBe(true);
    const fractions: number[] = [];
    await new Promise<void>((resolve) => {
      progress.onChange(() => {
        fractions.push(progress.fraction);
        if (progress.isDone) resolve();
      });
    });
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(progress.fraction).toBe(1);
    expect(progress.timesteps).toEqual({ done: 600, total: 600 });
    expect(numbers(recording)).toEqual(numbers(await record(model, batches, 'kernel')));
  });

  it('shows a later batch as not computed yet, and does not compute those before for it', async () => {
    const layers = [{ class_name: 'LSTM', units: 16, stateful: true, batch_input_shape: [1, 600, 8] }];
    const { model } = await buildPreset(parsePreset({ layers }, 'batches'), 'batches');
    const batches = [0, 1].map(() => [tensor([1, 600, 8])]);
    const recording = await record(model, batches, 'kernel', { memory: 2 ** 18, whileComputing: true });
    const fraction = recording.progress?.fraction;
    expect(row(recording.runs[1][0].calls[1].quantities.h, 0).every(Number.isNaN)).toBe(true);
    expect(recording.progress?.fraction).toBe(fraction);
    recording.progress?.cancel();
  });

  it('stays readable as far as it has come when it is given up', async () => {
    const { model, batches } = await long(3000);
    const memory = 8 * recordingSize(model, batches) - 1;
    const recording = await record(model, batches, 'kernel', { memory, whileComputing: true });
    recording.progress?.cancel();
    await new Promise<void>((resolve) => recording.progress?.onChange(resolve));
    expect(recording.progress?.error).toMatchObject({ name: 'AbortError' });
    expect(recording.progress?.isDone).toBe(false);
    const { h } = recording.runs[0][0].calls[1].quantities;
    expect(row(h, 0).some(Number.isNaN)).toBe(false);
  });

  it('is kept whole where it fits', async () => {
    const { model, batches } = await long(20);
    const recording = await record(model, batches, 'kernel', { whileComputing: true });
    expect(recording.progress).toBeUndefined();
    expect('data' in recording.runs[0][0].calls[1].quantities.h).toBe(true);
  });
});
