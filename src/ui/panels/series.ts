import { kindOf } from '../../layers/kinds.ts';
import { isRecurrent } from '../../layers/layer.ts';
import { reversed } from '../../layers/recurrent.ts';
import { type Rows, rows, rowsOf, sizeOf, type Tensor, tensor, whole, widthOf } from '../../math/tensor.ts';
import { isRecomputed, seenAt } from '../../session/seen.ts';
import { isReached, type Position } from '../../session/selectors.ts';
import { extremes } from '../../trace/extremes.ts';
import { isUsed, stepOf } from '../../trace/timeline.ts';
import type { CallTrace } from '../../trace/trace.ts';

/** One quantity of the layer at the cursor over the input's timesteps: what a heatmap draws. */
export interface Series {
  /** `x` is the layer's input. */
  readonly symbol: string;
  readonly meaning: string;
  /** Index of its equation; −1 for the input. */
  readonly stage: number;
  readonly width: number;
  /** Timesteps, or 1 where the quantity has no time axis. */
  readonly steps: number;
  readonly tensor: Rows;
  /** In the input's order, also under go_backwards. */
  valueAt(timestep: number, unit: number): number;
}

export function seriesOf(at: Position, symbol: string): Series | null {
  const { callTrace, equations } = at;
  const stage = equations.findIndex((equation) => equation.symbol === symbol);
  const tensor = callTrace.quantities[symbol];
  if (stage < 0 || !tensor) return inputSeries(at, symbol);
  const width = widthOf(tensor);
  return {
    symbol,
    meaning: equations[stage].meaning,
    stage,
    width,
    steps: rowsOf(tensor),
    tensor,
    valueAt: valuesOf(tensor, width, (timestep) => stepOf(callTrace, timestep)),
  };
}

/** What a layer sees: a row at each of its steps; a layer that sees its whole input in one step has as many rows as the input, all of them at once. */
function inputSeries(at: Position, symbol: string): Series | null {
  const tensor = inputRows(at, symbol);
  if (!tensor) return null;
  const width = widthOf(tensor);
  return {
    symbol,
    meaning: inputMeaning(at, symbol),
    stage: -1,
    width,
    steps: rowsOf(tensor),
    tensor,
    valueAt: valuesOf(tensor, width, (timestep) => timestep),
  };
}

function inputRows(at: Position, symbol: string): Rows | null {
  const { callTrace, steps } = at;
  const { input, call } = callTrace;
  const { layer } = call;
  if (layer.kind === 'input' || isRecurrent(layer) || layer.kind === 'embedding') {
    return symbol === 'x' ? asRows(input, steps) : null;
  }
  const direct = directRows(at, symbol);
  if (direct) return direct;
  if (isRecomputed(callTrace)) return lazyInput(at, symbol);
  const seen = callTrace.inputs.every((each) => 'data' in each) ? seenRows(callTrace, at, symbol) : null;
  if (seen) return seen;
  return symbol === 'x' && callTrace.inputs.length === 1 ? asRows(input, rowsOf(input)) : null;
}

/** An input whose rows are what the layer sees at its steps: none need be copied. */
function directRows({ callTrace, steps }: Position, symbol: string): Rows | null {
  const { call, inputs } = callTrace;
  const { wholeInput, rows } = kindOf(call.layer);
  if (wholeInput || rows || call.layer.kind === 'time_distributed') return null;
  const place = inputs.length === 1 ? ['x'].indexOf(symbol) : Number(/^x_(\d+)$/.exec(symbol)?.[1]) - 1;
  const input = inputs[place];
  return input && input.shape.length > 1 && rowsOf(input) === steps ? asRows(input, steps) : null;
}

/** An input, of which not all need be in memory, as the layer's steps see it: a Bidirectional's backward input turned around. */
function lazyInput({ callTrace, steps }: Position, symbol: string): Rows | null {
  const place = callTrace.inputs.length === 1 ? ['x'].indexOf(symbol) : Number(/^x_(\d+)$/.exec(symbol)?.[1]) - 1;
  const input = callTrace.inputs[place];
  if (!input || rowsOf(input) !== steps) return null;
  return callTrace.call.layer.kind === 'bidirectional' && symbol === 'x_2' ? turned(input) : asRows(input, steps);
}

const turnedRows = new WeakMap<Rows, Rows>();

/** The same rows from the last to the first. */
function turned(t: Rows): Rows {
  const known = turnedRows.get(t);
  if (known) return known;
  const count = rowsOf(t);
  const found: Rows = {
    shape: t.shape,
    read: (from, to) => reversed({ shape: [to - from, widthOf(t)], data: rows(t, count - to, count - from) }).data,
    extremes: (from, to) => extremes(t, count - to, count - from),
  };
  turnedRows.set(t, found);
  return found;
}

