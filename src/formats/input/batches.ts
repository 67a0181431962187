import { LabError, quote } from '../../math/lab-error.ts';
import { fromNested, type Tensor } from '../../math/tensor.ts';
import type { Model } from '../../model/graph.ts';
import { isRecord } from '../is-record.ts';
import type { Entry, EntryBatch } from './entry.ts';
import { fitBatch } from './fit.ts';

/** More batches than this are something else. */
const MAX_BATCHES = 100_000;

/**
 * The batches in a JSON value: nested lists are the only input; `runs` are batches one after the other; `inputs` is one batch, a list of
 * {name, data} or of nested lists, or an object of nested lists by name; such an object may stand alone. Checked against the model; `file` is what messages call it.
 */
export function batchesFromJson(value: unknown, model: Model, file: string): Tensor[][] {
  try {
    return runsOf(value, model).map((batch) => fitBatch(batch, model));
  } catch (error) {
    throw error instanceof LabError ? error.within({ file }) : error;
  }
}

function runsOf(value: unknown, model: Model): EntryBatch[] {
  if (Array.isArray(value)) return [{ entries: [entry(null, value, '')], path: '' }];
  const names = model.inputs.map((call) => model.calls[call].layer.name);
  if (isRecord(value) && names.every((name) => Object.hasOwn(value, name)))
    return [{ entries: names.map((name) => entry(name, value[name], name)), path: '' }];
  if (!isRecord(value) || (value.runs === undefined && value.inputs === undefined)) {
    throw new LabError({
      problem: 'an input is nested lists of numbers, or an object with "inputs" or "runs", as a trace is.',
      received: isRecord(value) ? `an object with ${quote(Object.keys(value).slice(0, 8))}` : quote(value),
      hint:
        isRecord(value) && Array.isArray(value.layers)
          ? 'this looks like a model; the input is a file of its own.'
          : undefined,
    });
  }
  const isTrace = value.format === 'lstm-lab-trace';
  if (value.runs === undefined) return [{ entries: entriesOf(value.inputs, 'inputs', isTrace), path: 'inputs' }];
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
    if (!isRecord(run))
      throw new LabError({ path: `runs[${at}]`, problem: 'an object with "inputs" is wanted.', received: quote(run) });
    return { entries: entriesOf(run.inputs, path, isTrace), path };
  });
}

function entriesOf(inputs: unknown, path: string, isTrace: boolean): Entry[] {
  if (isRecord(inputs))
    return Object.entries(inputs).map(([name, value]) => entry(name, value, `${path}.${name}`, isTrace));
  if (!Array.isArray(inputs)) {
    throw new LabError({
      path,
      problem: 'a list of inputs is wanted.',
      received: inputs === undefined ? 'nothing' : quote(inputs),
    });
  }
  return inputs.map((input: unknown, at) => {
    const place = `${path}[${at}]`;
    if (!isRecord(input)) return entry(null, input, place);
    const name = typeof input.name === 'string' ? input.name : null;
    return entry(name, input.data, `${place}.data`, isTrace || Array.isArray(input.file_axes));
  });
}

function entry(name: string | null, value: unknown, path: string, batchFirst = false): Entry {
  return { name, path, batchFirst, read: () => readTensor(value, path) };
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
