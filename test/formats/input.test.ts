import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { readInput } from '../../src/formats/input.ts';
import { jsonErrorOffset } from '../../src/formats/json-place.ts';
import { traceJson } from '../../src/formats/trace-json.ts';
import type { InputLayer } from '../../src/layers/layer.ts';
import { LabError } from '../../src/math/lab-error.ts';
import { toNested } from '../../src/math/tensor.ts';
import { buildModel } from '../../src/model/build.ts';
import type { Model } from '../../src/model/graph.ts';
import { randomModel } from '../engines/random-models.ts';
import { folder, openKeras, readCase } from '../golden/keras-model.ts';
import { modelOf } from './recordings.ts';

let place = '';
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'lstm-lab-input-'));
});
afterAll(() => rmSync(place, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(place, name);
  writeFileSync(path, content);
  return path;
}

/** Only the shape of the input matters for reading it, so that lengths that no layer could build on can be tried too. */
function inputsOnly(layers: readonly InputLayer[]): Model {
  const plan = layers.map((spec) => ({
    spec,
    weights: { initializers: {} },
    calls: [{ inputs: [] }],
    path: spec.name,
  }));
  return buildModel({ name: 'm', keras: 3, seed: 1, layers: plan, outputs: [layers[0].name] });
}

function taking(shape: readonly (number | null)[]): Model {
  const layer = { kind: 'input', name: 'x', trainable: true, shape, batch: null } as const;
  return inputsOnly([layer]);
}

const twoInputs = () =>
  modelOf([
    { class_name: 'Input', name: 'left', shape: [2] },
    { class_name: 'Input', name: 'right', shape: [1] },
    { class_name: 'Dense', units: 1, name: 'a', inputs: ['left'] },
    { class_name: 'Dense', units: 1, name: 'b', inputs: ['right'] },
  ]);
const nested = (spec: string, model: Model) => readInput(spec, model).map((batch) => batch.map(toNested));

function refusal(work: () => unknown): LabError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(LabError);
    return error as LabError;
  }
  throw new Error('it was accepted');
}

