import type { Mask, RecurrentState } from '../../layers/layer.ts';
import { type Call, isStateful } from '../../model/graph.ts';
import type { CallTrace, EngineName } from '../../trace/trace.ts';
import type { Prepared } from '../compute-layer.ts';
import type { CarriedStates, GivenStates } from '../engine.ts';
import type { WindowCache } from './cache.ts';
import type { Sizes } from './sizes.ts';

/** One call of a run that is computed piece by piece. */
export interface Part {
  readonly call: Call;
  /** There at once; what is not computed yet is NaN. */
  readonly trace: CallTrace;
  /** Timesteps, or 1 for a call that is computed at once; and how many are done, in processing order. */
  readonly total: number;
  readonly done: number;
  /** The mask that goes on: right for the timesteps that are done. */
  readonly outputMask: Mask;
  /** The last state of a recurrent call, when it is done. */
  readonly finalState: RecurrentState | null;
  /** Whether the parts before it have come far enough for the next piece. */
  isReady(): boolean;
  advance(): void;
}

/** All that a run's parts share. */
export interface Run extends Prepared {
  readonly engine: EngineName;
  /** Bytes that all samples together may take. */
  readonly memory: number;
  readonly samples: number;
  /** Bytes that calls computed at once have taken for good. */
  readonly room: { taken: number };
  readonly cache: WindowCache;
}

export interface SampleRun extends Run {
  readonly parts: readonly Part[];
  readonly sizes: Sizes;
  /** What the batch before carries on, which is computed for it. */
  readonly carried: () => CarriedStates;
  readonly given: GivenStates;
}

/** What a call of a stateful layer goes on from: the last call of the layer before it, or the batch before. */
export function carriedInto({ parts, carried }: SampleRun, { layer }: Call) {
  // The parts so far are those of the calls before.
  const earlier = isStateful(layer) ? parts.findLast((part) => part.call.layer === layer) : undefined;
  return {
    isThere: (): boolean => !earlier || isDone(earlier),
    states: (): CarriedStates =>
      earlier?.finalState ? new Map([[layer.name, earlier.finalState]]) : isStateful(layer) ? carried() : new Map(),
  };
}

export const isDone = ({ done, total }: Part): boolean => done === total;
