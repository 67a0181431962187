/*
 * What all recurrent layers have in common: a cell is stepped along time, and its state h (an LSTM's h and c) is handed from step to step.
 * Source: keras/src/layers/rnn/rnn.py and keras/src/backend/tensorflow/rnn.py.
 */
import { LabError } from '../math/lab-error.ts';
import { type Rows, row, rows, rowsOf, shapeText, type Tensor, tensor, widthOf } from '../math/tensor.ts';
import type { LstmLayer, Mask, Quantities, RecurrentLayer, RecurrentState, Shape, StepContext } from './layer.ts';

type Spec = Omit<RecurrentLayer, 'weights'>;

/** The states that a layer carries from step to step, and returns in this order. */
export function stateNames(layer: Pick<RecurrentLayer, 'kind'>): readonly ('h' | 'c')[] {
  return layer.kind === 'lstm' ? ['h', 'c'] : ['h'];
}

/** How many numbers a state has: `units`, but for the h of an LSTM that is projected. */
export function stateLength(layer: Spec, state: 'h' | 'c'): number {
  const projected = layer.kind === 'lstm' ? (layer as Omit<LstmLayer, 'weights'>).projectionUnits : undefined;
  return state === 'h' ? (projected ?? layer.units) : layer.units;
}

/** What a layer starts from where nothing else is said. */
export function zeroState(layer: Spec): RecurrentState {
  return Object.fromEntries(
    stateNames(layer).map((state) => [state, new Float64Array(stateLength(layer, state))]),
  ) as unknown as RecurrentState;
}

/** Shapes of what a recurrent layer returns for (timesteps, features). Throws a LabError where the input has other axes. */
export function recurrentShapes(className: string, layer: Spec, input: Shape): Shape[] {
  if (input.length !== 2) {
    throw new LabError({
      problem: `${className} wants (timesteps, features), two axes besides the batch.`,
      received: shapeText(input),
      hint:
        input.length === 1
          ? 'the layer before it returns one vector: set return_sequences=True there, or give input_shape=(timesteps, features).'
          : 'flatten or remove the axes that are too many.',
    });
  }
  const states = stateNames(layer).map((state): Shape => [stateLength(layer, state)]);
  const output: Shape = layer.returnSequences ? [input[0], ...states[0]] : states[0];
  return layer.returnState ? [output, ...states] : [output];
}

/**
 * What the layer gives at steps `from` to `to` (not included): h, except at masked steps, where Keras repeats the output before it
 * (zero_output_for_mask: gives 0). In processing order, which is also the order in which Keras returns it.
 */
export function outputRows(
  layer: RecurrentLayer,
  h: Rows,
  { mask, initialState }: Pick<StepContext, 'mask' | 'initialState'>,
  from: number,
  to: number,
): Tensor['data'] {
  const states = rows(h, from, to);
  if (!mask) return states;
  const width = widthOf(h);
  // A copy, so that its numbers are of the engine's type.
  const out = states.slice();
  // From the first step that is used on, h itself is carried over masked steps.
  const first = mask.indexOf(1);
  for (let t = from; t < to; t++) {
    if (mask[t] || (!layer.zeroOutputForMask && first >= 0 && t > first)) continue;
    const output = out.subarray((t - from) * width, (t - from + 1) * width);
    if (!layer.zeroOutputForMask && layer.maskedStart === 'state' && initialState) output.set(initialState.h);
    else output.fill(0);
  }
  return out;
}

/** The state after the last step. */
export function lastState(layer: RecurrentLayer, quantities: Quantities): RecurrentState {
  return Object.fromEntries(
    stateNames(layer).map((state) => [state, Float64Array.from(lastRow(quantities[state]))]),
  ) as unknown as RecurrentState;
}

/** What the layer returns under its own flags: the output, then h (and c) after the last step. */
export function recurrentReturns(
  layer: RecurrentLayer,
  quantities: Quantities,
  context: Pick<StepContext, 'mask' | 'initialState'>,
): Tensor[] {
  const last = (t: Tensor): Tensor => tensor(t.shape.slice(1), lastRow(t).slice());
  const { h } = quantities;
  const output = layer.returnSequences
    ? tensor(h.shape, outputRows(layer, h, context, 0, rowsOf(h)))
    : tensor(h.shape.slice(1), outputRows(layer, h, context, rowsOf(h) - 1, rowsOf(h)).slice());
  return layer.returnState ? [output, ...stateNames(layer).map((state) => last(quantities[state]))] : [output];
}

function lastRow(t: Tensor): Float64Array | Float32Array {
  return row(t, rowsOf(t) - 1);
}

/** Input order to processing order and back: the same reversal. */
export function reversed<T extends Tensor | Mask>(value: T): T {
  if (value === null) return value;
  if (value instanceof Uint8Array) return value.slice().reverse() as T;
  const steps = rowsOf(value as Tensor);
  const out = tensor((value as Tensor).shape);
  for (let t = 0; t < steps; t++) row(out, t).set(row(value as Tensor, steps - 1 - t));
  return out as T;
}

/** The quantities of a cell, [steps, width] each, filled row by row by `step`. Masked steps are skipped: NaN, and the states carried. */
export function alongTime(
  layer: RecurrentLayer,
  widths: Readonly<Record<string, number>>,
  x: Tensor,
  { mask, initialState }: Pick<StepContext, 'mask' | 'initialState'>,
  step: (x: ArrayLike<number>, before: RecurrentState, now: Readonly<Record<string, Float64Array>>) => void,
): Quantities {
  const steps = rowsOf(x);
  const symbols = Object.keys(widths);
  const quantities = Object.fromEntries(symbols.map((symbol) => [symbol, tensor([steps, widths[symbol]])]));
  let before = initialState ?? zeroState(layer);
  for (let t = 0; t < steps; t++) {
    const now: Record<string, Float64Array> = {};
    for (const symbol of symbols) now[symbol] = row(quantities[symbol], t) as Float64Array;
    if (mask && !mask[t]) {
      for (const symbol of symbols) now[symbol].fill(Number.NaN);
      for (const state of stateNames(layer)) now[state].set(before[state] as Float64Array);
    } else {
      step(row(x, t), before, now);
    }
    before = now as unknown as RecurrentState;
  }
  return quantities;
}

/** Clips every number to ±limit; a limit that is not given clips nothing. Source: ONNX's LSTM, GRU and RNN, `clip`. */
export function clipTo(z: Float64Array, limit: number | undefined): void {
  if (limit === undefined) return;
  for (let at = 0; at < z.length; at++) z[at] = Math.max(-limit, Math.min(limit, z[at]));
}

/** An equation's sum, clipped where the layer clips: `max(-clip, min(clip, …))`, number by number. */
export function clipped(sum: string, limit: number | undefined): string {
  return limit === undefined ? sum : `clip(${sum}, ${limit})`;
}
