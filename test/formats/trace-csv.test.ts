import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { openPreset } from '../../src/formats/preset/open.ts';
import { traceCsv } from '../../src/formats/trace-csv.ts';
import { row, tensor } from '../../src/math/tensor.ts';
import { batchesOf } from '../golden/compare.ts';
import { openKeras, readCase } from '../golden/keras-model.ts';
import { presetRecording, recordingOf, withQuantity, zeroLstm } from './recordings.ts';

const text = (...args: Parameters<typeof traceCsv>) => [...traceCsv(...args)].join('');
const lines = (...args: Parameters<typeof traceCsv>) =>
  text(...args)
    .trimEnd()
    .split('\n');

describe('the CSV of a trace', () => {
  it('is, character by character, this for the smallest model; the masked timestep has no row', async () => {
    const recording = await recordingOf(
      [{ class_name: 'Input', shape: [2, 1] }, { class_name: 'Masking' }, zeroLstm(2, 1)],
      {
        input: [
          [[0], [2]],
          [[0], [0]],
        ],
      },
    );
    expect(text(recording, { quantities: ['o', 'h'] })).toBe(
      `run,sample,layer,call,direction,timestep,quantity,unit,value
1,1,lstm_1,1,forward,1,o,0,0.5
1,1,lstm_1,1,forward,1,o,1,0.5
1,1,lstm_1,1,forward,1,h,0,0
1,1,lstm_1,1,forward,1,h,1,0
`,
    );
  });

  it('counts the input’s timesteps under go_backwards, and agrees with Keras', async () => {
    const { model } = await openKeras('go-backwards');
    const expected = readCase('go-backwards');
    const [theirs] = expected.layers;
    const steps = theirs.steps.f[0].length;
    const rows = lines(await record(model, batchesOf(expected), 'kernel'), { quantities: ['f'] });
    expect(rows).toHaveLength(1 + theirs.steps.f.flat(2).length);
    for (const row of rows.slice(1)) {
      const [, sample, , , direction, timestep, , unit, value] = row.split(',');
      const keras = theirs.steps.f[Number(sample) - 1][steps - 1 - Number(timestep)][Number(unit)] as number;
      expect(direction).toBe('backward');
      expect(Math.abs(Number(value) - keras)).toBeLessThan(1e-5);
    }
  });

  it('numbers runs, samples and calls from 1', async () => {
    const rows = lines(await presetRecording('stateful'), { quantities: ['h'] }).slice(1);
    expect(rows).toHaveLength(3 * 2 * 4 * 3);
    expect([...new Set(rows.map((row) => row.split(',').slice(0, 2).join('/')))]).toEqual([
      '1/1',
      '1/2',
      '2/1',
      '2/2',
      '3/1',
      '3/2',
    ]);
    const { model } = await openKeras('shared-layer');
    const shared = lines(await record(model, batchesOf(readCase('shared-layer')), 'kernel'));
    expect(new Set(shared.slice(1).map((row) => row.split(',')[3]))).toEqual(new Set(['1', '2', '3', '4']));
  });

  it('quotes names as RFC 4180 says', async () => {
    const recording = await recordingOf([{ class_name: 'Input', shape: [1, 1] }, zeroLstm(1, 1)], { input: [[[0]]] });
    const call = recording.runs[0][0].calls[1];
    const named = { ...call, call: { ...call.call, layer: { ...call.call.layer, name: 'a "b", c\nd' } } };
    const renamed = {
      ...recording,
      runs: [[{ ...recording.runs[0][0], calls: [recording.runs[0][0].calls[0], named] }]],
    };
    expect(text(renamed, { quantities: ['i'] })).toContain('\n1,1,"a ""b"", c\nd",1,forward,0,i,0,0.5\n');
  });

  it('writes numbers that are none by name', async () => {
    const recording = await recordingOf([{ class_name: 'Input', shape: [1, 1] }, zeroLstm(3, 1)], { input: [[[0]]] });
    const strange = withQuantity(recording, 1, 'i', tensor([1, 3], [Number.NaN, -1 / 0, -0]));
    expect(lines(strange, { quantities: ['i'] }).map((row) => row.split(',')[8])).toEqual([
      'value',
      'NaN',
      '-Infinity',
      '-0',
    ]);
  });

  it('writes the float32 of the fast engine in the digits that give it back', async () => {
    const { model, batches } = await openPreset('presets/return-state.json');
    const recording = await record(model, batches, 'simd');
    const calls = recording.runs[0][0].calls.filter(({ call }) => call.layer.kind === 'lstm');
    // A row of every quantity, one timestep after the other.
    const expected = calls.flatMap(({ quantities }) =>
      Array.from({ length: quantities.h.shape[0] }, (_, step) =>
        Object.values(quantities).flatMap((t) => [...row(t, step)]),
      ).flat(),
    );
    const texts = lines(recording, { layers: calls.map(({ call }) => call.layer.name) })
      .slice(1)
      .map((line) => line.split(',')[8]);
    expect(texts.map((text) => Math.fround(Number(text)))).toEqual(expected);
    expect(texts.filter((text) => String(Number(Number(text).toPrecision(9))) !== text)).toEqual([]);
  });

  it('has only its first line for a model without recurrent layers, and says so where such a layer is named', async () => {
    const recording = await presetRecording('embedding-lookup');
    expect(lines(recording)).toHaveLength(1);
    expect(() => traceCsv(recording, { layers: ['embedding_1'] })).toThrow(
      /CSV holds the quantities of recurrent layers.*embedding_1.*no recurrent layer/,
    );
  });
});
