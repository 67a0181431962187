import type { Layer, Quantities, RecurrentState, StepContext } from '../layers/layer.ts';
import type { Tensor } from '../math/tensor.ts';
import type { Model } from '../model/graph.ts';
import type { EngineName, Trace } from '../trace/trace.ts';

/** The states that stateful layers carry to the next batch, by layer name. A map, since a file may name a layer `constructor`. */
export type CarriedStates = ReadonlyMap<string, RecurrentState>;

/** States to start from that a person gives, by the name of the call: `lstm_1`, `lstm_1#2`. */
export type GivenStates = ReadonlyMap<string, RecurrentState>;

export interface Recorder {
  /** Runs one sample: one tensor for each input of the model, without the batch axis. */
  record(
    inputs: readonly Tensor[],
    carried?: CarriedStates,
    given?: GivenStates,
  ): { trace: Trace; carried: CarriedStates };
}

/** Runs models. Engines differ in how they compute and how fast; nobody outside knows which one ran. */
export interface Engine {
  readonly name: EngineName;
  prepare(model: Model): Recorder;
}

/** What an engine brings: the quantities of one layer for x [steps, width] in processing order. All else (graph, masks, states) is shared. */
export type Compute = (layer: Layer, x: Tensor, context: StepContext) => Quantities;
