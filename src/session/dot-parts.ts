import { kindOf } from '../layers/kinds.ts';
import { row, type Tensor } from '../math/tensor.ts';
import type { Position } from './selectors.ts';

/** What a gate's sum is made of for the chosen unit: the input's part, the state's part and the bias (null without). `gate`: i, f, g or o. */
export function dotParts(
  { callTrace, step, timestep, unit }: Position,
  gate: string,
): { fromInput: number; fromState: number; bias: number | null } {
  const constants = kindOf(callTrace.call.layer).constants(callTrace.call.layer) as Record<string, Tensor | undefined>;
  const { quantities, initialState, input } = callTrace;
  const state = step === 0 ? initialState?.h : row(quantities.h, step - 1);
  const dot = (vector: ArrayLike<number> | undefined, matrix: Tensor | undefined) => {
    let sum = 0;
    if (vector && matrix) for (let at = 0; at < vector.length; at++) sum += vector[at] * row(matrix, at)[unit];
    return sum;
  };
  return {
    fromInput: dot(row(input, timestep), constants[`W_${gate}`]),
    fromState: dot(state, constants[`U_${gate}`]),
    bias: constants[`b_${gate}`]?.data[unit] ?? null,
  };
}
