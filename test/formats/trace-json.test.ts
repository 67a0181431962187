import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { openPreset } from '../../src/formats/preset/open.ts';
import { traceJson } from '../../src/formats/trace-json.ts';
import { LabError } from '../../src/math/lab-error.ts';
import { tensor, whole } from '../../src/math/tensor.ts';
import type { CallTrace } from '../../src/trace/trace.ts';
import { batchesOf } from '../golden/compare.ts';
import { type Case, openKeras, readCase } from '../golden/keras-model.ts';
import { modelOf, presetRecording, recordingOf, withQuantity, zeroLstm } from './recordings.ts';

const text = (...args: Parameters<typeof traceJson>) => [...traceJson(...args)].join('');
const parsed = (...args: Parameters<typeof traceJson>) => JSON.parse(text(...args));

/** Numbers close, everything else (nulls, booleans, lengths, names) equal. */
function expectClose(ours: unknown, theirs: unknown, place = ''): void {
  if (Array.isArray(theirs)) {
    expect(ours, place).toHaveLength(theirs.length);
    theirs.forEach((part, at) => {
      expectClose((ours as unknown[])[at], part, `${place}[${at}]`);
    });
  } else if (typeof theirs === 'number') {
    expect(Math.abs((ours as number) - theirs), place).toBeLessThan(1e-5 * Math.max(1, Math.abs(theirs)));
  } else {
    expect(ours, place).toEqual(theirs);
  }
}

describe('the JSON of a trace', () => {
  it.each([
    'mask-zero',
    'go-backwards-masked',
    'stateful',
    'shared-layer',
    'initial-state-inputs',
    'zero-output-for-mask',
    'tutorial-return-sequences-and-state',
  ])('has the layout, the nulls and the numbers of what Keras itself gave: %s', async (name) => {
    const { model } = await openKeras(name);
    const expected = readCase(name);
    const trace = parsed(await record(model, batchesOf(expected), 'kernel'));
    const runs: Case[] = expected.runs ? trace.runs : [trace];
    const wanted = expected.runs ?? [expected];
    expect(runs).toHaveLength(wanted.length);
    wanted.forEach((theirs, at) => {
      const ours = runs[at];
      expectClose(
        ours.inputs.map(({ shape, data }) => [shape, data]),
        theirs.inputs.map(({ shape, data }) => [shape, data]),
      );
      const recurrent = ours.layers.filter((layer) => layer.class === 'LSTM');
      expect(recurrent).toHaveLength(theirs.layers.length);
      theirs.layers.forEach((layer, n) => {
        const mine = recurrent[n];
        expect([mine.class, mine.direction, mine.mask]).toEqual([layer.class, layer.direction, layer.mask]);
        // Keras has zeros where a trace may say null.
        const start = layer.initial_state?.flat(2).every((value) => value === 0) ? null : layer.initial_state;
        expectClose(mine.initial_state, start, 'initial_state');
        expectClose(
          mine.returns?.map(({ name, shape, data }) => [name, shape, data]),
          layer.returns?.map(({ name, shape, data }) => [name, shape, data]),
        );
        for (const [symbol, values] of Object.entries(layer.steps)) expectClose(mine.steps[symbol], values, symbol);
      });
    });
  });

  it('is, character by character, this for the smallest model', async () => {
    const recording = await recordingOf(
      [{ class_name: 'Input', name: 'x', shape: [2, 1] }, { class_name: 'Masking' }, zeroLstm(1, 1)],
      { input: [[[0], [2]]] },
    );
    expect(text(recording, { source: 'tiny.json', madeWith: 'Keras 3.15', quantities: ['i', 'c', 'h'] })).toBe(
      `{"format": "lstm-lab-trace", "version": 1,
"model": {"name":"test","source":"tiny.json","made_with":"Keras 3.15"},
"engine": "kernel",
"inputs": [{"name": "x", "shape": [1,2,1], "data": [[[0],[2]]]}],
"outputs": [{"name": "lstm_1", "shape": [1,1], "data": [[0]]}],
"layers": [
{"name": "masking", "class": "Masking", "direction": "forward",
"mask": null,
"initial_state": null,
"returns": [{"name": "output", "shape": [1,2,1], "data": [[[0],[2]]]}]},
{"name": "lstm_1", "class": "LSTM", "direction": "forward",
"mask": [[false,true]],
"initial_state": null,
"returns": [{"name": "output", "shape": [1,1], "data": [[0]]}],
"steps": {
"i": [[[null],[0.5]]],
"c": [[[0],[0]]],
"h": [[[0],[0]]]}}]}
`,
    );
  });

  it('keeps every float64: −0, the smallest and the largest, not-a-number and infinities', async () => {
    const recording = await recordingOf([{ class_name: 'Input', shape: [2, 1] }, zeroLstm(4, 1)], {
      input: [[[0], [0]]],
    });
    const values = [-0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, Number.NaN, 1 / 0, -1 / 0, -1e21];
    const trace = parsed(withQuantity(recording, 1, 'f', tensor([2, 4], values)));
    const written = trace.layers[0].steps.f[0].flat();
    expect(written.slice(4, 7)).toEqual(['NaN', 'Infinity', '-Infinity']);
    written.forEach((value: number | string, at: number) => {
      expect(Object.is(Number(value), values[at])).toBe(true);
    });
  });

  it('gives back every float32 of what was computed in it, in nine digits at most, and what was given to the last bit', async () => {
    const { model, batches } = await openPreset('presets/return-state.json');
    const [[{ shape, data }]] = batches;
    const given = [[{ shape, data: Float32Array.from(data, (value) => value + 0.1) }]];
    const recording = await record(model, given, 'simd');
    const trace = parsed(recording);
    expect(trace.inputs[0].data.flat(2)).toEqual([...given[0][0].data]);
    const layer = trace.layers.find(({ name }: { name: string }) => name === 'lstm_1');
    const { quantities } = recording.runs[0][0].calls.find(({ call }) => call.layer.name === 'lstm_1') as CallTrace;
    for (const [symbol, t] of Object.entries(quantities)) {
      const written: number[] = layer.steps[symbol][0].flat();
      expect(written.map(Math.fround)).toEqual([...whole(t).data]);
      expect(written.filter((value) => Number(value.toPrecision(9)) !== value)).toEqual([]);
    }
  });

  it('writes float32 as such also where its axes are not in the order of the file', async () => {
    const lstm = { ...zeroLstm(1, 1), time_major: true, return_sequences: true };
    lstm.weights.bias = [1, 1, 1, 1];
    const model = await modelOf([{ class_name: 'Input', shape: [2, 1] }, lstm], { input: [[[0], [0]]] });
    const recording = await record(model, [[tensor([1, 2, 1])]], 'simd');
    const [{ returns, steps }] = parsed(recording).layers;
    expect(returns[0].data.flat(2)).toEqual(steps.h.flat(2));
    expect(String(returns[0].data[0][0][0]).length).toBeLessThan(12);
  });

  it('names the model’s outputs by layer, its states :1 and :2', async () => {
    const trace = parsed(await presetRecording('return-sequences-and-state'));
    expect(trace.outputs.map(({ name }: { name: string }) => name)).toEqual(['lstm_2', 'lstm_2:1', 'lstm_2:2']);
  });

  it('has runs instead of inputs, outputs and layers where batches follow each other', async () => {
    const trace = parsed(await presetRecording('stateful'));
    expect(Object.keys(trace)).toEqual(['format', 'version', 'model', 'engine', 'runs']);
    expect(Object.keys(trace.runs[1])).toEqual(['inputs', 'outputs', 'layers']);
    const [first, second] = trace.runs.map(({ layers }: Case) => layers[0]);
    expect(first.initial_state).toBeNull();
    expect(second.initial_state[0][1]).toEqual(first.steps.h[1][3]);
    expect(second.initial_state[1][0]).toEqual(first.steps.c[0][3]);
  });

  it('gives samples that start from zeros their zeros where another sample carries a state', async () => {
    const recording = await presetRecording('stateful');
    const [first, second] = recording.runs;
    const mixed = { ...recording, runs: [[second[0], { ...first[1] }]] };
    const state = parsed(mixed).layers[0].initial_state;
    expect(state[0][0]).toEqual(Array.from(second[0].calls[1].initialState?.h ?? []));
    expect(state[0][1]).toEqual([0, 0, 0]);
    expect(state[1][1]).toEqual([0, 0, 0]);
  });

  it('comes in chunks that stay small, however long the trace is', async () => {
    const chunks = [...traceJson(await presetRecording('sentiment'))];
    expect(chunks.length).toBeGreaterThan(8);
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(2 ** 17);
  });
});

