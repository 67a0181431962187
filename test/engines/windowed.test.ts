import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordingSize } from '../../src/engines/choose.ts';
import { record } from '../../src/engines/record.ts';
import { buildPreset, openPreset, parsePreset } from '../../src/formats/preset/open.ts';
import { LabError } from '../../src/math/lab-error.ts';
import { type Rows, row, rowsOf, type Tensor, tensor, whole } from '../../src/math/tensor.ts';
import { buildModel } from '../../src/model/build.ts';
import type { Model } from '../../src/model/graph.ts';
import { extremes } from '../../src/trace/extremes.ts';
import type { EngineName, Recording } from '../../src/trace/trace.ts';
import { randomKinds } from './random-kinds.ts';
import { randomModel } from './random-models.ts';

type Batches = readonly (readonly Tensor[])[];

/** Every array of a recording, by name. */
function arrays({ runs }: Recording): [name: string, t: Rows][] {
  return runs.flatMap((run, r) =>
    run.flatMap(({ calls, outputs }, s) => [
      ...calls.flatMap(({ call, quantities, returns }, c): [string, Rows][] => {
        const place = `run ${r} sample ${s} call ${c} (${call.layer.name})`;
        return [
          ...Object.entries(quantities).map(([symbol, t]): [string, Rows] => [`${place}.${symbol}`, t]),
          ...returns.map((t, n): [string, Rows] => [`${place} returns ${n}`, t]),
        ];
      }),
      ...outputs.flatMap((t, n): [string, Rows][] => (t ? [[`run ${r} sample ${s} output ${n}`, t]] : [])),
    ]),
  );
}

/** What is kept besides arrays. */
function others({ runs }: Recording) {
  return runs.map((run) =>
    run.map(({ calls }) =>
      calls.map(({ mask, outputMask, initialState, inputs }) => ({
        mask,
        outputMask,
        initialState,
        inputs: inputs.map(({ shape }) => shape),
      })),
    ),
  );
}

function expectSame(name: string, actual: Tensor['data'], expected: Tensor['data']): void {
  expect(actual.constructor, name).toBe(expected.constructor);
  expect(actual.length, name).toBe(expected.length);
  const at = expected.findIndex((value, n) => !Object.is(value, actual[n]));
  expect(at < 0 ? null : [at, actual[at], expected[at]], name).toBeNull();
}

/** The same model and input recorded twice, once with too little memory for it: to the last bit the same. */
async function expectWindowed(model: Model, batches: Batches, engine: EngineName, memory: number): Promise<number> {
  const kept = await record(model, batches, engine);
  const windowed = await record(model, batches, engine, { memory });
  expect(others(windowed)).toEqual(others(kept));
  const expected = arrays(kept);
  const actual = arrays(windowed);
  expect(actual.map(([name]) => name)).toEqual(expected.map(([name]) => name));
  let lazy = 0;
  for (const [n, [name, t]] of expected.entries()) {
    const rows = actual[n][1];
    expect(rows.shape, name).toEqual(t.shape);
    if (!('data' in rows)) lazy++;
    expectSame(name, whole(rows).data, whole(t).data);
    const count = rowsOf(t);
    const [from, to] = [Math.floor(count / 3), Math.ceil((3 * count) / 4)];
    const [found, wanted] = [extremes(rows, from, to), extremes(t, from, to)];
    for (const end of ['minimum', 'maximum'] as const)
      expectSame(`${name} ${end}`, Float64Array.from(found[end]), Float64Array.from(wanted[end]));
  }
  return lazy;
}

const bytes = (engine: EngineName) => (engine === 'simd' ? 4 : 8);
const engines = ['reference', 'kernel', 'simd'] as const;
const presets = readdirSync('presets').filter((file) => file.endsWith('.json') && !file.endsWith('.schema.json'));

