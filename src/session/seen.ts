import { kindOf } from '../layers/kinds.ts';
import { type Bindings, isRecurrent, type Layer, type Mask, type Rows, type StepContext } from '../layers/layer.ts';
import { innerLayer, timestepOf } from '../layers/time-distributed.ts';
import { row, rowsOf, type Tensor, whole, widthOf } from '../math/tensor.ts';
import { carriesMask } from '../model/graph.ts';
import { stepCount } from '../trace/timeline.ts';
import { isTimewise, timewiseInputs } from '../trace/timewise.ts';
import type { CallTrace, Trace } from '../trace/trace.ts';
import type { Position } from './selectors.ts';

/** What the equations of a layer see at the cursor's step besides constants and quantities: `x`, or `x_1`, `x_2`, …. Not for recurrent layers. */
export function seenAt({ trace, callTrace, step }: Pick<Position, 'trace' | 'callTrace' | 'step'>): Bindings {
  return rowsOfCall(trace, callTrace).bindings(step);
}

/** How many steps those are. */
export function seenCount(trace: Trace, callTrace: CallTrace): number {
  return rowsOfCall(trace, callTrace).count;
}

const known = new WeakMap<CallTrace, Rows>();

function rowsOfCall(trace: Trace, callTrace: CallTrace): Rows {
  let rows = known.get(callTrace);
  if (!rows) {
    rows = isRecomputed(callTrace)
      ? timewiseRows(trace, callTrace)
      : rowsOfLayer(callTrace.call.layer, contextOf(trace, callTrace));
    known.set(callTrace, rows);
  }
  return rows;
}

/** Whether one timestep of a call's inputs is enough, and not all of them are in memory. */
export function isRecomputed({ call, inputs }: CallTrace): boolean {
  return inputs.some((input) => !('data' in input)) && isTimewise(call.layer, inputs);
}

/** Each step from its own timestep of the inputs. */
function timewiseRows(trace: Trace, callTrace: CallTrace): Rows {
  const count = stepCount(callTrace);
  const each = count / callTrace.inputs[0].shape[0];
  return {
    count,
    bindings: (at) => rowsOfLayer(callTrace.call.layer, contextAt(trace, callTrace, at)).bindings(at % each),
  };
}

/** What the layer got besides its first input, of the timestep of a step alone. */
export function contextAt(trace: Trace, callTrace: CallTrace, step: number): StepContext {
  const { inputs, call } = callTrace;
  const count = inputs[0].shape[0];
  const timestep = Math.floor((step * count) / stepCount(callTrace));
  const { mask, masks } = masksOf(trace, callTrace);
  const part = (all: Mask) => all?.subarray(timestep, timestep + 1) ?? null;
  return {
    mask: part(mask),
    initialState: null,
    inputs: timewiseInputs(call.layer, inputs, timestep, timestep + 1),
    masks: masks.map(part),
  };
}

/** What the layer got besides its first input. */
export function contextOf(trace: Trace, callTrace: CallTrace): StepContext {
  return { ...masksOf(trace, callTrace), initialState: null, inputs: callTrace.inputs.map(whole) };
}

function masksOf(trace: Trace, { call, mask }: CallTrace): Pick<StepContext, 'mask' | 'masks'> {
  const masks = call.inputs.map(
    (ref, at): Mask =>
      at === 0 ? mask : carriesMask(trace.calls[ref.call].call, ref.output) ? trace.calls[ref.call].outputMask : null,
  );
  return { mask, masks };
}

function rowsOfLayer(layer: Layer, context: StepContext): Rows {
  const kind = kindOf(layer);
  const [x] = context.inputs;
  if (x === undefined || isRecurrent(layer)) return { count: 1, bindings: () => ({}) };
  if (layer.kind === 'time_distributed') {
    const inner = innerLayer(layer);
    const slice = (t: number) => {
      const given = timestepOf(context, t);
      return rowsOfLayer(inner, { ...context, ...given, mask: given.masks[0] });
    };
    const each = Math.max(1, slice(0).count);
    return {
      count: each * x.shape[0],
      bindings: (at) => slice(Math.min(x.shape[0] - 1, Math.floor(at / each))).bindings(at % each),
    };
  }
  if (kind.rows) return kind.rows(layer, context);
  if (kind.wholeInput) return { count: 1, bindings: () => ({ x }) };
  if (layer.kind === 'embedding') return { count: x.data.length, bindings: (at) => ({ x: x.data[at] }) };
  const rowAt = (t: Tensor, at: number): Tensor => ({ shape: [widthOf(t)], data: row(t, at) });
  return {
    count: rowsOf(x),
    bindings: (at) =>
      context.inputs.length < 2
        ? { x: rowAt(x, at) }
        : Object.fromEntries(context.inputs.map((input, number) => [`x_${number + 1}`, rowAt(input, at)])),
  };
}
