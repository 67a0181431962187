import { strFromU8, unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { traceNpz } from '../../src/formats/trace-npz.ts';
import { batchesOf } from '../golden/compare.ts';
import { openKeras, readCase } from '../golden/keras-model.ts';
import { presetRecording, recordingOf, zeroLstm } from './recordings.ts';

/* numpy.load has read every preset's NPZ, with numbers equal to the JSON's; here its format is taken apart by hand. */

const bytes = (...args: Parameters<typeof traceNpz>) => Buffer.concat([...traceNpz(...args)]);

/** A .npy as numpy/lib/format.py describes it. */
function npy(file: Uint8Array): { size: number; shape: number[]; data: number[] } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  expect(Array.from(file.subarray(0, 8))).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  const start = 10 + view.getUint16(8, true);
  expect(start % 64).toBe(0);
  const header = strFromU8(file.subarray(10, start));
  expect(header.endsWith('\n')).toBe(true);
  const match = /^\{'descr': '<f([48])', 'fortran_order': False, 'shape': \(([\d, ]+)\), \} *\n$/.exec(header);
  const size = Number(match?.[1]);
  const shape = (match?.[2] ?? '').split(',').flatMap((length) => (length.trim() === '' ? [] : [Number(length)]));
  const data = Array.from({ length: (file.length - start) / size }, (_, at) =>
    size === 4 ? view.getFloat32(start + 4 * at, true) : view.getFloat64(start + 8 * at, true),
  );
  expect(data).toHaveLength(shape.reduce((a, b) => a * b, 1));
  return { size, shape, data };
}

const arrays = (...args: Parameters<typeof traceNpz>) =>
  Object.fromEntries(
    Object.entries(unzipSync(bytes(...args))).map(([name, file]) => {
      expect(name.endsWith('.npy')).toBe(true);
      return [name.slice(0, -4), npy(file)];
    }),
  );

describe('the NPZ of a trace', () => {
  it('has inputs, outputs and [batch, timesteps, units] of each quantity; masked steps are NaN, h and c carried', async () => {
    const recording = await recordingOf(
      [{ class_name: 'Input', shape: [2, 1] }, { class_name: 'Masking' }, zeroLstm(1, 1)],
      {
        input: [
          [[0], [2]],
          [[3], [0]],
        ],
      },
    );
    const found = arrays(recording, { quantities: ['f', 'h'] });
    expect(Object.keys(found)).toEqual(['inputs.0', 'outputs.0', 'lstm_1.f', 'lstm_1.h']);
    expect(found['inputs.0']).toEqual({ size: 8, shape: [2, 2, 1], data: [0, 2, 3, 0] });
    expect(found['outputs.0']).toEqual({ size: 8, shape: [2, 1], data: [0, 0] });
    expect(found['lstm_1.f']).toEqual({ size: 8, shape: [2, 2, 1], data: [Number.NaN, 0.5, 0.5, Number.NaN] });
    expect(found['lstm_1.h'].data).toEqual([0, 0, 0, 0]);
  });

  it('is stored without compression, so that its numbers stand in the file as they are', async () => {
    const file = bytes(await presetRecording('return-sequences'), { quantities: ['h'] });
    expect(file.readUInt32LE(0)).toBe(0x04034b50);
    expect(file.readUInt16LE(8)).toBe(0);
    const number = Buffer.alloc(8);
    number.writeDoubleLE(0.2);
    expect(file.includes(number)).toBe(true);
  });

  it('is the same file every time', async () => {
    const recording = await presetRecording('masking');
    expect(bytes(recording).equals(bytes(recording))).toBe(true);
  });

  it('numbers second calls and second runs: lstm#2.f, run2/lstm_1.f; and agrees with Keras', async () => {
    const { model } = await openKeras('shared-layer');
    const expected = readCase('shared-layer');
    const found = arrays(await record(model, batchesOf(expected), 'kernel'));
    const second = Object.keys(found).find((name) => name.endsWith('#2.f')) as string;
    expect(found[second]).toBeDefined();
    const names = new Set(Object.keys(found).flatMap((name) => /^(.*)\.f$/.exec(name)?.[1] ?? []));
    expect(names.size).toBe(expected.layers.length);
    for (const [at, name] of [...names].entries()) {
      const keras = expected.layers[at].steps.c.flat(2) as number[];
      found[`${name}.c`].data.forEach((value, n) => {
        expect(Math.abs(value - keras[n])).toBeLessThan(1e-5);
      });
    }
    const runs = Object.keys(arrays(await presetRecording('stateful'), { quantities: ['f'] }));
    expect(runs).toEqual([
      'inputs.0',
      'outputs.0',
      'lstm_1.f',
      'run2/inputs.0',
      'run2/outputs.0',
      'run2/lstm_1.f',
      'run3/inputs.0',
      'run3/outputs.0',
      'run3/lstm_1.f',
    ]);
  });

  it('is in processing order under go_backwards, as steps are', async () => {
    const { model } = await openKeras('go-backwards');
    const expected = readCase('go-backwards');
    const found = arrays(await record(model, batchesOf(expected), 'kernel'));
    const [, f] = Object.entries(found).find(([name]) => name.endsWith('.f')) as [string, { data: number[] }];
    (expected.layers[0].steps.f.flat(2) as number[]).forEach((value, at) => {
      expect(Math.abs(f.data[at] - value)).toBeLessThan(1e-5);
    });
  });

  it('is float32 where the engine computed in float32, masked or not; the input stays as it was given', async () => {
    const { model } = await openKeras('masking-layer');
    const expected = readCase('masking-layer');
    const found = arrays(await record(model, batchesOf(expected), 'simd'));
    const { 'inputs.0': given, ...computed } = found;
    expect(given.size).toBe(8);
    expect(Object.keys(computed).length).toBeGreaterThan(5);
    expect(new Set(Object.values(computed).map(({ size }) => size))).toEqual(new Set([4]));
    const [, c] = Object.entries(found).find(([name]) => name.endsWith('.c')) as [string, { data: number[] }];
    (expected.layers[0].steps.c.flat(2) as number[]).forEach((value, at) => {
      expect(Math.abs(c.data[at] - value)).toBeLessThan(1e-5);
    });
  });

  it('says that a named layer has nothing to hold', async () => {
    const recording = await presetRecording('masking');
    expect(() => traceNpz(recording, { layers: ['dense_1'] })).toThrow(/NPZ holds the quantities of recurrent layers/);
  });
});
