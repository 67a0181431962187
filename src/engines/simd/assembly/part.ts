/* How a recurrent layer stands in the memory. ../part.ts writes it, field by field in this order. */

export const LSTM = 0;
export const GRU_RESET_AFTER = 1;
export const GRU_RESET_BEFORE = 2;
export const SIMPLE_RNN = 3;

/**
 * What one thread computes of a block of timesteps: the units `first` to `first + units` of all. Weights, biases, `projected` and `sums` are of these
 * units alone, their gates side by side; quantities are of all units, and every thread writes the columns of its own.
 */
@unmanaged
export class Part {
  kind: i32;
  /** Of quantities; the last one is h. */
  count: i32;
  all: i32;
  first: i32;
  units: i32;
  /** The kernel: weights and bias [16 · panels] (or 0) for so many features. */
  features: i32;
  panels: i32;
  kernel: usize;
  bias: usize;
  /** The recurrent kernel; of a GRU whose reset gate acts before the product, z | r alone, and g by itself. */
  recurrentPanels: i32;
  recurrent: usize;
  recurrentBias: usize;
  candidatePanels: i32;
  candidateWeights: usize;
  gate: i32;
  candidate: i32;
  output: i32;
  /** Room for [16 · panels], and for r ⊙ h₋₁ of all units. */
  sums: usize;
  reset: usize;
  /**
   * The block: quantities [1 + steps, all], `stride` bytes apart; row 0 of the states is what the block starts from. x [steps, features] is at `input`,
   * x · W + b goes to `projected` [steps, 16 · panels]; mask: 0, or a byte for each step.
   */
  quantities: usize;
  stride: usize;
  steps: i32;
  input: usize;
  projected: usize;
  mask: usize;
}

/** Bytes of a row of all units. */
// @ts-ignore: decorator
@inline
export function rowOf(part: Part): usize {
  return (<usize>part.all) << 2;
}

/** Where the part's columns of the first quantity begin in the row before step t. */
// @ts-ignore: decorator
@inline
export function before(part: Part, t: i32): usize {
  return part.quantities + <usize>t * rowOf(part) + ((<usize>part.first) << 2);
}

/** All units of quantity number `at` in the row before step t. */
// @ts-ignore: decorator
@inline
export function wholeRow(part: Part, at: i32, t: i32): usize {
  return part.quantities + <usize>at * part.stride + <usize>t * rowOf(part);
}

/** x · W + b of step t. */
// @ts-ignore: decorator
@inline
export function projectedRow(part: Part, t: i32): usize {
  return part.projected + ((<usize>(t * part.panels)) << 6);
}
