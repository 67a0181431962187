import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { record } from '../../../src/engines/record.ts';
import { buildPreset, parsePreset } from '../../../src/formats/preset/open.ts';
import { parseJson } from '../../../src/formats/read-file.ts';
import { LabError } from '../../../src/math/lab-error.ts';

const presets = [
  'return-state',
  'masking',
  'stateful',
  'go-backwards',
  'initial-state',
  'embedding-lookup',
  'embedding-pretrained',
  'gru',
  'bidirectional',
  'simple-rnn',
  'attention',
  'conv-lstm',
];
const texts = presets.map((name) => readFileSync(`presets/${name}.json`, 'utf8'));

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Every place in a document. */
function places(value: Json, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, inner]) =>
      places(inner, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

function replaced(document: Json, path: (string | number)[], value: Json | undefined): Json {
  const copy = structuredClone(document);
  let at = copy as { [key: string | number]: Json };
  for (const key of path.slice(0, -1)) at = at[key] as typeof at;
  const last = path[path.length - 1];
  if (value === undefined && Array.isArray(at)) at.splice(Number(last), 1);
  else if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

const strange: fc.Arbitrary<Json | undefined> = fc.oneof(
  fc.constantFrom<(Json | undefined)[]>(
    undefined,
    null,
    true,
    0,
    -1,
    1e9,
    1e308,
    0.5,
    '',
    'lstm_1',
    'lstm_1:1',
    'lstm_1#2',
    'NaN',
    '__proto__',
    [],
    [[]],
    {},
    [[[1]]],
    ['a'],
  ),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
);

/** Nothing but a LabError may come of a document, and it names the file. */
async function survives(document: unknown): Promise<void> {
  try {
    const { model, batches } = await buildPreset(parsePreset(document, 'presets/p.json'), 'presets/p.json');
    await record(model, batches, 'kernel');
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    expect(error.message.length).toBeLessThan(2000);
  }
}

/** What the lab says of a preset with these layers. */
async function refused(layers: object[]): Promise<string> {
  try {
    await buildPreset(parsePreset({ layers }, 'p.json'), 'p.json');
  } catch (error) {
    if (error instanceof LabError) return error.message;
    throw error;
  }
  throw new Error('it did not fail');
}

const input = { class_name: 'Input', name: 'x', shape: [3, 1] };

describe('wrappers that want too much are refused at once', () => {
  it('layers inside layers, very deep', async () => {
    let layer: object = { class_name: 'Dense', units: 1 };
    for (let depth = 0; depth < 200; depth++) layer = { class_name: 'TimeDistributed', layer };
    expect(await refused([input, layer])).toContain('layers stand inside each other at most 10 deep');
    let cell: object = { class_name: 'LSTMCell', units: 1 };
    for (let depth = 0; depth < 200; depth++) cell = { class_name: 'StackedRNNCells', cells: [cell] };
    expect(await refused([input, { class_name: 'RNN', cell }])).toContain('at most 10 deep');
  });

  it('models that call each other 64 times at every depth', async () => {
    const calls = (name: string) => new Array(64).fill({ inputs: [name] });
    let model: object = { class_name: 'Dropout', rate: 0, name: 'd' };
    for (let depth = 0; depth < 8; depth++) {
      const layers = [
        { class_name: 'Input', name: 'in', shape: [3, 1] },
        { ...model, calls: calls('in') },
      ];
      model = { class_name: 'Functional', name: `m${depth}`, layers };
    }
    const before = Date.now();
    expect(await refused([input, { ...model, calls: calls('x') }])).toContain('at most 2000 uses of layers');
    expect(Date.now() - before).toBeLessThan(2000);
  });

  it('models that only hand on what they get from each other', async () => {
    const model = (name: string, from: string) => ({
      class_name: 'Functional',
      name,
      inputs: [from],
      layers: [{ class_name: 'Input', name: 'in', shape: [3, 1] }],
      output_layers: ['in'],
    });
    expect(await refused([input, model('a', 'b'), model('b', 'a')])).toContain('wired in a circle');
  });

  it('two wrappers of one name, and a layer called like one inside a wrapper', async () => {
    const both = {
      class_name: 'Bidirectional',
      name: 'both',
      layer: { class_name: 'LSTM', units: 1, return_sequences: true },
    };
    expect(await refused([input, both, both])).toContain('every layer needs a name of its own. Received: "both" twice');
    const inside = { class_name: 'Dropout', rate: 0, name: 'both/forward_lstm' };
    expect(await refused([input, both, inside])).toContain('every layer needs a name of its own');
  });
});

describe('files from others', () => {
  it('with any value replaced, removed or made strange open or are refused with a message', async () => {
    const choice = fc.integer({ min: 0, max: texts.length - 1 });
    await fc.assert(
      fc.asyncProperty(choice, fc.nat(), fc.nat(), strange, strange, async (which, first, second, value, other) => {
        let document: Json = JSON.parse(texts[which]);
        for (const [at, next] of [
          [first, value],
          [second, other],
        ] as const) {
          const all = places(document).filter((path) => path.length > 0);
          if (all.length > 0) document = replaced(document, all[at % all.length], next);
        }
        await survives(document);
      }),
      { numRuns: 1500 },
    );
  });

  it('cut short anywhere or with a byte changed are refused or open', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: texts.length - 1 }),
        fc.nat(),
        fc.nat({ max: 255 }),
        fc.boolean(),
        async (which, at, byte, cut) => {
          const bytes = Buffer.from(texts[which]);
          const place = at % bytes.length;
          if (!cut) bytes[place] = byte;
          try {
            await survives(parseJson(cut ? bytes.subarray(0, place) : bytes, 'presets/p.json'));
          } catch (error) {
            if (!(error instanceof LabError)) throw error;
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
