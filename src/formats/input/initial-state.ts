import { statSync } from 'node:fs';
import { isRecurrent, type RecurrentLayer, type RecurrentState } from '../../layers/layer.ts';
import { LabError, quote } from '../../math/lab-error.ts';
import { fromNested, shapeText, type Tensor, tensor } from '../../math/tensor.ts';
import { type Call, callName, type Model } from '../../model/graph.ts';
import { suggestion } from '../../model/nearest.ts';
import { isRecord } from '../is-record.ts';
import { isNpy, readNpz } from '../npy.ts';
import { parseJson, readBounded, STANDARD_INPUT } from '../read-file.ts';
import { topLevelKeys } from '../recognise/json-keys.ts';
import { isZip } from '../zip.ts';
import { MAX_INPUT_BYTES } from './limits.ts';
import { looksLikeNumbers, timestepsOf } from './numbers.ts';

const NOT_FOUND = {
  problem: 'there is no such file, and it is not numbers either.',
  hint: 'numbers are written "0.1, 0.2; 0.3, 0.4": h, and after the ; c.',
};

/** Where recurrent calls start, by the call's name (`lstm_1`, `lstm_1#2`): one entry for all samples, or one for each. */
export type InitialStates = readonly ReadonlyMap<string, RecurrentState>[];

/** h and c of one call: [units], or [batch, units]. */
interface Given {
  readonly call: Call;
  readonly states: readonly Tensor[];
  readonly path: string;
}

/**
 * What `--initial-state` names: numbers for the one recurrent layer ("h; c", or h alone for a GRU), or a file (JSON or .npz; - is standard input).
 * Forms: [h_0, c_0] as PyTorch takes them, each [layers · directions, batch, units], in the order of execution; [h, c] of one layer, each [units] or
 * [batch, units]; an object by layer, {"lstm_1": [h, c]}; any of these as `initial_state` of an object. Without c an LSTM's is zero.
 * Throws a LabError that says what is wanted.
 */
