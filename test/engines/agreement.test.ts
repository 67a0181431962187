import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { buildPreset, openPreset, parsePreset } from '../../src/formats/preset/open.ts';
import { type Tensor, tensor, whole } from '../../src/math/tensor.ts';
import { buildModel } from '../../src/model/build.ts';
import type { Model } from '../../src/model/graph.ts';
import type { Recording } from '../../src/trace/trace.ts';
import { randomKinds } from './random-kinds.ts';
import { randomModel } from './random-models.ts';

/** Every array of a recording, by name. */
function arrays({ runs }: Recording): [name: string, data: ArrayLike<number>][] {
  return runs.flatMap((run, r) =>
    run.flatMap((trace, s) =>
      trace.calls.flatMap(({ call, quantities, returns }) => [
        ...Object.entries(quantities).map(([symbol, t]): [string, ArrayLike<number>] => [
          `run ${r} sample ${s} ${call.layer.name}.${symbol}`,
          whole(t).data,
        ]),
        ...returns.map((t, n): [string, ArrayLike<number>] => [
          `run ${r} sample ${s} ${call.layer.name} returns ${n}`,
          whole(t).data,
        ]),
      ]),
    ),
  );
}

async function expectAgreement(
  model: Model,
  batches: readonly (readonly Tensor[])[],
): Promise<'finite' | 'overflowed'> {
  const reference = arrays(await record(model, batches, 'reference'));
  const kernel = arrays(await record(model, batches, 'kernel'));
  expect(kernel.map(([name]) => name)).toEqual(reference.map(([name]) => name));
  let overflowed = false;
  reference.forEach(([name, expected], n) => {
    const actual = kernel[n][1];
    expect(actual.length, name).toBe(expected.length);
    const finite = Array.from(expected).filter(Number.isFinite);
    const largest = finite.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    for (let at = 0; at < expected.length; at++) {
      if (Number.isFinite(expected[at])) {
        expect(
          Math.abs(actual[at] - expected[at]) / largest,
          `${name}[${at}]: ${actual[at]}, ${expected[at]}`,
        ).toBeLessThanOrEqual(1e-12);
      } else {
        overflowed ||= !Number.isNaN(expected[at]);
        expect(actual[at], `${name}[${at}]`).toBe(expected[at]);
      }
    }
  });
  return overflowed ? 'overflowed' : 'finite';
}

const presets = readdirSync('presets').filter((file) => file.endsWith('.json') && !file.endsWith('.schema.json'));

describe('the two engines compute the same', () => {
  it.each(presets)('%s', async (file) => {
    const { model, batches } = await openPreset(`presets/${file}`);
    await expectAgreement(model, batches);
  });

  it('one number that is taken out of a vector, and looked up', async () => {
    const { model, batches } = await buildPreset(
      parsePreset(
        {
          layers: [
            { class_name: 'Input', shape: [4] },
            { class_name: 'GetItem', axis: 1, index: 2 },
            { class_name: 'Embedding', input_dim: 5, output_dim: 3 },
          ],
          input: [[1, 2, 3, 4]],
        },
        'picked.json',
      ),
      'picked.json',
    );
    await expectAgreement(model, batches);
  });

  it('one number alone, as ONNX has it after a mean over all axes', async () => {
    const scalar = (shape: readonly number[]) => [
      { class_name: 'Input', shape },
      { class_name: 'Reshape', target_shape: [] },
      { class_name: 'Activation', activation: 'tanh' },
      { class_name: 'Reshape', target_shape: [1, 1] },
    ];
    const { model, batches } = await buildPreset(
      parsePreset({ layers: scalar([1]), input: [[0.5]] }, 'one.json'),
      'one.json',
    );
    await expectAgreement(model, batches);
  });

  it('on 200 random models, masked and not, forwards and backwards, stateful over two batches; what overflows overflows in both', async () => {
    const seen = { finite: 0, overflowed: 0 };
    await fc.assert(
      fc.asyncProperty(randomModel, async ({ plan, numbers }) => {
        const model = buildModel(plan);
        const shape = model.calls[0].outputShapes[0] as number[];
        const half = numbers.length / 2;
        const batches = [numbers.slice(0, half), numbers.slice(half)].map((part) => [tensor([1, ...shape], part)]);
        seen[await expectAgreement(model, batches)]++;
      }),
      { numRuns: 200 },
    );
    // The property says something only if most models stay finite.
    expect(seen.finite).toBeGreaterThan(100);
  });

  it('on 400 random models of all kinds of layers', async () => {
    const seen = { finite: 0, overflowed: 0 };
    const kinds = new Set<string>();
    await fc.assert(
      fc.asyncProperty(randomKinds, async ({ plan, numbers }) => {
        const model = buildModel(plan);
        for (const { kind } of model.layers) kinds.add(kind);
        const shape = model.calls[0].outputShapes[0] as number[];
        const half = numbers.length / 2;
        const batches = [numbers.slice(0, half), numbers.slice(half)].map((part) => [tensor([1, ...shape], part)]);
        seen[await expectAgreement(model, batches)]++;
      }),
      { numRuns: 400 },
    );
    expect(seen.finite).toBeGreaterThan(200);
    // Every kind was there, but the embedding, which the models above have.
    expect(kinds.size).toBeGreaterThanOrEqual(30);
  }, 60_000);
});
