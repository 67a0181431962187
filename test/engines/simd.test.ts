import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { openPreset } from '../../src/formats/preset/open.ts';
import { weightsOf } from '../../src/layers/kinds.ts';
import { type ActivationRef, activationParts, activations } from '../../src/math/activations.ts';
import { row, rowsOf, type Tensor, tensor, whole } from '../../src/math/tensor.ts';
import { buildModel } from '../../src/model/build.ts';
import type { Model } from '../../src/model/graph.ts';
import type { ModelPlan } from '../../src/model/plan.ts';
import type { Recording } from '../../src/trace/trace.ts';
import { batchesOf, expectCase } from '../golden/compare.ts';
import { openKeras, readCase } from '../golden/keras-model.ts';
import { randomModel } from './random-models.ts';

/** Of the larger of 1 and the array's largest value: what float32 can hold to, as golden numbers are compared. */
const TOLERANCE = 1e-5;

const LARGEST_FLOAT32 = 3.4e38;

/** Every array of a recording, by name. */
function arrays({ runs }: Recording): [name: string, data: ArrayLike<number>][] {
  return runs.flatMap((run, r) =>
    run.flatMap((trace, s) =>
      trace.calls.flatMap(({ call, quantities, returns }) => {
        const place = `run ${r} sample ${s} ${call.layer.name}#${call.number}`;
        return [
          ...Object.entries(quantities).map(([symbol, t]): [string, ArrayLike<number>] => [
            `${place}.${symbol}`,
            whole(t).data,
          ]),
          ...returns.map((t, n): [string, ArrayLike<number>] => [`${place} returns ${n}`, whole(t).data]),
        ];
      }),
    ),
  );
}

/** Where an activation jumps. */
function jumps(ref: ActivationRef): number[] {
  const { name, parameters } = activationParts(ref);
  const [first, second, third] = Object.values(activations[name].parameters ?? {}).map(
    (value, at) => parameters[at] ?? value,
  );
  if (name === 'hard_shrink') return [-first, first];
  if (name === 'thresholded_relu') return [first];
  if (name === 'threshold' && first !== second) return [first];
  return name === 'bounded_relu' && third !== 0 ? [third] : [];
}

/** Whether rounding to float32 could put a number on the other side of a jump: any number that an activation may have seen lies close to one. */
function landsOnJump({ runs }: Recording): boolean {
  return runs.flat().some(({ calls }) =>
    calls.some(({ call: { layer }, inputs, quantities }) => {
      const refs = Object.entries(layer).flatMap(([key, value]) =>
        /activation$/i.test(key) && typeof value === 'string' ? [value as ActivationRef] : [],
      );
      const places = refs.flatMap(jumps);
      if (layer.kind === 'masking' && nearlyMasked(whole(inputs[0]), layer.maskValue)) return true;
      if (places.length === 0) return false;
      const seen = Object.entries(quantities).flatMap(([symbol, t]) => (/^(z|z_.*|c)$/.test(symbol) ? [t] : []));
      return [...seen, ...(layer.kind === 'activation' ? inputs : [])].map(whole).some(({ data }) => {
        const largest = Array.from(data).reduce((most, value) => Math.max(most, Math.abs(value) || 0), 1);
        return data.some((value) => places.some((place) => Math.abs(value - place) <= TOLERANCE * largest));
      });
    }),
  );
}

/** A timestep that is masked or not by less than rounding. */
function nearlyMasked(x: Tensor, value: number): boolean {
  return Array.from({ length: rowsOf(x) }, (_, t) => row(x, t)).some(
    (features) =>
      features.some((feature) => feature !== value) &&
      features.every((feature) => Math.abs(feature - value) <= TOLERANCE),
  );
}

/** By how much two recordings of one model differ at most, of the larger of 1 and the array's largest value; infinite where one has a number and the other none. */
function distance(expected: Recording, actual: Recording): { worst: number; where: string } {
  const ours = arrays(actual);
  let found = { worst: 0, where: '' };
  arrays(expected).forEach(([name, numbers], n) => {
    const [ourName, data] = ours[n];
    expect([ourName, data.length]).toEqual([name, numbers.length]);
    const largest = Array.from(numbers).reduce((most, value) => Math.max(most, Math.abs(value) || 0), 1);
    Array.from(numbers).forEach((value, at) => {
      // A masked step is not a number in both.
      if (Number.isNaN(value) && Number.isNaN(data[at])) return;
      const difference = Math.abs(data[at] - value) / largest;
      const worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
      if (worst > found.worst) found = { worst, where: `${name}[${at}] is ${data[at]}, of the reference ${value}` };
    });
  });
  return found;
}

type Batches = readonly (readonly Tensor[])[];

function overflows(recording: Recording): boolean {
  return arrays(recording).some(([, data]) => Array.from(data).some((value) => Math.abs(value) > LARGEST_FLOAT32));
}

async function expectAgreement(model: Model, batches: Batches): Promise<void> {
  const { worst, where } = distance(await record(model, batches, 'reference'), await record(model, batches, 'simd'));
  expect(worst, where).toBeLessThanOrEqual(TOLERANCE);
}

const rounded = ({ shape, data }: Tensor): Tensor => tensor(shape, Float64Array.from(Float32Array.from(data)));

/** By how much the reference's own results move where nothing but the weights and the input are rounded to float32. */
async function movedByRounding(plan: ModelPlan, batches: Batches, recording: Recording): Promise<number> {
  const model = buildModel(plan);
  for (const layer of model.layers)
    for (const [, weights] of weightsOf(layer)) whole(weights).data.set(rounded(whole(weights)).data);
  const moved = await record(
    model,
    batches.map((batch) => batch.map(rounded)),
    'kernel',
  );
  return distance(recording, moved).worst;
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

  it('on 200 random models; what overflows float32 or lands on a jump of its activation is counted', async () => {
    const seen = { compared: 0, amplifying: 0, overflowing: 0, 'on a jump': 0 };
    await fc.assert(
      fc.asyncProperty(randomModel, async ({ plan, numbers }) => {
        const model = buildModel(plan);
        const shape = model.calls[0].outputShapes[0] as number[];
        const half = numbers.length / 2;
        const batches = [numbers.slice(0, half), numbers.slice(half)].map((part) => [tensor([1, ...shape], part)]);
        const recording = await record(model, batches, 'reference');
        const simd = await record(model, batches, 'simd');
        if (overflows(recording)) seen.overflowing++;
        else if (landsOnJump(recording)) seen['on a jump']++;
        else {
          // Some models, linear ones above all, make more of any rounding than float32 can hold: they are held to what rounding does to them.
          const moved = await movedByRounding(plan, batches, recording);
          const amplifies = moved > TOLERANCE / 50;
          seen[amplifies ? 'amplifying' : 'compared']++;
          const tolerance = amplifies ? 1000 * moved : TOLERANCE;
          const { worst, where } = distance(recording, simd);
          expect(worst, where).toBeLessThanOrEqual(tolerance);
        }
      }),
      { numRuns: 200 },
    );
    console.log(`random models: ${JSON.stringify(seen)}`);
    // The property says something only if most models are compared.
    expect(seen.compared).toBeGreaterThan(120);
  });
});

describe('the simd engine computes what Keras 3.15 computed', () => {
  it.each(readdirSync('test/fixtures/keras3'))('%s', async (name) => {
    const expected = readCase(name);
    const { model } = await openKeras(name);
    expectCase(await record(model, batchesOf(expected), 'simd'), expected);
  });
});
