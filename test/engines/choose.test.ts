import { describe, expect, it } from 'vitest';
import { chooseEngine, recordingSize, referenceSeconds } from '../../src/engines/choose.ts';
import { record } from '../../src/engines/record.ts';
import { buildPreset, openPreset, parsePreset } from '../../src/formats/preset/open.ts';
import { sizeOf, tensor, whole } from '../../src/math/tensor.ts';

const built = async (layers: readonly object[]) => (await buildPreset(parsePreset({ layers }, 'p'), 'p')).model;

const lstm = (units: number, features: number, timesteps: number | null) =>
  built([{ class_name: 'LSTM', units, input_shape: [timesteps, features] }]);

describe('the engine that runs a model', () => {
  it('is reference for a small model that is shown, simd for a large one and for data, and the one that is asked for', async () => {
    const small = [await lstm(2, 2, 10), [[tensor([1, 10, 2])]]] as const;
    expect(chooseEngine('auto', ...small, true)).toBe('reference');
    expect(chooseEngine('auto', ...small, false)).toBe('simd');
    expect(chooseEngine('kernel', ...small, true)).toBe('kernel');
    const large = await lstm(512, 256, 200);
    expect(chooseEngine('auto', large, [[tensor([1, 200, 256])]], true)).toBe('simd');
    expect(chooseEngine('reference', large, [[tensor([1, 200, 256])]], true)).toBe('reference');
    // Four gates, each (256 + 512) × 512 multiplications, at 200 timesteps.
    expect(referenceSeconds(large, [[tensor([1, 200, 256])]])).toBeGreaterThan(200 * 4 * 768 * 512 * 10e-9);
  });

  it('counts every sample of every batch, and timesteps that only the input knows', async () => {
    const model = await lstm(32, 32, null);
    const one = referenceSeconds(model, [[tensor([1, 100, 32])]]);
    expect(referenceSeconds(model, [[tensor([10, 100, 32])]])).toBeCloseTo(10 * one, 6);
    expect(referenceSeconds(model, [[tensor([1, 100, 32])], [tensor([1, 100, 32])]])).toBeCloseTo(2 * one, 6);
    expect(referenceSeconds(model, [[tensor([1, 1000, 32])]])).toBeCloseTo(10 * one, 6);
  });

  it('knows how many numbers a recording holds', async () => {
    const { model, batches } = await openPreset('presets/stacked.json');
    const { runs } = await record(model, batches, 'kernel');
    const held = runs[0][0].calls
      .flatMap(({ quantities }) => Object.values(quantities))
      .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const estimate = recordingSize(model, batches);
    expect(estimate / held).toBeGreaterThan(0.9);
    expect(estimate / held).toBeLessThan(1.5);
  });

  it('refuses a recording of which not even what its parts are computed from would fit into memory, before it starts', async () => {
    const model = await lstm(64, 1, null);
    await expect(record(model, [[tensor([1, 1_000_000, 1])]], 'kernel', { memory: 2 ** 20 })).rejects.toThrow(
      /does not fit into the memory/,
    );
  });

  it('refuses layers that each make ten timesteps of one before anything is computed', async () => {
    const ten = { class_name: 'UpSampling1D', size: 10 };
    const model = await built([{ class_name: 'Input', shape: [null, 1] }, ...Array(12).fill(ten)]);
    expect(() => recordingSize(model, [[tensor([1, 3, 1])]])).toThrow(/^up_sampling1d_7\.size: /);
    const six = await built([{ class_name: 'Input', shape: [null, 1] }, ...Array(6).fill(ten)]);
    // 3 + 30 + … + 3 · 10⁶ numbers, each as y and as what is handed on.
    expect(recordingSize(six, [[tensor([1, 3, 1])]])).toBeGreaterThan(3_333_333);
  });

  it('counts the scores of an attention, a number for each pair of timesteps', async () => {
    const model = await built([
      { class_name: 'Input', shape: [null, 1], name: 'x' },
      { class_name: 'Attention', inputs: ['x', 'x'] },
    ]);
    expect(recordingSize(model, [[tensor([1, 500, 1])]])).toBeGreaterThan(2 * 500 * 500);
  });

  it.each([
    [
      'a window longer than the sequence',
      { class_name: 'Conv1D', filters: 1, kernel_size: 5 },
      /^conv1d: .*Conv1D's window/,
    ],
    [
      'numbers that fill no row',
      { class_name: 'Reshape', target_shape: [-1, 2] },
      /^reshape\.target_shape: .*unchanged/,
    ],
  ])('%s, known with the input only, is refused with the layer’s name', async (_, layer, message) => {
    const model = await built([{ class_name: 'Input', shape: [null, 1] }, layer]);
    for (const engine of ['reference', 'kernel'] as const)
      await expect(record(model, [[tensor([1, 3, 1])]], engine)).rejects.toThrow(message);
  });

  it('the last of thousands of batches can be looked at first', async () => {
    const model = await built([
      { class_name: 'Input', batch_shape: [1, 1, 1] },
      { class_name: 'LSTM', units: 1, stateful: true },
    ]);
    const batches = Array.from({ length: 5_000 }, () => [tensor([1, 1, 1], [1])]);
    const { runs } = await record(model, batches, 'kernel', { lazily: true });
    const last = runs[4_999][0].calls[1].initialState;
    expect(last?.h[0]).toBe(whole(runs[4_998][0].calls[1].quantities.h).data[0]);
  });
});
