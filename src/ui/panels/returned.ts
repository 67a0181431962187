import type { RecurrentLayer } from '../../layers/layer.ts';
import { outputRows, reversed, stateLength, stateNames } from '../../layers/recurrent.ts';
import { isReached, type Position } from '../../session/selectors.ts';
import { stepOf } from '../../trace/timeline.ts';
import { rowValues, type SequenceRow } from './returned-rows.ts';

/** What a recurrent layer has to return so far, under any flags. */
export interface Returned {
  readonly steps: number;
  /** The step that the cursor is at. */
  readonly step: number;
  /** The returned sequence's row of this step, in processed order, which is the order in which Keras returns it. */
  rowAt(step: number): SequenceRow;
  /** The last output, which is h_T unless the last timestep is masked and zero_output_for_mask. */
  readonly output: ArrayLike<number>;
  /** h_T, and an LSTM's c_T. */
  readonly states: readonly { readonly name: string; readonly values: ArrayLike<number> }[];
  /** Steps until they are there. */
  readonly stepsToGo: number;
  readonly finished: boolean;
  /** Of the output. */
  readonly units: number;
}

/** `mark` stands beside masked timesteps. */
export function returnedSoFar(at: Position, layer: RecurrentLayer, mark: string): Returned {
  const { callTrace, steps, step, equations } = at;
  const { quantities } = callTrace;
  const { h } = quantities;
  const mask = layer.goBackwards ? reversed(callTrace.mask) : callTrace.mask;
  const output = (s: number) => outputRows(layer, h, { mask, initialState: callTrace.initialState }, s, s + 1);
  const lastStage = equations.length - 1;
  const finished = isReached(at, steps - 1, lastStage);
  const digits = String(steps - 1).length;
  const masked = mask?.includes(0) === true;
  const rowAt = (s: number): SequenceRow => {
    const skipped = mask?.[s] === 0;
    return {
      label: `t${String(stepOf(callTrace, s)).padStart(digits)}${masked ? (skipped ? mark : ' ') : ''}`,
      reached: isReached(at, s, lastStage),
      atCursor: s === step,
      ...(skipped && { tone: 'masked' }),
      values: output(s),
    };
  };
  return {
    steps,
    step,
    rowAt,
    output: output(steps - 1),
    states: stateNames(layer).map((state) => ({
      name: `${state}_T`,
      values: rowValues(quantities[state], steps - 1),
    })),
    stepsToGo: steps - 1 - step,
    finished,
    units: stateLength(layer, 'h'),
  };
}
