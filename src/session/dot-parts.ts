import { kindOf } from '../layers/kinds.ts';
import { row, type Tensor } from '../math/tensor.ts';
import type { Position } from './selectors.ts';

/**
 * What a recurrent layer's sum is made of for the chosen unit: the input's part, the state's part and the bias (null without; a GRU's two biases
 * together). `gate` is its letter, null where the layer has no gates. Where a reset gate acts before the product, it is in the state's part.
 */
export function dotParts(
  { callTrace, step, timestep, unit }: Position,
  gate: string | null,
): { fromInput: number; fromState: number; bias: number | null } {
  const { layer } = callTrace.call;
  const constants = kindOf(layer).constants(layer) as Record<string, Tensor | undefined>;
  const named = (letter: string) => constants[gate === null ? letter : `${letter}_${gate}`];
  const { quantities, initialState, input } = callTrace;
  const before = step === 0 ? initialState?.h : row(quantities.h, step - 1);
  const isReset = layer.kind === 'gru' && gate === 'g';
  const reset = isReset ? row(quantities.r, step) : null;
  const state = reset && layer.kind === 'gru' && !layer.resetAfter ? before?.map((h, at) => h * reset[at]) : before;
  const dot = (vector: ArrayLike<number> | undefined, matrix: Tensor | undefined) => {
    let sum = 0;
    if (vector && matrix) for (let at = 0; at < vector.length; at++) sum += vector[at] * row(matrix, at)[unit];
    return sum;
  };
  const bias = named('b')?.data[unit] ?? null;
  const recurrentBias = named('d')?.data[unit] ?? 0;
  const fromState = dot(state, named('U'));
  if (reset && layer.kind === 'gru' && layer.resetAfter)
    return {
      fromInput: dot(row(input, timestep), named('W')),
      fromState: reset[unit] * (fromState + recurrentBias),
      bias,
    };
  return {
    fromInput: dot(row(input, timestep), named('W')),
    fromState,
    bias: bias === null ? null : bias + recurrentBias,
  };
}
