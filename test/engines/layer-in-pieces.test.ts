import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { buildPreset, parsePreset } from '../../src/formats/preset/open.ts';
import { type Tensor, tensor, whole } from '../../src/math/tensor.ts';
import { buildModel } from '../../src/model/build.ts';
import type { Model } from '../../src/model/graph.ts';
import type { EngineName, Recording } from '../../src/trace/trace.ts';
import { randomKinds } from './random-kinds.ts';
import { useSteadyClock } from './steady-clock.ts';

const STEPS = 40;

// Pieces keep their first size, one row, and there is a pause after some of them.
useSteadyClock();

const everything = ({ runs }: Recording) =>
  runs
    .flat()
    .flatMap(({ calls }) =>
      calls.flatMap(({ call, quantities, returns, outputMask, inputs }) => [
        ...Object.entries(quantities).map(([symbol, t]) => [call.layer.name, symbol, t.shape, whole(t).data]),
        ...[...returns, ...inputs].map((t) => [call.layer.name, t.shape, whole(t).data]),
        [call.layer.name, outputMask],
      ]),
    );

async function model(...layers: readonly Readonly<Record<string, unknown>>[]): Promise<Model> {
  const document = { keras: 3, seed: 6, layers: [{ class_name: 'Input', shape: [null, 4], name: 'x' }, ...layers] };
  return (await buildPreset(parsePreset(document, 'pieces'), 'pieces')).model;
}

const batch = (steps = STEPS): readonly (readonly Tensor[])[] => [
  [
    tensor(
      [1, steps, 4],
      Float64Array.from({ length: 4 * steps }, (_, at) => (at % 28 < 4 ? 0 : Math.sin(at * at))),
    ),
  ],
];

const masked = { class_name: 'Masking', name: 'm' };
const models: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  'Attention, causal and masked': [
    masked,
    { class_name: 'Attention', use_scale: true, use_causal_mask: true, inputs: ['m', 'm'] },
  ],
  AdditiveAttention: [{ class_name: 'AdditiveAttention', inputs: ['x', 'x'] }],
  MultiHeadAttention: [masked, { class_name: 'MultiHeadAttention', num_heads: 2, key_dim: 3, inputs: ['m', 'm'] }],
  'Conv1D with padding': [
    { class_name: 'Conv1D', filters: 3, kernel_size: 5, padding: 'causal', dilation_rate: 2 },
    { class_name: 'Conv1D', filters: 3, kernel_size: 4, padding: 'same', strides: 2 },
  ],
  'depthwise convolutions': [
    { class_name: 'DepthwiseConv1D', kernel_size: 3, padding: 'same' },
    { class_name: 'SeparableConv1D', filters: 2, kernel_size: 3 },
  ],
  pooling: [
    { class_name: 'MaxPooling1D', pool_size: 3, padding: 'same', strides: 1 },
    { class_name: 'AveragePooling1D', pool_size: 2 },
  ],
  'Dense and a normalization': [
    { class_name: 'Dense', units: 5, activation: 'softmax' },
    { class_name: 'LayerNormalization' },
  ],
  TimeDistributed: [{ class_name: 'TimeDistributed', layer: { class_name: 'Dense', units: 3 } }],
};
const engines: readonly EngineName[] = ['reference', 'kernel', 'simd'];

describe('a layer that is computed in pieces', () => {
  const cases = Object.keys(models).flatMap((name) => engines.map((engine) => [name, engine] as const));
  it.each(cases)('is to the last bit what it is at once: %s, %s', async (name, engine) => {
    const built = await model(...models[name]);
    let heard = 0;
    const inPieces = await record(built, batch(), engine, { onProgress: () => heard++ });
    expect(everything(inPieces)).toEqual(everything(await record(built, batch(), engine)));
    expect(heard).toBeGreaterThan(5);
  });

  it('is the same for random models of every kind, in every engine', async () => {
    await fc.assert(
      fc.asyncProperty(randomKinds, fc.constantFrom(...engines), async ({ plan, numbers }, engine) => {
        const built = buildModel(plan);
        const shape = built.calls[0].outputShapes[0] as number[];
        const batches = [[tensor([1, ...shape], numbers.slice(0, numbers.length / 2))]];
        const inPieces = await record(built, batches, engine, { onProgress: () => {} });
        expect(everything(inPieces)).toEqual(everything(await record(built, batches, engine)));
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it.each(engines)('is given up in the middle, %s', async (engine) => {
    const built = await model(...models.MultiHeadAttention);
    const controller = new AbortController();
    const fractions: number[] = [];
    const given = record(built, batch(), engine, {
      signal: controller.signal,
      onProgress: (done, total) => {
        fractions.push(done / total);
        if (fractions.length === 4) controller.abort('enough');
      },
    });
    await expect(given).rejects.toBe('enough');
    expect(fractions).toHaveLength(4);
    expect(fractions[3]).toBeLessThan(1);
  });

  it('is computed in pieces also where the trace does not fit into memory', async () => {
    const lstm = { class_name: 'LSTM', units: 64, return_sequences: true };
    const built = await model(...models['Attention, causal and masked'], lstm);
    const seen: number[] = [];
    const recording = await record(built, batch(300), 'kernel', { memory: 2_400_000, whileComputing: true });
    expect(recording.progress).toBeDefined();
    await new Promise<void>((resolve) => {
      recording.progress?.onChange(() => {
        seen.push(recording.progress?.fraction ?? 0);
        if (recording.progress?.isDone || recording.progress?.error) resolve();
      });
    });
    expect(recording.progress?.error).toBe(null);
    expect(seen.filter((fraction) => fraction > 0.1 && fraction < 0.9).length).toBeGreaterThan(5);
    expect(everything(recording)).toEqual(everything(await record(built, batch(300), 'kernel')));
  });
});
