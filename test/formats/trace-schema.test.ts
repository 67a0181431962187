import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { traceJson } from '../../src/formats/trace-json.ts';
import { tensor } from '../../src/math/tensor.ts';
import { buildModel } from '../../src/model/build.ts';
import { randomModel } from '../engines/random-models.ts';
import { presetRecording } from './recordings.ts';

const schema = JSON.parse(readFileSync('src/trace/trace.schema.json', 'utf8'));
const validate = new Ajv2020({ allErrors: true }).compile(schema);
const parsed = (...args: Parameters<typeof traceJson>) => JSON.parse([...traceJson(...args)].join(''));

describe('the published schema of traces', () => {
  it('promises that files of version 1 stay readable and that fields are only added', () => {
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.description).toMatch(/version 1 stays readable.*fields are only added/);
  });

  it.each([
    'return-sequences-and-state',
    'masking',
    'stateful',
    'go-backwards',
    'initial-state',
    'embedding-lookup',
    'sentiment',
  ])('describes the trace of %s', async (name) => {
    validate(parsed(await presetRecording(name)));
    expect(validate.errors).toBeNull();
  });

  it('describes the traces of random models, overflowing ones included', async () => {
    await fc.assert(
      fc.asyncProperty(randomModel, async ({ plan, numbers }) => {
        const model = buildModel(plan);
        const shape = [2, ...(model.calls[0].outputShapes[0] as number[])];
        validate(parsed(await record(model, [[tensor(shape, numbers)]], 'kernel')));
        expect(validate.errors).toBeNull();
      }),
      { numRuns: 100 },
    );
  });

  it('lets a reader meet fields that it does not know', async () => {
    const trace = parsed(await presetRecording('masking'));
    expect(validate({ ...trace, about: 'more', layers: [{ ...trace.layers[0], colour: 'blue' }] })).toBe(true);
  });

  // biome-ignore lint/suspicious/noExplicitAny: a trace is changed in ways that no type allows
  const mutations: [string, (trace: any) => void][] = [
    ['another format', (t) => (t.format = 'trace')],
    ['version 2', (t) => (t.version = 2)],
    ['a version in quotes', (t) => (t.version = '1')],
    ['an unknown engine', (t) => (t.engine = 'gpu')],
    ['no model', (t) => delete t.model],
    ['no inputs', (t) => delete t.inputs],
    ['no layers', (t) => delete t.layers],
    ['runs beside layers', (t) => (t.runs = [{ inputs: t.inputs, outputs: t.outputs, layers: t.layers }])],
    [
      'a run without outputs',
      (t) => {
        for (const key of ['inputs', 'outputs', 'layers']) delete t[key];
        t.runs = [{ inputs: [], layers: [] }];
      },
    ],
    ['a tensor without shape', (t) => delete t.inputs[0].shape],
    ['a shape with a fraction', (t) => (t.outputs[0].shape[0] = 0.5)],
    ['a number in quotes', (t) => (t.outputs[0].data[0][0] = '0.5')],
    ['a null among outputs', (t) => (t.outputs[0].data[0][0] = null)],
    ['a direction of its own', (t) => (t.layers[0].direction = 'sideways')],
    ['a mask of numbers', (t) => (t.layers[1].mask[0][0] = 1)],
    ['no initial state', (t) => delete t.layers[1].initial_state],
    ['three initial states', (t) => (t.layers[1].initial_state = [[[0]], [[0]], [[0]]])],
    ['an unknown name among returns', (t) => (t.layers[1].returns[0].name = 'state_x')],
    ['steps one list too flat', (t) => (t.layers[1].steps.f = t.layers[1].steps.f[0])],
    ['steps one list too deep', (t) => (t.layers[1].steps.f = [t.layers[1].steps.f])],
    ['a quantity with a strange name', (t) => (t.layers[1].steps['F!'] = [])],
    ['incomplete without a reason', (t) => (t.incomplete = [{ layer: 'a', class: 'B' }])],
  ];
  it.each(mutations)('refuses a trace with %s', async (_, mutate) => {
    const trace = parsed(await presetRecording('masking'));
    mutate(trace);
    expect(validate(trace)).toBe(false);
  });
});
