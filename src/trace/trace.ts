import type { LstmState, Mask, Quantities } from '../layers/layer.ts';
import type { Tensor } from '../math/tensor.ts';
import type { Call, Model } from '../model/graph.ts';

export type EngineName = 'reference' | 'kernel';

/** Everything one call of a layer computed for one sample. */
export interface CallTrace {
  readonly call: Call;
  /** As the layer got it, in the input's order. */
  readonly input: Tensor;
  /** The mask the layer got, in the input's order. */
  readonly mask: Mask;
  /** What an LSTM started from; null: zeros. */
  readonly initialState: LstmState | null;
  /** [steps, width] each, in processing order; NaN at masked steps, where h and c are carried. */
  readonly quantities: Quantities;
  /** What the layer returns under its own flags. */
  readonly returns: readonly Tensor[];
  /** The mask that goes on with the output. */
  readonly outputMask: Mask;
}

/** What one sample did: one entry for each call, in order of execution (`trace.calls[n].call === model.calls[n]`), and the model's outputs. */
export interface Trace {
  readonly inputs: readonly Tensor[];
  readonly calls: readonly CallTrace[];
  readonly outputs: readonly Tensor[];
}

/** A model with what it did: for each batch, a trace of each sample. A stateful layer carries sample i's state to sample i of the next batch. */
export interface Recording {
  readonly model: Model;
  readonly engine: EngineName;
  readonly runs: readonly (readonly Trace[])[];
}

/** An LSTM under go_backwards runs from the input's last timestep to its first. */
export function isBackward({ layer }: Pick<Call, 'layer'>): boolean {
  return layer.kind === 'lstm' && layer.goBackwards;
}
