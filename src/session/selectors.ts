import type { StepCheck } from '../engines/check/check-step.ts';
import { kindOf } from '../layers/kinds.ts';
import type { Equation } from '../layers/layer.ts';
import { numberAt, type Rows, row, widthOf } from '../math/tensor.ts';
import { callName } from '../model/graph.ts';
import { addressText } from '../trace/address.ts';
import { computedSteps, stepCount, stepOf } from '../trace/timeline.ts';
import type { CallTrace, Recording, Trace } from '../trace/trace.ts';
import type { Cursor, OpenSession } from './session.ts';

const clamp = (value: number, count: number) => Math.max(0, Math.min(value, count - 1));

/** All samples of all runs, in the order in which they ran. */
export function samples({ runs }: Recording): { trace: Trace; run: number; sample: number }[] {
  return runs.flatMap((run, at) => run.map((trace, sample) => ({ trace, run: at, sample })));
}

/** Where one stands, every number inside the trace. Shapes: see `Cursor`. */
export interface Position {
  readonly trace: Trace;
  /** Index of the sample among all, and its batch and place in it. */
  readonly sampleIndex: number;
  readonly sampleCount: number;
  readonly run: number;
  readonly sample: number;
  readonly callIndex: number;
  readonly callTrace: CallTrace;
  /** `lstm_1`, `lstm_1#2` */
  readonly name: string;
  readonly steps: number;
  /** How many of them are there: fewer while the run is being computed. The cursor goes no further. */
  readonly computed: number;
  /** In processing order. */
  readonly step: number;
  /** The input's timestep. */
  readonly timestep: number;
  readonly equations: readonly Equation[];
  /** Index into `equations`; −1 for a layer without any. */
  readonly stage: number;
  readonly units: number;
  readonly unit: number;
  /** Symbols of the quantities that are not what their equations say, as far as this step has been checked. */
  readonly differs: readonly string[];
}

export function position(session: OpenSession): Position {
  const at = positionAt(session.subject.recording, session.cursor);
  const check = checkAt(session, at);
  return check && check.differs.length > 0 ? { ...at, differs: check.differs.map(({ symbol }) => symbol) } : at;
}

/** Where a cursor stands in a recording. */
export function positionAt(recording: Recording, cursor: Cursor): Position {
  const all = samples(recording);
  const sampleIndex = clamp(cursor.sample, all.length);
  const { trace, run, sample } = all[sampleIndex];
  const callIndex = clamp(cursor.call, trace.calls.length);
  const callTrace = trace.calls[callIndex];
  const equations = kindOf(callTrace.call.layer).equations(callTrace.call.layer, callTrace.inputs.length);
  const steps = stepCount(callTrace);
  const computed = computedSteps(callTrace);
  const step = clamp(cursor.step, Math.max(1, computed));
  const stage = equations.length - 1 - clamp(cursor.stagesLeft, equations.length);
  const units = widthAt(callTrace, equations[stage]?.symbol);
  return {
    trace,
    sampleIndex,
    sampleCount: all.length,
    run,
    sample,
    callIndex,
    callTrace,
    name: callName(callTrace.call),
    steps,
    computed,
    step,
    timestep: stepOf(callTrace, step),
    equations,
    stage: equations.length === 0 ? -1 : stage,
    units,
    unit: clamp(cursor.unit, units),
    differs: [],
  };
}

/** How many units can be walked through: the widest of the layer's quantities, so that the unit does not jump from stage to stage. */
function widthAt({ quantities, input }: CallTrace, symbol: string | undefined): number {
  const widths = Object.values(quantities).map(widthOf);
  return symbol === undefined ? widthOf(input) : Math.max(...widths);
}

/** Whether the cursor has reached this step (in processing order) and stage. What it has not reached is not drawn. */
export function isReached(position: Position, step: number, stage = 0): boolean {
  if (step >= position.computed) return false;
  return step < position.step || (step === position.step && stage <= position.stage);
}

/** The address of what the cursor is on: `lstm_1.c[2]@3`. */
export function currentAddress({ name, equations, stage, unit, timestep, callTrace }: Position): string {
  const symbol = stage < 0 ? 'x' : equations[stage].symbol;
  const width = stage < 0 ? widthOf(callTrace.input) : widthOf(callTrace.quantities[symbol]);
  return addressText({ call: name, symbol, unit: Math.min(unit, width - 1), timestep });
}

/** The value the cursor is on; NaN at a masked step. */
export function currentValue({ callTrace, equations, stage, step, unit }: Position): number {
  const t: Rows = stage < 0 ? callTrace.input : callTrace.quantities[equations[stage].symbol];
  const width = widthOf(t);
  return numberAt(t, step * width + Math.min(unit, width - 1));
}

/** The model's input whose timesteps these are; null where the layer's time axis is not an input's (or it has none). */
export function timelineInput({
  trace,
  callIndex,
  steps,
}: Pick<Position, 'trace' | 'callIndex' | 'steps'>): Rows | null {
  let at = callIndex;
  while (trace.calls[at].call.layer.kind !== 'input') at = trace.calls[at].call.inputs[0].call;
  const input = trace.calls[at].input;
  return input.shape[0] === steps ? input : null;
}

/** The word at an input timestep, where the input is a sequence of indices and the model has a vocabulary. */
export function tokenAt({ subject }: Pick<OpenSession, 'subject'>, at: Position, timestep: number): string | null {
  const input = timelineInput(at);
  return input?.shape.length === 1 && subject.words ? (subject.words[numberAt(input, timestep)] ?? null) : null;
}

/** h or c before the cursor's step: of the step before, or what the layer started from. [units] */
export function previousState({ callTrace, step }: Position, symbol: 'h' | 'c'): ArrayLike<number> {
  const states = callTrace.quantities[symbol];
  return step > 0 ? row(states, step - 1) : (callTrace.initialState?.[symbol] ?? new Float64Array(widthOf(states)));
}

/** How the step at the cursor compares with its equations; null where that is not known (yet). */
export function checkAt({ checked }: OpenSession, { sampleIndex, callIndex, step }: Position): StepCheck | null {
  const isHere = checked?.sample === sampleIndex && checked.call === callIndex && checked.step === step;
  return isHere ? checked.check : null;
}

/** Whether a stage of the cursor's timestep is to be drawn, and whether only because the whole run is. */
export function stageShown({ wholeRun }: OpenSession, at: Position, stage: number): 'computed' | 'ahead' | 'hidden' {
  if (at.step >= at.computed) return 'hidden';
  return stage <= at.stage ? 'computed' : wholeRun ? 'ahead' : 'hidden';
}
