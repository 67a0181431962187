/*
 * What is needed to hold one step of a trace against its equations: what the step saw and what was recorded of it, read from the trace.
 */
import type { Evidence } from '../engines/check/check-step.ts';
import { kindOf } from '../layers/kinds.ts';
import { type Bindings, isRecurrent, type Layer, type RecurrentLayer, type Shape } from '../layers/layer.ts';
import { stateLength, stateNames } from '../layers/recurrent.ts';
import { innerLayer } from '../layers/time-distributed.ts';
import { type Rows, row, rows, rowsOf, sizeOf, type Tensor, widthOf } from '../math/tensor.ts';
import { isUsed, stepCount, stepOf } from '../trace/timeline.ts';
import type { CallTrace, Trace } from '../trace/trace.ts';
import { seenAt, seenCount } from './seen.ts';

/** As many numbers as a step may see and compute to be checked: mathjs takes a second for more. */
const MOST_NUMBERS = 2 ** 20;

/** And as many as its layer's weights may have, which mathjs keeps as float64. */
const MOST_WEIGHTS = 2 ** 24;

/** How often a call's equations are evaluated: once a step, or once for all steps where the layer takes its whole input at once. */
export function checkCount(trace: Trace, callTrace: CallTrace): number {
  const { call, inputs } = callTrace;
  if (kindOf(call.layer).equations(call.layer, inputs.length).length === 0) return 0;
  if (isRecurrent(innermost(call.layer))) return stepCount(callTrace);
  return wholes(call.layer, inputs[0].shape) ?? seenCount(trace, callTrace);
}

/** Which of them a step of the screen belongs to. */
export function checkOfStep(trace: Trace, callTrace: CallTrace, step: number): number {
  return Math.floor((step * checkCount(trace, callTrace)) / stepCount(callTrace));
}

/** Whether what number `at` is about is there: a run may be looked at while it is being computed. */
export function isThere(trace: Trace, callTrace: CallTrace, at: number): boolean {
  const count = checkCount(trace, callTrace);
  return Object.values(callTrace.quantities).every(
    (t) => 'data' in t || t.computed === undefined || t.computed >= ((at + 1) * rowsOf(t)) / count,
  );
}

/** How many whole inputs a layer takes; null where it goes step by step. */
function wholes(layer: Layer, shape: Shape): number | null {
  if (layer.kind !== 'time_distributed') return kindOf(layer).wholeInput ? 1 : null;
  const inside = wholes(innerLayer(layer), shape.slice(1));
  return inside === null ? null : (shape[0] as number) * inside;
}

/** The layer whose equations a call evaluates. */
export function innermost(layer: Layer): Layer {
  return layer.kind === 'time_distributed' ? innermost(innerLayer(layer)) : layer;
}

/**
 * The layer and what is to be checked of number `at` of a call's checks. Null where there is nothing to check, or too much: then nothing is said.
 * The layer comes without its weights where the evidence has all of them that it needs.
 */
export function evidenceOf(
  trace: Trace,
  callTrace: CallTrace,
  at: number,
): { layer: Layer; evidence: Evidence } | null {
  const layer = innermost(callTrace.call.layer);
  const equations = kindOf(layer).equations(layer, callTrace.inputs.length);
  const count = checkCount(trace, callTrace);
  if (count === 0) return null;
  const quantities = Object.entries(callTrace.quantities);
  const computed = quantities.reduce((sum, [, { shape }]) => sum + sizeOf(shape) / count, 0);
  const isWhole = wholes(callTrace.call.layer, callTrace.inputs[0].shape) !== null;
  const input = isWhole ? callTrace.inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0) / count : 0;
  if (computed + input > MOST_NUMBERS) return null;
  const recorded = Object.fromEntries(
    quantities.map(([symbol, t]) => {
      const each = rowsOf(t) / count;
      return [symbol, rows(t, at * each, (at + 1) * each)];
    }),
  );
  if (isRecurrent(layer)) {
    const carried =
      callTrace.call.layer === layer ? !isUsed(callTrace, stepOf(callTrace, at)) : isSkipped(layer, callTrace, at);
    return weightCount(layer) > MOST_WEIGHTS
      ? null
      : { layer, evidence: { equations, seen: seenByCell(layer, callTrace, at), recorded, carried } };
  }
  const seen = seenAt({ trace, callTrace, step: at });
  if (layer.kind === 'embedding') {
    const table = layer.weights.embeddings;
    const tableRow: Tensor = { shape: [widthOf(table)], data: row(table, seen.x as number) };
    const bare = { ...layer, weights: { embeddings: { shape: [0, widthOf(table)], data: new Float32Array(0) } } };
    return { layer: bare, evidence: { equations, seen, tableRow, recorded, carried: false } };
  }
  const sees = Object.values(seen).reduce<number>(
    (sum, value) => sum + (typeof value === 'number' ? 1 : value.data.length),
    0,
  );
  if (computed + sees > MOST_NUMBERS || weightCount(layer) > MOST_WEIGHTS) return null;
  return { layer, evidence: { equations, seen, recorded, carried: false } };
}

/** How many numbers a layer's weights have. */
export function weightCount(layer: Layer): number {
  // A layer inside TimeDistributed that has none is given none.
  const weights: Readonly<Record<string, Rows | undefined>> = ('weights' in layer && layer.weights) || {};
  return Object.values(weights).reduce((sum, t) => sum + (t ? sizeOf(t.shape) : 0), 0);
}

/** Whether a cell inside TimeDistributed skipped a step: masks there have a byte for each timestep of each of its sequences. */
function isSkipped({ goBackwards }: RecurrentLayer, { mask, inputs }: CallTrace, step: number): boolean {
  const [{ shape }] = inputs;
  if (mask === null || mask.length <= shape[0]) return false;
  const length = shape[shape.length - 2];
  const place = step % length;
  return mask[step - place + (goBackwards ? length - 1 - place : place)] === 0;
}

/** x, and the states of the step before; of a cell inside TimeDistributed every timestep is a sequence of its own, which starts from zeros. */
export function seenByCell(layer: RecurrentLayer, callTrace: CallTrace, step: number): Bindings {
  const { inputs, quantities, initialState, call } = callTrace;
  const [x] = inputs;
  const length = call.layer === layer ? rowsOf(x) : x.shape[x.shape.length - 2];
  const place = step % length;
  const seen: Record<string, Tensor> = {};
  const timestep = step - place + (layer.goBackwards ? length - 1 - place : place);
  seen.x = { shape: [widthOf(x)], data: row(x, timestep) };
  for (const state of stateNames(layer)) {
    const width = stateLength(layer, state);
    const start = initialState?.[state] ?? new Float64Array(width);
    seen[`${state}_prev`] = { shape: [width], data: place > 0 ? row(quantities[state], step - 1) : start };
  }
  return seen;
}
