import { LabError, quote } from '../../math/lab-error.ts';
import { fromNested, type Tensor, tensor } from '../../math/tensor.ts';
import type { Model } from '../../model/graph.ts';
import { samplesOf } from '../../model/samples.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** An input as a file has it: nested lists, with the name of the input they are for where there is one. */
interface Entry {
  readonly name: string | null;
  readonly value: unknown;
  readonly path: string;
}

/** More batches than this are something else. */
const MAX_BATCHES = 100_000;

/**
 * The batches in a JSON value: nested lists are the only input; `runs` are batches one after the other; `inputs` is one batch, a list of
 * {name, data} or of nested lists, or an object of nested lists by name. Checked against the model; `file` is what messages call it.
 */
export function batchesFromJson(value: unknown, model: Model, file: string): Tensor[][] {
  try {
    return runsOf(value).map(({ entries, path }) => batchOf(entries, model, path));
  } catch (error) {
    throw error instanceof LabError ? error.within({ file }) : error;
  }
}

function runsOf(value: unknown): { entries: Entry[]; path: string }[] {
  if (Array.isArray(value)) return [{ entries: [{ name: null, value, path: '' }], path: '' }];
  if (!isObject(value) || (value.runs === undefined && value.inputs === undefined)) {
    throw new LabError({
      problem: 'an input is nested lists of numbers, or an object with "inputs" or "runs", as a trace is.',
      received: isObject(value) ? `an object with ${quote(Object.keys(value).slice(0, 8))}` : quote(value),
      hint:
        isObject(value) && Array.isArray(value.layers)
          ? 'this looks like a model; the input is a file of its own.'
          : undefined,
    });
  }
  if (value.runs === undefined) return [{ entries: entriesOf(value.inputs, 'inputs'), path: 'inputs' }];
  const { runs } = value;
  if (!Array.isArray(runs) || runs.length === 0 || runs.length > MAX_BATCHES) {
    throw new LabError({
      path: 'runs',
      problem: `a list of 1 to ${MAX_BATCHES} batches is wanted.`,
      received: Array.isArray(runs) ? `${runs.length}` : quote(runs),
    });
  }
  return runs.map((run: unknown, at) => {
    const path = `runs[${at}].inputs`;
    if (!isObject(run))
      throw new LabError({ path: `runs[${at}]`, problem: 'an object with "inputs" is wanted.', received: quote(run) });
    return { entries: entriesOf(run.inputs, path), path };
  });
}

function entriesOf(inputs: unknown, path: string): Entry[] {
  if (isObject(inputs))
    return Object.entries(inputs).map(([name, value]) => ({ name, value, path: `${path}.${name}` }));
  if (!Array.isArray(inputs)) {
    throw new LabError({
      path,
      problem: 'a list of inputs is wanted.',
      received: inputs === undefined ? 'nothing' : quote(inputs),
    });
  }
  return inputs.map((input: unknown, at) => {
    const place = `${path}[${at}]`;
    if (!isObject(input)) return { name: null, value: input, path: place };
    return { name: typeof input.name === 'string' ? input.name : null, value: input.data, path: `${place}.data` };
  });
}

/** One tensor [batch, …] for each input of the model: by name where every name is one of the model's inputs', else by position. */
function batchOf(entries: readonly Entry[], model: Model, path: string): Tensor[] {
  const names = model.inputs.map((call) => model.calls[call].layer.name);
  if (entries.length !== names.length) {
    throw new LabError({
      path,
      problem: `the model has ${names.length} input${names.length === 1 ? '' : 's'}: ${names.join(', ')}.`,
      received: `${entries.length}`,
      hint:
        names.length > 1 && path === ''
          ? `give {"inputs": [{"name": ${JSON.stringify(names[0])}, "data": …}, …]}.`
          : undefined,
    });
  }
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const named = byName.size === names.length && names.every((name) => byName.has(name));
  const ordered = named ? names.map((name) => byName.get(name) as Entry) : entries;
  return checked(
    ordered.map(({ value, path }) => readTensor(value, path)),
    model,
    path,
  );
}

function readTensor(value: unknown, path: string): Tensor {
  if (!Array.isArray(value)) {
    throw new LabError({
      path,
      problem: 'nested lists of numbers are wanted.',
      received: value === undefined ? 'nothing' : quote(value),
    });
  }
  return fromNested(value, path);
}

/** Shapes against the model's, and the batch axis put before a sample that came without. */
function checked(batch: readonly Tensor[], model: Model, path: string): Tensor[] {
  try {
    samplesOf(model, batch);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    throw new LabError({ ...error.fields, path: [path, error.fields.path].filter(Boolean).join(', ') });
  }
  return batch.map((given, at) => {
    const wanted = model.calls[model.inputs[at]].outputShapes[0];
    return given.shape.length === wanted.length ? tensor([1, ...given.shape], given.data) : given;
  });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
