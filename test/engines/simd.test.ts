import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { openPreset } from '../../src/formats/preset/open.ts';
import { weightsOf } from '../../src/layers/kinds.ts';
import { type Tensor, tensor, whole } from '../../src/math/tensor.ts';
import { buildModel } from '../../src/model/build.ts';
import type { Model } from '../../src/model/graph.ts';
import type { ModelPlan } from '../../src/model/plan.ts';
import type { Recording } from '../../src/trace/trace.ts';
import { batchesOf, expectCase } from '../golden/compare.ts';
import { openKeras, readCase } from '../golden/keras-model.ts';
import { randomKinds } from './random-kinds.ts';
import { randomModel } from './random-models.ts';
import { differingSteps, distance, landsOnJump, overflows, TOLERANCE } from './recordings.ts';

type Batches = readonly (readonly Tensor[])[];

async function expectAgreement(model: Model, batches: Batches): Promise<void> {
  const simd = await record(model, batches, 'simd');
  const { worst, where } = distance(await record(model, batches, 'reference'), simd);
  expect(worst, where).toBeLessThanOrEqual(TOLERANCE);
  expect(differingSteps(simd)).toEqual([]);
}

const rounded = ({ shape, data }: Tensor): Tensor => tensor(shape, Float64Array.from(Float32Array.from(data)));

/** By how much the reference's own results move where nothing but the weights are rounded to float32. */
async function movedByRounding(plan: ModelPlan, batches: Batches, recording: Recording): Promise<number> {
  const model = buildModel(plan);
  for (const layer of model.layers)
    for (const [, weights] of weightsOf(layer)) whole(weights).data.set(rounded(whole(weights)).data);
  return distance(recording, await record(model, batches, 'kernel')).worst;
}

const presets = readdirSync('presets').filter((file) => file.endsWith('.json') && !file.endsWith('.schema.json'));

describe('the simd engine agrees with the reference to float32', () => {
  it.each(presets)('%s', async (file) => {
    const { model, batches } = await openPreset(`presets/${file}`);
    await expectAgreement(model, batches);
  });

  it.each(readdirSync('test/fixtures/keras3'))('%s of Keras 3', async (name) => {
    const { model } = await openKeras(name);
    await expectAgreement(model, batchesOf(readCase(name)));
  });

  it.each([
    ['of LSTMs', randomModel],
    ['of all kinds of layers', randomKinds],
  ])(
    'on 200 random models %s; what overflows float32 or lands on a jump of its activation is counted',
    async (name, models) => {
      const seen = { compared: 0, amplifying: 0, overflowing: 0, 'on a jump': 0 };
      await fc.assert(
        fc.asyncProperty(models as typeof randomKinds, async ({ plan, numbers }) => {
          const model = buildModel(plan);
          const shape = model.calls[0].outputShapes[0] as number[];
          const half = numbers.length / 2;
          // Numbers of float32, so that rounding does not mask what was not masked.
          const given = numbers.map(Math.fround);
          const batches = [given.slice(0, half), given.slice(half)].map((part) => [tensor([1, ...shape], part)]);
          const recording = await record(model, batches, 'reference');
          const simd = await record(model, batches, 'simd');
          if (overflows(recording)) seen.overflowing++;
          else if (landsOnJump(recording)) seen['on a jump']++;
          else {
            // Some models, linear ones above all, make more of any rounding than float32 can hold: over the whole run they are held to what rounding
            // does to them, and every step by itself to its equations.
            const moved = await movedByRounding(plan, batches, recording);
            const amplifies = moved > TOLERANCE / 50;
            seen[amplifies ? 'amplifying' : 'compared']++;
            if (amplifies) expect(differingSteps(simd)).toEqual([]);
            const tolerance = amplifies ? 1000 * moved : TOLERANCE;
            const { worst, where } = distance(recording, simd);
            expect(worst, where).toBeLessThanOrEqual(tolerance);
          }
        }),
        { numRuns: 200 },
      );
      console.log(`random models ${name}: ${JSON.stringify(seen)}`);
      // The property says something only if most models are compared.
      expect(seen.compared).toBeGreaterThan(120);
    },
  );
});

describe('the simd engine computes what Keras 3.15 computed', () => {
  it.each(readdirSync('test/fixtures/keras3'))('%s', async (name) => {
    const expected = readCase(name);
    const { model } = await openKeras(name);
    expectCase(await record(model, batchesOf(expected), 'simd'), expected);
  });
});