describe('numbers on the command line', () => {
  it.each([
    ['0.1,0.2,0.3', [3, 1], [[[0.1], [0.2], [0.3]]]],
    ['0.1 0.2  0.3', [3, 1], [[[0.1], [0.2], [0.3]]]],
    [' 0.1, 0.2,\t0.3 ', [null, 1], [[[0.1], [0.2], [0.3]]]],
    ['0.1; 0.2; 0.3;', [3, 1], [[[0.1], [0.2], [0.3]]]],
    [
      '1 2 3 4',
      [2, 2],
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ],
    [
      '1 2; 3 4',
      [null, 2],
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ],
    [
      '1 2 3; 4 5 6',
      [null, null],
      [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
    ],
    [
      '1 2 3 4 5 6',
      [null, 2],
      [
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      ],
    ],
    ['5,3,0', [null], [[5, 3, 0]]],
    ['5;3;0', [3], [[5, 3, 0]]],
    ['-1e-3 +.5 2.', [3], [[-0.001, 0.5, 2]]],
    ['nan inf -Infinity', [3], [[Number.NaN, 1 / 0, -1 / 0]]],
    [
      '−0.5，1；2，3',
      [2, 2],
      [
        [
          [-0.5, 1],
          [2, 3],
        ],
      ],
    ],
    ['[[0.1], [0.2], [0.3]]', [3, 1], [[[0.1], [0.2], [0.3]]]],
    ['[1, 2, 3]', [3], [[1, 2, 3]]],
  ])('%j fills %j', (spec, shape, expected) => {
    expect(nested(spec, taking(shape))).toEqual([[expected]]);
  });

  it.each([
    ['0.1,0.2', [3, 1], /the model takes \(None, 3, 1\): one sample is 3 numbers. Received: 2 numbers/],
    [
      '1 2 3',
      [null, 2],
      /the model takes \(None, None, 2\): one sample is a multiple of 2 numbers. Received: 3 numbers/,
    ],
    ['1 2; 3', [2, 2], /timestep 1: .*every timestep has 2 numbers. Received: 1/],
    ['1 2; 3 4; 5 6', [2, 2], /\(None, 2, 2\): one sample is 4 numbers. Received: 6 numbers/],
    ['1;;2', [2, 1], /timestep 1: .*Received: 0/],
    ['', [2, 1], /numbers are wanted. Received: none/],
    [';', [2, 1], /numbers are wanted/],
    ['0.1,0.2,x', [3, 1], /not a number. Received: "x"/],
    ['1 2 3 4 5 6', [null, null], /\(None, None, None\)/],
  ])('%j does not fill %j, and the shape that is wanted is said', async (spec, shape, message) => {
    const error = refusal(() => readInput(spec, taking(shape)));
    expect(error.message).toMatch(message);
    expect(error.kind).toBe('usage');
  });

  it('are refused where the model has several inputs, with what to write instead', async () => {
    const model = await twoInputs();
    expect(refusal(() => readInput('1 2 3', model)).message).toMatch(
      /2 inputs.*{"inputs": \[{"name": "left", "data": …}, {"name": "right", "data": …}\]}/,
    );
  });
});

describe('a file of JSON', () => {
  it('of nested lists is the only input; one sample may come without the batch axis', async () => {
    const model = taking([2, 1]);
    expect(nested(file('batch.json', '[[[1],[2]],[[3],[4]]]'), model)).toEqual([
      [
        [
          [[1], [2]],
          [[3], [4]],
        ],
      ],
    ]);
    expect(nested(file('sample.json', '[[1],[2]]'), model)).toEqual([[[[[1], [2]]]]]);
    expect(nested(file('marked.json', '\ufeff[["NaN"],["-Infinity"]]'), model)).toEqual([[[[[Number.NaN], [-1 / 0]]]]]);
  });

  it('with inputs is taken by position, and by name where every name is the model’s', async () => {
    const model = await twoInputs();
    const inputs = (...names: (string | undefined)[]) =>
      nested(
        file(
          'in.json',
          JSON.stringify({
            inputs: [
              { name: names[0], data: [[7]] },
              { name: names[1], data: [[1, 2]] },
            ],
          }),
        ),
        model,
      );
    expect(inputs('right', 'left')).toEqual([[[[1, 2]], [[7]]]]);
    expect(refusal(() => inputs('x', 'left')).message).toMatch(/left: the model takes \(None, 2\). Received: \(1, 1\)/);
    const turned = {
      inputs: [
        { name: 'p', data: [[1, 2]] },
        { name: 'q', data: [[7]] },
      ],
    };
    expect(nested(file('position.json', JSON.stringify(turned)), model)).toEqual([[[[1, 2]], [[7]]]]);
    const bare = { inputs: [[[1, 2]], [[7]]] };
    expect(nested(file('bare.json', JSON.stringify(bare)), model)).toEqual([[[[1, 2]], [[7]]]]);
    const byName = { inputs: { right: [[7]], left: [[1, 2]] } };
    expect(nested(file('named.json', JSON.stringify(byName)), model)).toEqual([[[[1, 2]], [[7]]]]);
  });

  it.each(['stateful', 'mask-zero', 'encoder-decoder', 'initial-state-inputs', 'shared-layer'])(
    'that Keras’s numbers came in is an input, runs one after the other: %s',
    async (name) => {
      const { model } = await openKeras(name);
      const expected = readCase(name);
      const wanted = (expected.runs ?? [expected]).map(({ inputs }) => inputs.map(({ data }) => data));
      expect(nested(`${folder(name)}/case.json`, model)).toEqual(wanted);
    },
  );

  it('runs win over inputs', async () => {
    const model = taking([1, 1]);
    const both = { inputs: [[[[9]]]], runs: [{ inputs: [[[[1]]]] }, { inputs: [[[[2]]]] }] };
    expect(nested(file('both.json', JSON.stringify(both)), model)).toEqual([[[[[1]]]], [[[[2]]]]]);
  });

  it('that traceJson wrote gives the same inputs, every bit of them', async () => {
    await fc.assert(
      fc.asyncProperty(randomModel, fc.boolean(), async ({ plan, numbers }, twoRuns) => {
        const model = buildModel(plan);
        const shape = model.calls[0].outputShapes[0] as number[];
        const half = numbers.length / 2;
        const data = Float64Array.from(numbers);
        const batches = twoRuns
          ? [
              [{ shape: [1, ...shape], data: data.subarray(0, half) }],
              [{ shape: [1, ...shape], data: data.subarray(half) }],
            ]
          : [[{ shape: [2, ...shape], data }]];
        const written = [...traceJson(await record(model, batches, 'kernel'))].join('');
        const read = readInput(file('trace.json', written), model);
        expect(read.map(([{ shape }]) => shape)).toEqual(batches.map(([{ shape }]) => shape));
        read.forEach(([t], at) => {
          batches[at][0].data.forEach((value, n) => {
            expect(Object.is(t.data[n], value)).toBe(true);
          });
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe('what is no input is refused with its place', () => {
  it.each([
    ['[[[1],[2]],[[3]]]', /: \[1\]: a list of 2 is wanted here, as its neighbours are. Received: a list of 1/],
    ['[[[1],["two"]]]', /\[0\]\[1\]\[0\]: a number is wanted here. Received: "two"/],
    ['[[[1],[null]]]', /\[0\]\[1\]\[0\]: a number is wanted here. Received: null/],
    ['[[1,2,3]]', /the model takes \(None, 2, 1\). Received: \(1, 3\)/],
    ['[]', /the model takes \(None, 2, 1\)/],
    ['{"layers": []}', /nested lists of numbers, or an object with "inputs" or "runs".*looks like a model/],
    ['7', /nested lists of numbers, or an object/],
    ['{"inputs": []}', /inputs: the model has 1 input: x. Received: 0/],
    ['{"inputs": 7}', /inputs: a list of inputs is wanted. Received: 7/],
    ['{"inputs": [{"name": "x"}]}', /inputs\[0\].data: nested lists of numbers are wanted. Received: nothing/],
    ['{"inputs": [{"name": "x", "data": null}]}', /inputs\[0\].data: .*Received: null/],
    ['{"inputs": [{"data": [[[1],[2, 3]]]}]}', /inputs\[0\].data\[0\]\[1\]: a list of 1 is wanted/],
    ['{"runs": []}', /runs: a list of 1 to 100000 batches/],
    ['{"runs": [{"inputs": [[[[1],[2]]]]}, 5]}', /runs\[1\]: an object with "inputs"/],
    ['{"runs": [{}]}', /runs\[0\].inputs: a list of inputs is wanted. Received: nothing/],
    ['[[[1],\n [2],]]', /line 2, column 6: this is not JSON. Received: "]]"/],
    ['[[[1],\n [2]', /line 2, column 5: this is not JSON. Received: the end of the file/],
    ['', /the file is empty/],
    [`${'['.repeat(100_000)}1${']'.repeat(100_000)}`, /nested more than 8 deep/],
    ['['.repeat(100_000), /this is not JSON/],
  ])('%.40s', async (content, message) => {
    const model = taking([2, 1]);
    const path = file('wrong.json', content);
    const error = refusal(() => readInput(path, model));
    expect(error.message).toMatch(message);
    expect(error.fields.file).toBe(path);
    expect(error.kind).toBe('data');
  });

  it('a missing file, a directory, a name that is no file, and a file that is too large', async () => {
    const model = taking([2, 1]);
    const missing = refusal(() => readInput(join(place, 'nothing.json'), model));
    expect([missing.kind, missing.message]).toEqual(['missing', expect.stringMatching(/there is no such file/)]);
    mkdirSync(join(place, 'folder'));
    const directory = refusal(() => readInput(join(place, 'folder'), model));
    expect([directory.kind, directory.message]).toEqual(['missing', expect.stringMatching(/a directory/)]);
    expect(refusal(() => readInput('a\u0000b', model)).message).toMatch(/no such file, and it is not numbers either/);
    expect(refusal(() => readInput('x'.repeat(5000), model)).message.length).toBeLessThan(500);
    const large = file('large.json', '');
    truncateSync(large, 257 * 2 ** 20);
    expect(refusal(() => readInput(large, model)).message).toMatch(/larger than 256 MB/);
  });

  it('lists too long for any memory', async () => {
    const long = JSON.stringify([new Array(100_000).fill(0), ...new Array(100_000).fill(0)]);
    const path = file('long.json', JSON.stringify([JSON.parse(long)[0]]).replace('0,', `${long.slice(0, -1)}],`));
    expect(refusal(() => readInput(path, taking([2, 1]))).kind).toBe('data');
  });

  it('random bytes and random JSON never do more than that', async () => {
    const model = taking([2, 1]);
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record({ inputs: fc.jsonValue(), runs: fc.option(fc.jsonValue(), { nil: undefined }) })
        .map((value) => Buffer.from(JSON.stringify(value))),
    );
    fc.assert(
      fc.property(content, (bytes) => {
        try {
          readInput(file('random.json', bytes), model);
        } catch (error) {
          expect(error).toBeInstanceOf(LabError);
        }
      }),
      { numRuns: 400 },
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9 ,;.e+-]{0,20}$/)), (spec) => {
        // A lone - is standard input, which here belongs to the test runner and never ends.
        fc.pre(spec.trim() !== '-');
        try {
          readInput(spec, model);
        } catch (error) {
          expect(error).toBeInstanceOf(LabError);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('where JSON goes wrong', () => {
  it.each([
    ['[1,2,}', 5],
    ['[1 2]', 3],
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ['[1,2', 4],
    ['  ', 2],
    ['[1]x', 3],
    ['["a\\q"]', 3],
    ['"a\nb"', 2],
    ['"abc', 4],
    ['nul', 0],
    ['[01]', 2],
    ['[1 "a', 3],
    ['[]', undefined],
    [' {"a": [1e5, true, "\\u00e9"]} ', undefined],
  ])('%j: %s', (text, offset) => {
    expect(jsonErrorOffset(text)).toBe(offset);
  });

  it('is found exactly where JSON.parse refuses a text', () => {
    const mark = fc.constantFrom(',', '}', ']', '"', 'x', ' ', '', '1', '-', '.', '\n', '\\', ':');
    fc.assert(
      fc.property(fc.json(), fc.nat(), mark, (json, at, inserted) => {
        const from = at % (json.length + 1);
        const text = json.slice(0, from) + inserted + json.slice(from + (at % 2));
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        expect(jsonErrorOffset(text) === undefined).toBe(valid);
      }),
      { numRuns: 1000 },
    );
  });
});
