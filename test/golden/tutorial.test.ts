import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { openPreset } from '../../src/formats/preset/open.ts';
import { type Rows, row, type Tensor, toNested, whole } from '../../src/math/tensor.ts';
import type { Trace } from '../../src/trace/trace.ts';

async function run(preset: string): Promise<(Trace & { outputs: readonly Tensor[] })[]> {
  const { model, batches } = await openPreset(`presets/${preset}.json`);
  const traces = (await record(model, batches)).runs.flat();
  return traces.map((trace) => ({
    ...trace,
    outputs: trace.outputs.flatMap((output) => (output ? whole(output) : [])),
  }));
}

// What the tutorial prints for its four cases; made by test/fixtures/return-flags.json's weights in Keras 3.15 too.
const fixture = JSON.parse(readFileSync('test/fixtures/return-flags.json', 'utf8'));

describe('the four return_sequences / return_state presets show the numbers that the tutorial prints', () => {
  it.each(
    fixture.cases as {
      preset: string;
      printed: Record<string, number[] | number[][]>;
      return_state: boolean;
      return_sequences: boolean;
    }[],
  )('$preset', async ({ preset, printed, return_sequences, return_state }) => {
    const [{ outputs }] = await run(preset);
    expect(outputs).toHaveLength(return_state ? 3 : 1);
    const close = (ours: unknown, theirs: unknown) => {
      const flat = (ours as number[]).flat(2) as number[];
      const wanted = (theirs as number[]).flat(2) as number[];
      expect(flat).toHaveLength(wanted.length);
      flat.forEach((value, at) => {
        expect(Math.abs(value - wanted[at])).toBeLessThanOrEqual(2e-8);
      });
    };
    close(toNested(outputs[0]), return_sequences ? printed.h : printed.h_last);
    if (return_state) {
      close(toNested(outputs[1]), return_sequences ? printed.h[printed.h.length - 1] : printed.h_last);
      close(toNested(outputs[2]), printed.c_last);
    }
  });
});

describe('the embedding presets', () => {
  it('look up the rows of the matrix that the tutorial prints', async () => {
    const traces = await run('embedding-lookup');
    const [r0, r1, r2] = [
      [-0.00732628, -0.02913231],
      [0.00573028, 0.0329752],
      [-0.0401206, -0.01729034],
    ];
    const expected = [r0, r1, r2, r1, r1, r0, r1];
    expect(traces.map(({ outputs }) => toNested(outputs[0]))).toEqual([expected, expected]);
  });

  it('turn (32, 10) whole numbers into (32, 10, 64) numbers within ±0.05, spread over all of it', async () => {
    const traces = await run('embedding-random');
    expect(traces).toHaveLength(32);
    expect(traces.every(({ outputs }) => outputs[0].shape.join() === '10,64')).toBe(true);
    const all = traces.flatMap(({ outputs }) => Array.from(outputs[0].data));
    expect(Math.max(...all)).toBeLessThanOrEqual(0.05);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(-0.05);
    expect(Math.max(...all)).toBeGreaterThan(0.0499);
    expect(Math.abs(all.reduce((sum, value) => sum + value, 0) / all.length)).toBeLessThan(0.002);
    const indices = traces.flatMap(({ inputs }) => Array.from(whole(inputs[0]).data));
    expect(new Set(indices).size).toBeGreaterThan(200);
  });

  it('keep the row of a word without a vector at zero, and say which word it is', async () => {
    const { model, notes, vocabulary } = await openPreset('presets/embedding-pretrained.json');
    const layer = model.layers.find(({ kind }) => kind === 'embedding');
    if (layer?.kind !== 'embedding' || vocabulary === null) throw new Error('the preset has no Embedding');
    const rowOf = (index: number) => Array.from(row(layer.weights.embeddings, index));
    expect(rowOf(vocabulary.words.unputdownable)).toEqual([0, 0, 0, 0]);
    expect(rowOf(vocabulary.words.not)).toEqual([-0.42, -0.5, 0.63, -0.27]); // the line of "not" in embedding-pretrained.vec
    expect(layer.trainable).toBe(false);
    expect(notes.join()).toMatch(/1 of 12 words.*unputdownable/);
  });
});

describe('the sentiment preset', () => {
  it('calls good what is good and bad what is not good, in both of its languages', async () => {
    const traces = await run('sentiment');
    const scores = traces.map(({ outputs }) => outputs[0].data[0]);
    expect(scores[0]).toBeLessThan(0.1); // the movie was not good
    expect(scores[1]).toBeGreaterThan(0.9); // this film is really wonderful
    expect(scores[2]).toBeGreaterThan(0.9); // 这部 电影 很 好看
  });
});

describe('the presets of what people get wrong', () => {
  it('masking: right padding gives what the words alone give, and a sample of padding only stays at zero', async () => {
    const traces = await run('masking');
    const lstm = traces.map((trace) => trace.calls.find(({ call }) => call.layer.name === 'lstm_1'));
    const h = (sample: number, t: number) => Array.from(row(lstm[sample]?.quantities.h as Rows, t));
    expect(h(0, 5)).toEqual(h(0, 2));
    expect(h(1, 2)).toEqual([0, 0, 0, 0]);
    // The same three words after padding and before it give the same last h.
    expect(h(1, 5)).toEqual(h(0, 2));
    expect(h(3, 5)).toEqual([0, 0, 0, 0]);
  });

  it('stateful: batch 2 starts from the last h and c of batch 1, sample by sample', async () => {
    const { model, batches } = await openPreset('presets/stateful.json');
    const { runs } = await record(model, batches);
    const lstm = (run: number, sample: number) => runs[run][sample].calls[1];
    for (const run of [1, 2]) {
      for (const sample of [0, 1]) {
        const before = lstm(run - 1, sample).quantities;
        expect(Array.from(lstm(run, sample).initialState?.h ?? [])).toEqual(
          Array.from(whole(before.h).data.subarray(-3)),
        );
        expect(Array.from(lstm(run, sample).initialState?.c ?? [])).toEqual(
          Array.from(whole(before.c).data.subarray(-3)),
        );
      }
    }
    expect(lstm(0, 0).initialState).toBeNull();
  });

  it('go-backwards: the sequence comes in the order in which it was computed', async () => {
    const [{ outputs, calls }] = await run('go-backwards');
    const [sequence, stateH] = outputs;
    expect(Array.from(sequence.data.subarray(-3))).toEqual(Array.from(stateH.data));
    // The first row has seen the last timestep of the input only: it is what one step from zeros gives.
    const { model } = await openPreset('presets/go-backwards.json');
    const last = whole(calls[0].input).data.subarray(-2);
    const alone = await record({ ...model }, [
      [{ shape: [1, 6, 2], data: Float64Array.from({ length: 12 }, (_, at) => (at < 10 ? 0 : last[at - 10])) }],
    ]);
    expect(Array.from((alone.runs[0][0].outputs[0] as Tensor).data.subarray(0, 3))).toEqual(
      Array.from(sequence.data.subarray(0, 3)),
    );
  });

  it('initial-state: the decoder starts from the encoder’s last h and c', async () => {
    const [{ calls }] = await run('initial-state');
    const named = (name: string) => calls.find(({ call }) => call.layer.name === name);
    const [, h, c] = named('encoder')?.returns ?? [];
    expect(Array.from(named('decoder')?.initialState?.h ?? [])).toEqual(Array.from(whole(h).data));
    expect(Array.from(named('decoder')?.initialState?.c ?? [])).toEqual(Array.from(whole(c).data));
    expect(Math.abs(whole(c).data[0])).toBeGreaterThan(0);
  });
});
