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