export function readInitialState(spec: string, model: Model): InitialStates {
  const calls = model.calls.filter(({ layer, states }) => isRecurrent(layer) && states.length === 0);
  if (calls.length === 0) {
    throw usage({
      problem: 'the model has no recurrent layer whose initial state can be given.',
      received: quote(spec),
    });
  }
  const text = spec.trim();
  const isJson = /^[[{]/.test(text);
  if (!isJson && looksLikeNumbers(text)) return perSample([fromNumbers(text, calls)]);
  const file = text === '-' ? STANDARD_INPUT : spec;
  try {
    return perSample(isJson ? fromJson(parseJson(text, '--initial-state'), calls) : fromFile(file, calls));
  } catch (error) {
    throw error instanceof LabError ? error.within({ file: isJson ? '--initial-state' : file }) : error;
  }
}

/**
 * What recurrent layers start from, where the file that `--input` names says so (`initial_state` beside its inputs). Standard input and pipes,
 * which are read only once, and inputs that are no JSON say nothing.
 */
export function inputInitialState(input: string | undefined, model: Model): InitialStates {
  const text = input?.trim() ?? '';
  if (text === '' || text === '-' || text.startsWith('[')) return [];
  const inline = text.startsWith('{');
  if (!inline && (looksLikeNumbers(text) || !statSync(input as string, { throwIfNoEntry: false })?.isFile())) return [];
  const json = inline ? text : readBounded(input as string, MAX_INPUT_BYTES).toString('utf8');
  if (!topLevelKeys(json)?.includes('initial_state')) return [];
  return readInitialState(inline ? json : (input as string), model);
}

function fromNumbers(text: string, calls: readonly Call[]): Given {
  const [call] = calls;
  if (calls.length > 1) {
    throw usage({
      problem: `the model has ${calls.length} recurrent layers (${calls.map(callName).join(', ')}), and numbers are for one.`,
      received: 'numbers',
      hint: `give JSON: {"${callName(call)}": [[…], […]], …}.`,
    });
  }
  const parts = timestepsOf(text, '--initial-state');
  const lengths = stateLengths(call.layer as RecurrentLayer);
  const all = parts.flat();
  // Without a ; h and c follow one another.
  const isWhole = parts.length === 1 && lengths.length === 2 && all.length === lengths[0] + lengths[1];
  const states = isWhole ? [all.slice(0, lengths[0]), all.slice(lengths[0])] : parts;
  return { call, states: states.map((numbers) => tensor([numbers.length], numbers)), path: '' };
}

function fromFile(file: string, calls: readonly Call[]): Given[] {
  const bytes = readBounded(file, MAX_INPUT_BYTES, NOT_FOUND);
  if (isNpy(bytes))
    throw new LabError({
      problem: 'h and c are wanted, and this is one array.',
      hint: 'numpy.savez(file, h_0=h, c_0=c) holds both.',
    });
  if (!isZip(bytes)) return fromJson(parseJson(bytes, file), calls);
  const arrays = [...readNpz(bytes)].map(([name, { tensor }]) => ({ name, tensor }));
  const dotted = arrays.filter(({ name }) => /\.[hc]$/.test(name));
  if (dotted.length === arrays.length) {
    const names = [...new Set(dotted.map(({ name }) => name.slice(0, -2)))];
    return names.map((name) =>
      named(
        name,
        calls,
        ['h', 'c'].flatMap((state) => arrays.find((array) => array.name === `${name}.${state}`)?.tensor ?? []),
      ),
    );
  }
  return stacked(
    arrays.map(({ tensor }) => tensor),
    calls,
  );
}

function fromJson(value: unknown, calls: readonly Call[]): Given[] {
  if (isRecord(value) && Object.hasOwn(value, 'initial_state')) {
    try {
      return fromJson(value.initial_state, calls);
    } catch (error) {
      throw error instanceof LabError ? error.within({ path: 'initial_state' }) : error;
    }
  }
  if (Array.isArray(value))
    return stacked(
      value.map((part, at) => stateTensor(part, `[${at}]`)),
      calls,
    );
  if (isRecord(value)) {
    return Object.entries(value).map(([name, states]) => named(name, calls, statesOf(states, name)));
  }
  throw new LabError({ problem: 'a list [h, c] or an object by layer is wanted.', received: quote(value) });
}

function statesOf(states: unknown, name: string): Tensor[] {
  if (isRecord(states) && states.h !== undefined)
    return ['h', 'c'].flatMap((key) => (states[key] === undefined ? [] : [stateTensor(states[key], `${name}.${key}`)]));
  if (Array.isArray(states)) return states.map((state, at) => stateTensor(state, `${name}[${at}]`));
  throw new LabError({ path: name, problem: 'a list [h, c] is wanted.', received: quote(states) });
}

function stateTensor(part: unknown, path: string): Tensor {
  const value = isRecord(part) ? part.data : part;
  if (!Array.isArray(value))
    throw new LabError({ path, problem: 'a list of numbers is wanted.', received: quote(part) });
  return fromNested(value, path);
}

function named(name: string, calls: readonly Call[], states: readonly Tensor[]): Given {
  const call = calls.find((candidate) => callName(candidate) === name);
  if (call !== undefined) return { call, states, path: name };
  const names = calls.map(callName);
  throw new LabError({
    path: name,
    problem: `the model has no recurrent layer of this name: ${names.join(', ')}.`,
    received: quote(name),
    hint: suggestion(name, names),
  });
}

/** h_0 and c_0 with a row for each layer and direction, or those of the one layer. */
function stacked(states: readonly Tensor[], calls: readonly Call[]): Given[] {
  if (states.every(({ shape }) => shape.length < 3)) {
    if (calls.length === 1) return [{ call: calls[0], states, path: '' }];
    throw new LabError({
      problem: `the model has ${calls.length} recurrent layers: ${calls.map(callName).join(', ')}.`,
      received: states.map(({ shape }) => shapeText(shape)).join(' and '),
      hint: `give h_0 and c_0 of shape (${calls.length}, batch, units), or an object by layer.`,
    });
  }
  for (const { shape } of states) {
    if (shape.length === 3 && shape[0] === calls.length) continue;
    throw new LabError({
      problem: `h_0 and c_0 have the shape (layers · directions, batch, units), and the model has ${calls.length} recurrent layer${calls.length === 1 ? '' : 's'}: ${calls.map(callName).join(', ')}.`,
      received: shapeText(shape),
    });
  }
  return calls.map((call, at) => ({
    call,
    path: callName(call),
    states: states.map(({ shape, data }) => {
      const size = shape[1] * shape[2];
      return tensor(shape.slice(1), data.subarray(at * size, (at + 1) * size));
    }),
  }));
}

function perSample(all: readonly Given[]): InitialStates {
  const checked = all.map(checkedStates);
  const counts = new Set(checked.map(({ samples }) => samples.length).filter((count) => count > 1));
  if (counts.size > 1)
    throw new LabError({ problem: 'all states need the same number of samples.', received: [...counts].join(' and ') });
  const [count = 1] = counts;
  return Array.from(
    { length: count },
    (_, sample) => new Map(checked.map(({ name, samples }) => [name, samples[samples.length === 1 ? 0 : sample]])),
  );
}

function checkedStates({ call, states, path }: Given): { name: string; samples: RecurrentState[] } {
  const layer = call.layer as RecurrentLayer;
  const lengths = stateLengths(layer);
  const batches = states.map((state) => (state.shape.length === 1 ? tensor([1, ...state.shape], state.data) : state));
  const fits =
    batches.length >= 1 &&
    batches.length <= lengths.length &&
    batches.every(
      ({ shape }, at) =>
        shape.length === 2 && shape[1] === lengths[at] && shape[0] === batches[0].shape[0] && shape[0] > 0,
    );
  if (!fits) {
    throw new LabError({
      path,
      problem: `${callName(call)} starts from ${lengths.map((length, at) => `${'hc'[at]} (${length},)`).join(' and ')}, or with the samples as their first axis.`,
      received: states.length === 0 ? 'nothing' : states.map(({ shape }) => shapeText(shape)).join(' and '),
    });
  }
  const [h, c] = batches;
  return {
    name: callName(call),
    samples: Array.from({ length: h.shape[0] }, (_, sample) => {
      const rowOf = ({ shape, data }: Tensor) =>
        Float64Array.from(data.subarray(sample * shape[1], (sample + 1) * shape[1]));
      if (layer.kind !== 'lstm') return { h: rowOf(h) };
      return { h: rowOf(h), c: c === undefined ? new Float64Array(layer.units) : rowOf(c) };
    }),
  };
}

/** Of h, and for an LSTM of c. */
function stateLengths(layer: RecurrentLayer): number[] {
  return layer.kind === 'lstm' ? [layer.projectionUnits ?? layer.units, layer.units] : [layer.units];
}

function usage(fields: { problem: string; received?: string; hint?: string }): LabError {
  return new LabError({ kind: 'usage', path: '--initial-state', ...fields });
}
