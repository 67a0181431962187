import type { Tensor } from '../math/tensor.ts';
import type { Trace } from '../trace/trace.ts';
import type { CarriedStates, GivenStates, Recorded, Recorder, WindowedRun } from './engine.ts';
import { type Place, placed } from './placed.ts';

/** One sample of one batch: its trace, and what stateful layers carry on. */
export interface SampleRun {
  readonly trace: Trace;
  readonly carried: CarriedStates;
  readonly isDone: boolean;
  /** Whether its numbers can be read without computing the whole sample: what was done may have been forgotten. */
  readonly isAtHand: boolean;
  /** From 0 to 1. */
  readonly fraction: number;
  /** Computes the next piece. */
  advance(): void;
  /** Computes what is left. */
  finish(): void;
  /** From now on who looks at the trace sees what is there, and does not compute the rest. */
  handOut(): void;
}

/** Makes a sample ready to run; it begins to when it is wanted. */
export type Start = (
  inputs: readonly Tensor[],
  place: Place,
  carried: () => CarriedStates | undefined,
  given: GivenStates | undefined,
) => SampleRun;

/** A trace that comes to be when it is looked at. */
export function traceOf(inputs: readonly Tensor[], looked: () => Pick<Trace, 'calls' | 'outputs'>): Trace {
  return {
    inputs,
    get calls() {
      return looked().calls;
    },
    get outputs() {
      return looked().outputs;
    },
  };
}

/** Samples whose traces are kept whole. Each runs when its trace is first looked at, if it has not before. */
export function inMemory(recorder: Recorder): Start {
  return (inputs, place, carried, given) => {
    let made: Recorded | undefined;
    let pieces: Generator<number, Recorded> | undefined;
    let fraction = 0;
    const advance = () => {
      if (made) return;
      pieces ??= recorder.recordInPieces(inputs, carried(), given);
      try {
        const next = placed(place, () => (pieces as Generator<number, Recorded>).next());
        if (next.done) made = next.value;
        else fraction = next.value;
      } catch (error) {
        // Who asks again is to hear it again.
        pieces = undefined;
        throw error;
      }
    };
    const done = (): Recorded => {
      if (!made && !pieces) {
        const before = carried();
        made = placed(place, () => recorder.record(inputs, before, given));
      }
      while (!made) advance();
      return made;
    };
    return {
      trace: traceOf(inputs, () => done().trace),
      get carried() {
        return done().carried;
      },
      get isDone() {
        return made !== undefined;
      },
      get isAtHand() {
        return made !== undefined;
      },
      get fraction() {
        return made ? 1 : fraction;
      },
      advance,
      finish: done,
      handOut: () => {},
    };
  };
}

/** Samples of whose traces only some is kept, all together in so much memory (bytes). Who looks at one that nobody has begun to compute computes it. */
export function windowed(recorder: Recorder, memory: number, samples: number): Start {
  const start = recorder.windowed(memory, samples);
  return (inputs, place, carried, given) => {
    let run: WindowedRun | undefined;
    let isHandedOut = false;
    const begun = (): WindowedRun => {
      run ??= placed(place, () => start(inputs, () => carried() ?? new Map(), given));
      return run;
    };
    const advance = () => {
      const { advance: next, isDone } = begun();
      if (!isDone) placed(place, next);
    };
    const finish = () => {
      while (!begun().isDone) advance();
    };
    const looked = (): Trace => {
      if (!isHandedOut) finish();
      return begun().trace;
    };
    return {
      trace: traceOf(inputs, looked),
      get carried() {
        finish();
        return begun().carried;
      },
      get isDone() {
        return run?.isDone ?? false;
      },
      get isAtHand() {
        return run?.isDone ?? false;
      },
      get fraction() {
        return run?.fraction ?? 0;
      },
      advance,
      finish,
      handOut() {
        isHandedOut = true;
      },
    };
  };
}
