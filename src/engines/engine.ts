import type { Layer, Quantities, RecurrentState, StepContext } from '../layers/layer.ts';
import type { Tensor } from '../math/tensor.ts';
import type { Model } from '../model/graph.ts';
import type { EngineName, Trace } from '../trace/trace.ts';

/** The states that stateful layers carry to the next batch, by layer name. A map, since a file may name a layer `constructor`. */
export type CarriedStates = ReadonlyMap<string, RecurrentState>;

/** States to start from that a person gives, by the name of the call: `lstm_1`, `lstm_1#2`. */
export type GivenStates = ReadonlyMap<string, RecurrentState>;

/** What one sample did, and what stateful layers carry on. */
export interface Recorded {
  readonly trace: Trace;
  readonly carried: CarriedStates;
}

/** Runs one sample: one tensor for each input of the model, without the batch axis. */
export interface Recorder {
  record(inputs: readonly Tensor[], carried?: CarriedStates, given?: GivenStates): Recorded;
  /** The same in pieces of some milliseconds, each of which yields how much is done, from 0 to 1. */
  recordInPieces(inputs: readonly Tensor[], carried?: CarriedStates, given?: GivenStates): Generator<number, Recorded>;
  /**
   * The same numbers, of which only some are kept, in so much memory (bytes) for so many samples: see windowed/. A run throws a LabError where that is
   * not enough. `carried` is asked for when the first timestep is computed.
   */
  windowed(
    memory: number,
    samples: number,
  ): (inputs: readonly Tensor[], carried?: () => CarriedStates, given?: GivenStates) => WindowedRun;
}

/** A sample that is being run. The trace is there at once and fills up: see `RecordingProgress`. */
export interface WindowedRun {
  readonly trace: Trace;
  /** From 0 to 1. */
  readonly fraction: number;
  readonly isDone: boolean;
  /** What stateful layers carry on, when it is done. */
  readonly carried: CarriedStates;
  /** Computes the next piece, of some milliseconds. */
  advance(): void;
}

/** Runs models. Engines differ in how they compute and how fast; nobody outside knows which one ran. */
export interface Engine {
  readonly name: EngineName;
  prepare(model: Model): Recorder;
}

/** What an engine brings: the quantities of one layer for x [steps, width] in processing order. All else (graph, masks, states) is shared. */
export type Compute = (layer: Layer, x: Tensor, context: StepContext) => Quantities;
