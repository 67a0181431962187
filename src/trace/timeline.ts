import { isRecurrent } from '../layers/layer.ts';
import { rowsOf } from '../math/tensor.ts';
import { type CallTrace, isBackward } from './trace.ts';

/** How many steps a call took: its timesteps, or 1 where it has no time axis. */
export function stepCount({ quantities, input }: CallTrace): number {
  const first = Object.values(quantities)[0];
  return first ? first.shape[0] : rowsOf(input);
}

/** How many of them are there: all but those of a run that is still being computed. */
export function computedSteps(trace: CallTrace): number {
  const steps = stepCount(trace);
  let computed = steps;
  for (const t of Object.values(trace.quantities)) {
    if ('data' in t || t.computed === undefined) continue;
    computed = Math.min(computed, Math.floor((t.computed * steps) / rowsOf(t)));
  }
  return computed;
}

/** The step at which an input timestep was processed, and the other way round: under go_backwards the two run against each other. */
export function stepOf(trace: CallTrace, timestep: number): number {
  return isBackward(trace.call) ? stepCount(trace) - 1 - timestep : timestep;
}

/** False where a mask made the layer skip the input's timestep. */
export function isUsed(trace: CallTrace, timestep: number): boolean {
  return trace.mask === null || !isRecurrent(trace.call.layer) || trace.mask[timestep] === 1;
}
