import { describe, expect, it } from 'vitest';
import { chooseEngine, recordingSize, referenceSeconds } from '../../src/engines/choose.ts';
import { record } from '../../src/engines/record.ts';
import { buildPreset, openPreset, parsePreset } from '../../src/formats/preset/open.ts';
import { tensor } from '../../src/math/tensor.ts';

const lstm = async (units: number, features: number, timesteps: number | null) =>
  (
    await buildPreset(
      parsePreset({ layers: [{ class_name: 'LSTM', units, input_shape: [timesteps, features] }] }, 'p'),
      'p',
    )
  ).model;

describe('the engine that a model starts on', () => {
  it('is reference for a small model and kernel where reference would take over two seconds', async () => {
    expect(chooseEngine(await lstm(2, 2, 10), [[tensor([1, 10, 2])]])).toBe('reference');
    const large = await lstm(512, 256, 200);
    expect(chooseEngine(large, [[tensor([1, 200, 256])]])).toBe('kernel');
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
      .reduce((sum, { data }) => sum + data.length, 0);
    const estimate = recordingSize(model, batches);
    expect(estimate / held).toBeGreaterThan(0.9);
    expect(estimate / held).toBeLessThan(1.5);
  });

  it('refuses a recording that would not fit into memory before it starts', async () => {
    const model = await lstm(64, 1, null);
    await expect(record(model, [[tensor([1, 1_000_000, 1])]], 'kernel')).rejects.toThrow(
      /the trace would hold .* numbers/,
    );
  });
});
