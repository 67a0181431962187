import { isRecurrent, type Mask, type RecurrentState } from '../layers/layer.ts';
import type { Rows } from '../math/tensor.ts';
import type { Call, Model } from '../model/graph.ts';

export type EngineName = 'reference' | 'kernel' | 'simd';

/** Everything one call of a layer computed for one sample. What may be long is read by rows: see `Rows`. */
export interface CallTrace {
  readonly call: Call;
  /** As the layer got them, in the input's order; none for an Input. */
  readonly inputs: readonly Rows[];
  /** The first of them, or what was given to an Input. */
  readonly input: Rows;
  /** The mask of the first, in the input's order. */
  readonly mask: Mask;
  /** What a recurrent layer started from; null: zeros. */
  readonly initialState: RecurrentState | null;
  /** [steps, width] each, in processing order; NaN at masked steps, where the states are carried. */
  readonly quantities: Readonly<Record<string, Rows>>;
  /** What the layer returns under its own flags. */
  readonly returns: readonly Rows[];
  /** The mask that goes on with the output. */
  readonly outputMask: Mask;
}

/** What one sample did: one entry for each call, in order of execution (`trace.calls[n].call === model.calls[n]`), and the model's outputs. */
export interface Trace {
  readonly inputs: readonly Rows[];
  readonly calls: readonly CallTrace[];
  /** Null where an output needs a layer that the lab does not know. */
  readonly outputs: readonly (Rows | null)[];
}

/** A model with what it did: for each batch, a trace of each sample. A stateful layer carries sample i's state to sample i of the next batch. */
export interface Recording {
  readonly model: Model;
  readonly engine: EngineName;
  readonly runs: readonly (readonly Trace[])[];
  /** Where it is handed out before it is done (record's `whileComputing`), or was: how far it is. */
  readonly progress?: RecordingProgress;
  /**
   * Where samples are computed when they are looked at: what is to be done before sample `number` of all, one batch after the other, can be looked at
   * without a wait. Null where nothing is, or where nobody would notice. Not asked for, it is done all at once when the trace is read.
   */
  readonly prepare?: (number: number) => Preparation | null;
}

/** Computes it, in small pieces between which keys are heard. Rejects with the signal's reason where that gives it up; it can be begun again. */
export type Preparation = (how: {
  readonly signal?: AbortSignal;
  /** Timesteps done, of all. */
  readonly onProgress?: (done: number, total: number) => void;
}) => Promise<void>;

/**
 * A run that is still being computed can be looked at: its calls, quantities and shapes are there from the beginning, and numbers that are not yet are
 * NaN (`computed` of a quantity's rows says how many are there, in processing order). It goes on in small pieces between which keys are heard.
 *
 *   const recording = await record(model, batches, 'simd', { whileComputing: true });
 *   const stop = recording.progress?.onChange(() => draw(recording.progress.fraction));
 */
export interface RecordingProgress {
  /** From 0 to 1, of all the work. */
  readonly fraction: number;
  readonly isDone: boolean;
  /** Timesteps of all samples, and how many of them are done: the fraction in words. */
  readonly timesteps: { readonly done: number; readonly total: number };
  /** What it failed with, or that it was cancelled; null as long as all is well. */
  readonly error: unknown;
  /** Calls the listener when `fraction` has grown (at most every 50 ms), and when it is done, has failed or was cancelled. Returns how to stop listening. */
  onChange(listener: () => void): () => void;
  /** Gives it up: what is there stays readable. */
  cancel(): void;
}

/** A recurrent layer under go_backwards runs from the input's last timestep to its first. */
export function isBackward({ layer }: Pick<Call, 'layer'>): boolean {
  return isRecurrent(layer) && layer.goBackwards;
}
