import type { RecordingProgress } from '../trace/trace.ts';
import type { SampleRun } from './sample-run.ts';

/** As long as nothing else can happen, in milliseconds: a key is answered within two frames. */
const PIECE_MS = 15;

/** So often listeners are told, in milliseconds. */
const BETWEEN_MS = 50;

/** What may happen in between: keys, timers, drawing. */
const breath = () => new Promise<void>((resolve) => setImmediate(resolve));

interface Timesteps {
  readonly done: number;
  readonly total: number;
}

/** A sample has as many timesteps as the longest of its inputs. */
function timestepsOf(runs: readonly SampleRun[]): Timesteps {
  let [done, total] = [0, 0];
  for (const { trace, fraction } of runs) {
    const steps = Math.max(1, ...trace.inputs.map(({ shape }) => shape[0] ?? 1));
    done += fraction * steps;
    total += steps;
  }
  return { done: Math.floor(done), total };
}

/** Computes for a while; false when all is done. */
function work(runs: readonly SampleRun[], from: number): number {
  let at = from;
  const end = performance.now() + PIECE_MS;
  while (at < runs.length && performance.now() < end) {
    if (runs[at].isAtHand) at++;
    else runs[at].advance();
  }
  return at;
}

/** Computes all of them, one after the other. */
export async function inTheForeground(
  runs: readonly SampleRun[],
  onProgress: ((done: number, total: number) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let at = 0; at < runs.length; ) {
    signal?.throwIfAborted();
    at = work(runs, at);
    const { done, total } = timestepsOf(runs);
    onProgress?.(done, total);
    if (at < runs.length) await breath();
  }
}

/** Begins to compute all of them, and says how far it is. */
export function inBackground(runs: readonly SampleRun[], signal: AbortSignal | undefined): RecordingProgress {
  const listeners = new Set<() => void>();
  let [isDone, isCancelled] = [false, false];
  let error: unknown = null;
  let told = 0;
  const tell = (now?: 'now') => {
    const time = performance.now();
    if (now === undefined && time - told < BETWEEN_MS) return;
    told = time;
    for (const listener of listeners) listener();
  };
  const go = async () => {
    try {
      for (let at = 0; at < runs.length; ) {
        signal?.throwIfAborted();
        if (isCancelled) throw new DOMException('the run was given up', 'AbortError');
        at = work(runs, at);
        if (at < runs.length) tell();
        await breath();
      }
      isDone = true;
    } catch (reason) {
      error = reason;
    }
    tell('now');
  };
  // What is looked at first is there as far as it has come, and nothing is waited for.
  for (const run of runs) run.handOut();
  runs[0]?.advance();
  void go();
  return {
    get fraction() {
      const { done, total } = timestepsOf(runs);
      return isDone ? 1 : done / total;
    },
    get isDone() {
      return isDone;
    },
    get timesteps() {
      return timestepsOf(runs);
    },
    get error() {
      return error;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    cancel() {
      isCancelled = true;
    },
  };
}