describe('a run of which not all is kept shows the same numbers, to the last bit', () => {
  it.each(presets)('%s', async (file) => {
    const { model, batches } = await openPreset(`presets/${file}`);
    const lazy = await Promise.all(
      engines.map((engine) =>
        expectWindowed(model, batches, engine, recordingSize(model, batches) * bytes(engine) - 1),
      ),
    );
    // What stateful.json computes is too little to be forgotten.
    if (file !== 'stateful.json') expect(Math.min(...lazy)).toBeGreaterThan(0);
  });

  it.each(['kernel', 'simd'] as const)(
    'many short samples, whose traces are forgotten one after the other: %s',
    async (engine) => {
      const document = {
        keras: 3,
        seed: 2,
        layers: [
          { class_name: 'Input', shape: [null, 3] },
          { class_name: 'Masking' },
          { class_name: 'Bidirectional', layer: { class_name: 'LSTM', units: 8, return_sequences: true } },
          { class_name: 'GRU', units: 5, stateful: true },
          { class_name: 'Dense', units: 2 },
        ],
      };
      const { model } = await buildPreset(parsePreset(document, 'many'), 'many');
      const numbers = (count: number) =>
        Float64Array.from({ length: count }, (_, at) => (at % 7 < 3 ? 0 : Math.sin(at)));
      const batches = [0, 1].map(() => [tensor([20, 12, 3], numbers(20 * 12 * 3))]);
      const memory = (recordingSize(model, batches) * bytes(engine)) / 5;
      expect(await expectWindowed(model, batches, engine, memory)).toBeGreaterThan(20 * 2 * 15);
    },
  );

  it.each(engines)('a stateful layer that is called twice goes on from its first call: %s', async (engine) => {
    const document = {
      seed: 6,
      layers: [
        { class_name: 'Input', name: 'x', batch_shape: [1, null, 4] },
        {
          class_name: 'LSTM',
          name: 'a',
          units: 4,
          return_sequences: true,
          stateful: true,
          calls: [{ inputs: ['x'] }, { inputs: ['x'] }],
        },
        { class_name: 'Add', inputs: ['a', 'a#2'] },
      ],
    };
    const { model } = await buildPreset(parsePreset(document, 'twice'), 'twice');
    const batches = [0, 1].map((batch) => [
      tensor(
        [1, 300, 4],
        Float64Array.from({ length: 1200 }, (_, at) => Math.sin(at + batch)),
      ),
    ]);
    const memory = recordingSize(model, batches) * bytes(engine) - 1;
    expect(await expectWindowed(model, batches, engine, memory)).toBeGreaterThan(2 * 2 * 6);
  });

  it.each([
    ['with masks, stateful, forwards and backwards', 'kernel', randomModel],
    ['with masks, stateful, forwards and backwards', 'simd', randomModel],
    ['of all kinds of layers', 'kernel', randomKinds],
    ['of all kinds of layers', 'simd', randomKinds],
  ] as const)('random models %s: %s', async (_, engine, models) => {
    const seen = { compared: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(models as typeof randomKinds, async ({ plan, numbers }) => {
        const model = buildModel(plan);
        const shape = model.calls[0].outputShapes[0] as number[];
        const half = numbers.length / 2;
        const batches = [numbers.slice(0, half), numbers.slice(half)].map((part) => [tensor([1, ...shape], part)]);
        const memory = recordingSize(model, batches) * bytes(engine) - 1;
        // A few timesteps may take as much memory when they are computed again as when they are kept.
        const lazy = await expectWindowed(model, batches, engine, memory).catch((error) => {
          if (error instanceof LabError && /memory/.test(error.message)) return null;
          throw error;
        });
        seen[lazy === null ? 'refused' : 'compared']++;
      }),
      { numRuns: 150 },
    );
    expect(seen.compared).toBeGreaterThan(seen.refused);
  });
});

describe('what has to be computed as a whole', () => {
  const input = { class_name: 'Input', shape: [null, 4] };

  it.each([
    ['the whole output of one layer', [input, { class_name: 'Conv1D', filters: 16, kernel_size: 3 }], 1],
    [
      'the scores of many samples, each of which has room',
      [
        input,
        { class_name: 'LSTM', units: 16, return_sequences: true, name: 'a' },
        { class_name: 'Attention', inputs: ['a', 'a'] },
      ],
      20,
    ],
  ])('is refused where it would take more memory than there may be: %s', async (_, layers, samples) => {
    const { model } = await buildPreset(parsePreset({ layers }, 'whole'), 'whole');
    const batch = [tensor([samples, 200, 4])];
    const memory = samples > 1 ? (recordingSize(model, [batch]) * 8) / 10 : 2 ** 16;
    if (samples > 1) await record(model, [[tensor([1, 200, 4])]], 'kernel', { memory });
    const refused = record(model, [batch], 'kernel', { memory });
    await expect(refused).rejects.toThrow(/needs its whole input at once, and that is more than the run may take/);
  });
});

describe('the overviews of a long run', () => {
  it('are exact for any part of it, both ways, and know the largest norm', async () => {
    const document = {
      keras: 3,
      seed: 3,
      layers: [
        { class_name: 'Input', shape: [null, 2] },
        { class_name: 'Masking' },
        { class_name: 'LSTM', units: 6, return_sequences: true },
        { class_name: 'GRU', units: 4, go_backwards: true, return_sequences: true },
      ],
    };
    const { model } = await buildPreset(parsePreset(document, 'long'), 'long');
    const steps = 1003;
    const numbers = Float64Array.from({ length: 2 * steps }, (_, at) => (at % 40 < 6 ? 0 : 3 * Math.sin(at * at)));
    const batches = [[tensor([1, steps, 2], numbers)]];
    const memory = recordingSize(model, batches) * 8 - 1;
    const kept = await record(model, batches, 'kernel');
    const windowed = await record(model, batches, 'kernel', { memory });
    const actual = arrays(windowed);
    let withOverview = 0;
    for (const [n, [name, t]] of arrays(kept).entries()) {
      const lazy = actual[n][1];
      if ('data' in lazy || !lazy.extremes) continue;
      withOverview++;
      for (const [from, to] of [
        [0, steps],
        [1, 2],
        [17, 64],
        [64, 128],
        [130, 131],
        [256, steps],
        [steps - 1, steps],
        [500, 500],
      ]) {
        const [found, wanted] = [lazy.extremes(from, to), extremes(t, from, to)];
        for (const end of ['minimum', 'maximum'] as const)
          expectSame(`${name} ${end} ${from} ${to}`, Float64Array.from(found[end]), Float64Array.from(wanted[end]));
      }
      if (!/\.(h|y)$/.test(name)) continue;
      const norms = Array.from({ length: steps }, (_, step) => Math.hypot(...row(t, step)));
      expect(lazy.largestNorm?.(), name).toBeCloseTo(Math.max(...norms), 10);
    }
    expect(withOverview).toBeGreaterThan(11 + 7);
  });
});
