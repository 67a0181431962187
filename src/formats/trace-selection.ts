import { isRecurrent, type Layer } from '../layers/layer.ts';
import { LabError } from '../math/lab-error.ts';
import { rowsOf } from '../math/tensor.ts';
import { callName } from '../model/graph.ts';
import { suggestion } from '../model/nearest.ts';
import { type CallTrace, isBackward, type Recording, type Trace } from '../trace/trace.ts';

/** Which part of a trace is written; without, all of it. */
export interface TraceFilter {
  /** Names of layers (all their calls) or of calls: `lstm_1`, `lstm_1#2`. */
  readonly layers?: readonly string[];
  /** Symbols: `i`, `f`, `c`, `h`. */
  readonly quantities?: readonly string[];
  /** Is told how many rows of quantities have been written, and how many there are. */
  readonly onRows?: (done: number, total: number) => void;
}

export interface Selection {
  /** Indexes into a trace's calls, in order of execution, without Inputs. */
  readonly calls: readonly number[];
  /** The symbols to write of this call, in the order in which they are computed; none for a layer without steps. */
  symbols(call: CallTrace): string[];
  /** So many more rows of quantities have been written. */
  wrote(rows: number): void;
}

/** What a filter picks. Throws a LabError for a layer or quantity that is not there. */
export function select(recording: Recording, { layers, quantities, onRows }: TraceFilter): Selection {
  const first = recording.runs[0][0].calls;
  const all = first.flatMap(({ call }, at) => (call.layer.kind === 'input' ? [] : [at]));
  const calls = layers?.length ? pickCalls(first, all, layers) : all;
  if (quantities?.length) checkQuantities(first, calls, quantities);
  const wanted = quantities?.length ? new Set(quantities) : null;
  const symbols = ({ call, quantities: computed }: CallTrace) =>
    hasSteps(call.layer) ? Object.keys(computed).filter((symbol) => wanted === null || wanted.has(symbol)) : [];
  const rowsOfCall = (trace: CallTrace) =>
    symbols(trace).reduce((sum, symbol) => sum + rowsOf(trace.quantities[symbol]), 0);
  let done = 0;
  // All samples have the shapes of the first, and not all of them have run.
  let total: number | undefined;
  return {
    calls,
    symbols,
    wrote(rows) {
      if (!onRows) return;
      total ??= recording.runs.flat().length * calls.reduce((sum, at) => sum + rowsOfCall(first[at]), 0);
      done += rows;
      onRows(Math.min(done, total), total);
    },
  };
}

/** A selection for a format that holds steps only: naming nothing but layers without steps is a mistake. */
export function selectSteps(recording: Recording, filter: TraceFilter, format: string): Selection {
  const selection = select(recording, filter);
  const first = recording.runs[0][0].calls;
  if (filter.layers?.length && !selection.calls.some((at) => hasSteps(first[at].call.layer))) {
    throw withoutSteps(first, filter.layers, `${format} holds the quantities of recurrent layers, and`);
  }
  return selection;
}

/** Only recurrent layers have steps: quantities at each timestep. */
export function hasSteps(layer: Layer): boolean {
  return isRecurrent(layer);
}

/** One call of all samples of a batch. */
export function samplesOfCall(run: readonly Trace[], call: number): CallTrace[] {
  return run.map((trace) => trace.calls[call]);
}

/** False for the steps (in processing order) that a mask made the layer skip: nothing was computed there. */
export function wasComputed({ mask, call }: CallTrace, step: number): boolean {
  return mask === null || mask[isBackward(call) ? mask.length - 1 - step : step] === 1;
}

function pickCalls(first: readonly CallTrace[], all: readonly number[], layers: readonly string[]): number[] {
  const names = [...new Set(all.flatMap((at) => [first[at].call.layer.name, callName(first[at].call)]))];
  for (const name of layers) {
    if (names.includes(name)) continue;
    const isInput = first.some(({ call }) => call.layer.kind === 'input' && call.layer.name === name);
    throw new LabError({
      kind: 'usage',
      path: '--layer',
      problem: isInput ? 'an Input computes nothing; it is under inputs.' : 'the model has no layer of this name.',
      received: name,
      hint: suggestion(name, names),
    });
  }
  return all.filter((at) => layers.includes(first[at].call.layer.name) || layers.includes(callName(first[at].call)));
}

function checkQuantities(first: readonly CallTrace[], calls: readonly number[], quantities: readonly string[]): void {
  const stepped = calls.map((at) => first[at]).filter(({ call }) => hasSteps(call.layer));
  if (stepped.length === 0) {
    throw withoutSteps(
      first,
      calls.map((at) => callName(first[at].call)),
    );
  }
  const symbols = [...new Set(stepped.flatMap(({ quantities: computed }) => Object.keys(computed)))];
  for (const name of quantities) {
    if (symbols.includes(name)) continue;
    throw new LabError({
      kind: 'usage',
      path: '--quantity',
      problem: 'there is no quantity of this name.',
      received: name,
      // Every one-letter name is near every other: a guess would mislead.
      hint: name.length > 2 ? suggestion(name, symbols) : `there are ${symbols.join(', ')}; g is the candidate.`,
    });
  }
}

function withoutSteps(first: readonly CallTrace[], asked: readonly string[], why = ''): LabError {
  const recurrent = first.flatMap(({ call }) => (hasSteps(call.layer) ? [callName(call)] : []));
  return new LabError({
    kind: 'usage',
    path: '--layer',
    problem: `${why} only recurrent layers have quantities at each timestep.`.trim(),
    received: asked.join(', '),
    hint:
      recurrent.length > 0 ? `the recurrent layers are ${recurrent.join(', ')}.` : 'this model has no recurrent layer.',
  });
}
