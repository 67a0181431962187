import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { fromNested, type Nested, whole } from '../../src/math/tensor.ts';
import { buildModel } from '../../src/model/build.ts';
import type { LayerSpec } from '../../src/model/plan.ts';
import type { EngineName } from '../../src/trace/trace.ts';

/** Recurrent layers with what only ONNX or PyTorch has (test/fixtures/layers/make_variants.py). */
interface Variant {
  readonly about: string;
  readonly spec: object;
  readonly weights: Readonly<Record<string, Nested>>;
  readonly inputs: readonly Nested[];
  readonly initial_state: readonly (readonly number[])[] | null;
  readonly outputs: readonly Nested[];
  readonly steps?: Readonly<Record<string, Nested>>;
}

const variants: Variant[] = JSON.parse(readFileSync('test/fixtures/layers/variants.json', 'utf8')).cases;

function modelOf({ spec, weights, inputs, initial_state }: Variant) {
  const [h, c] = (initial_state ?? []).map((state) => Float64Array.from(state));
  return buildModel({
    name: 'variant',
    keras: 3,
    seed: 1,
    outputs: ['layer'],
    layers: [
      {
        spec: { kind: 'input', name: 'x', trainable: true, shape: fromNested(inputs[0]).shape, batch: null },
        weights: { initializers: {} },
        calls: [{ inputs: [] }],
        path: 'x',
      },
      {
        spec: { name: 'layer', trainable: true, ...spec } as LayerSpec,
        weights: {
          given: Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, fromNested(value)])),
          initializers: {},
        },
        calls: [{ inputs: ['x'], ...(h && { initialState: { h, ...(c && { c }) } }) }],
        path: 'layer',
      },
    ],
  });
}

function expectClose(ours: ArrayLike<number>, theirs: Nested, what: string) {
  const { data } = fromNested(theirs);
  expect(ours, what).toHaveLength(data.length);
  data.forEach((value, at) => {
    expect(Math.abs(ours[at] - value), `${what}[${at}]`).toBeLessThan(1e-5);
  });
}

describe.each<EngineName>(['reference', 'kernel'])('recurrent layers of other frameworks, %s engine', (engine) => {
  it.each(variants.map((variant) => [variant.about, variant] as const))('%s', async (_, variant) => {
    const { runs } = await record(modelOf(variant), [variant.inputs.map((input) => fromNested(input))], engine);
    const call = runs[0][0].calls[1];
    expect(call.returns).toHaveLength(variant.outputs.length);
    variant.outputs.forEach((output, at) => {
      expectClose(whole(call.returns[at]).data, output, `output ${at}`);
    });
    for (const [symbol, values] of Object.entries(variant.steps ?? {}))
      expectClose(whole(call.quantities[symbol]).data, values, symbol);
  });
});