describe('a part of a trace', () => {
  it('has the layers and quantities that were named, all calls of a shared layer or one of them', async () => {
    const { model } = await openKeras('shared-layer');
    const recording = await record(model, batchesOf(readCase('shared-layer')), 'kernel');
    const shared = recording.model.calls.find(({ number }) => number === 2)?.layer.name as string;
    const all = parsed(recording, { layers: [shared] });
    expect(all.layers.map(({ name }: { name: string }) => name)).toEqual(new Array(4).fill(shared));
    const second = parsed(recording, { layers: [`${shared}#2`], quantities: ['h', 'i'] });
    expect(second.layers).toHaveLength(1);
    expect(Object.keys(second.layers[0].steps)).toEqual(['i', 'h']);
    expect(second.layers[0].steps.h).toEqual(all.layers[1].steps.h);
  });

  it.each([
    [{ layers: ['lstm_9'] }, 'usage', /no layer of this name.*Received: lstm_9.*did you mean "lstm_1"/],
    [{ layers: ['tokens'] }, 'usage', /Input computes nothing/],
    [{ quantities: ['tahn_c'] }, 'usage', /no quantity of this name.*did you mean "tanh_c"/],
    [{ quantities: ['q'] }, 'usage', /there are z_i, z_f, .*g is the candidate/],
    [
      { layers: ['dense_1', 'embedding_1'], quantities: ['f'] },
      'usage',
      /only recurrent layers have quantities.*embedding_1, dense_1.*lstm_1, lstm_2/,
    ],
  ])('refuses %j with the nearest name, before anything is written', async (filter, kind, message) => {
    const recording = await presetRecording('masking');
    let error: unknown;
    try {
      traceJson(recording, filter);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(LabError);
    expect((error as LabError).kind).toBe(kind);
    expect((error as LabError).message).toMatch(message);
  });

  it('says that a model has no recurrent layer at all', async () => {
    const recording = await presetRecording('embedding-lookup');
    expect(() => traceJson(recording, { quantities: ['f'] })).toThrow(/this model has no recurrent layer/);
  });
});