const reshaped = new WeakMap<Rows, Rows>();

/** The same numbers as so many rows: the same object each time, so that what is found out about it once is known. */
function asRows(t: Rows, rows: number): Rows {
  const shape = [rows, Math.max(1, Math.floor(sizeOf(t.shape) / rows))];
  if (t.shape.length === 2 && t.shape[0] === rows) return t;
  let found = reshaped.get(t);
  if (found?.shape[0] !== rows) {
    // The same rows under another shape are as lazy as they were.
    found =
      'data' in t || rowsOf(t) !== rows
        ? { shape, data: whole(t).data }
        : (Object.create(t, { shape: { value: shape } }) as Rows);
    reshaped.set(t, found);
  }
  return found;
}

/** Rows that are read at once: a heatmap looks at neighbours. */
const BLOCK = 64;

/** The number at a timestep and unit. Of what is not in memory the rows around are kept for as long as this function is. */
function valuesOf(t: Rows, width: number, stepOf: (timestep: number) => number): Series['valueAt'] {
  if ('data' in t) return (timestep, unit) => t.data[stepOf(timestep) * width + unit];
  const blocks = new Map<number, Tensor['data']>();
  return (timestep, unit) => {
    const step = stepOf(timestep);
    const at = Math.floor(step / BLOCK);
    let block = blocks.get(at);
    if (!block) {
      block = rows(t, at * BLOCK, Math.min(rowsOf(t), (at + 1) * BLOCK));
      blocks.set(at, block);
    }
    return block[(step - at * BLOCK) * width + unit];
  };
}

const known = new WeakMap<CallTrace, Map<string, Tensor | null>>();
/** More numbers are not copied for a heatmap. */
const MOST_NUMBERS = 4e6;

/** What the equations see under this name at every step, where it is a vector: [steps, width]. Null where it is not. */
function seenRows(callTrace: CallTrace, at: Position, symbol: string): Tensor | null {
  const found = known.get(callTrace) ?? new Map<string, Tensor | null>();
  known.set(callTrace, found);
  let seen = found.get(symbol);
  if (seen === undefined) {
    const vectorAt = (step: number) => {
      const value = seenAt({ ...at, step })[symbol];
      return typeof value === 'object' && value.shape.length === 1 ? value.data : null;
    };
    const width = vectorAt(0)?.length ?? 0;
    seen = width > 0 && width * at.steps <= MOST_NUMBERS ? tensor([at.steps, width]) : null;
    for (let step = 0; seen && step < at.steps; step++) {
      const vector = vectorAt(step);
      if (vector?.length === width) seen.data.set(vector, step * width);
      else seen = null;
    }
    found.set(symbol, seen);
  }
  return seen;
}

function inputMeaning({ callTrace: { call } }: Position, symbol: string): string {
  if (call.layer.kind === 'bidirectional') return symbol === 'x_1' ? 'forward' : 'backward, in the order of time';
  const place = /^x_(\d+)$/.exec(symbol)?.[1];
  return place ? `input ${place}` : 'input';
}

/** What of a layer's inputs can be drawn beside what it computes. */
export function seenSymbols(at: Position): string[] {
  const { inputs } = at.callTrace;
  return inputs.length === 1
    ? ['x']
    : inputs.map((_, n) => `x_${n + 1}`).filter((name) => inputRows(at, name) !== null);
}

/** Whether the timestep is still to come at the cursor: then its number is not drawn. */
export function isAhead(at: Position, series: Series, timestep: number): boolean {
  // Rows that are no timesteps are there together.
  if (series.steps !== at.steps) return at.stage < series.stage;
  return !isReached(at, stepOf(at.callTrace, timestep), series.stage);
}

/** Whether the run, which is still being computed, has not come as far as this timestep. */
export function isMissing(at: Position, series: Series, timestep: number): boolean {
  if (series.stage < 0) return false;
  return series.steps === at.steps ? stepOf(at.callTrace, timestep) >= at.computed : at.computed < at.steps;
}

/** At a masked timestep nothing was computed, and h and c were carried over. */
export function wasComputed(at: Position, series: Series, timestep: number): 'computed' | 'carried' | 'skipped' {
  if (series.stage < 0 || isUsed(at.callTrace, timestep)) return 'computed';
  return series.symbol === 'h' || series.symbol === 'c' ? 'carried' : 'skipped';
}
