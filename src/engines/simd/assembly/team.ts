/*
 * Two threads over one memory: the engine's own and a worker. They meet after every step: for a short while they look whether the other one has come,
 * then they sleep. In a memory that is not shared everyone is alone, and nothing of this is compiled.
 */
import { runParts } from './run';

/* What stands at a team's place in the memory, a cache line each. */

/** Even: a worker waits or works, and every job adds 2. Odd: no worker is there. Behind it, the part that the worker is to compute. */
const JOB: usize = 0;
const PART: usize = 4;

/** How often the engine's thread has come to a meeting, and how often the worker. */
const MEETINGS: usize = 64;
const MEETINGS_OF_WORKER: usize = 128;

/** Behind each of the three numbers: whether somebody sleeps until it changes. */
const ASLEEP: usize = 8;

/** How often one looks before one sleeps, up to 100 µs: to be woken takes as long. */
const LOOKS = 100_000;

/** Nanoseconds that the engine's thread waits for the worker, and that a worker waits for a job. */
const PATIENCE: i64 = 2_000_000_000;
const IDLE: i64 = 5_000_000_000;

/** Of this thread: whether it has company, where it counts its meetings and where the other one does, and how long it waits for it (−1: for ever). */
let together = false;
let own: usize = 0;
let other: usize = 0;
let patience: i64 = PATIENCE;

/**
 * A block of timesteps of a layer in one part or (`second` is not 0) in two: of two, the worker of a team computes the second if it is there. False
 * where it was there and did not come to a meeting: nothing in the memory can be trusted then.
 */
export function run(first: usize, second: usize, team: usize): bool {
  if (ASC_FEATURE_THREADS) {
    if (team && ask(team, second)) {
      own = team + MEETINGS;
      other = team + MEETINGS_OF_WORKER;
      together = true;
      const came = runParts(first, 0);
      together = false;
      return came;
    }
  }
  return runParts(first, second);
}

/** A worker's life: it computes its part, job after job, until there was none for a while or it is dismissed. */
export function serve(team: usize): void {
  if (ASC_FEATURE_THREADS) {
    own = team + MEETINGS_OF_WORKER;
    other = team + MEETINGS;
    together = true;
    patience = -1;
    let job = atomic.load<i32>(team + JOB) + 1;
    atomic.store<i32>(team + JOB, job);
    for (;;) {
      if (!changed(team + JOB, job, IDLE) && atomic.cmpxchg<i32>(team + JOB, job, job + 1) == job) return;
      job = atomic.load<i32>(team + JOB);
      if (job & 1) return;
      runParts(load<usize>(team + PART), 0);
    }
  }
}

/** The worker, if one is there, ends when it has nothing to do. */
export function dismiss(team: usize): void {
  if (ASC_FEATURE_THREADS) change(team + JOB, atomic.load<i32>(team + JOB) | 1);
}

/** Both threads come here, and neither goes on before the other has come. False where the other does not come. */
export function meet(): bool {
  if (ASC_FEATURE_THREADS) {
    if (together) {
      const count = atomic.load<i32>(own);
      change(own, count + 1);
      return changed(other, count, patience);
    }
  }
  return true;
}

/** False where no worker is there. */
function ask(team: usize, part: usize): bool {
  const job = atomic.load<i32>(team + JOB);
  if (job & 1) return false;
  store<usize>(team + PART, part);
  if (atomic.cmpxchg<i32>(team + JOB, job, job + 2) != job) return false;
  wake(team + JOB);
  return true;
}

/** Waits until the number at a place is not `old` any more; false where that takes longer than `limit` nanoseconds. */
function changed(place: usize, old: i32, limit: i64): bool {
  for (let look = 0; look < LOOKS; look++) {
    if (atomic.load<i32>(place) != old) return true;
  }
  atomic.store<i32>(place + ASLEEP, 1);
  while (atomic.load<i32>(place) == old) {
    if (atomic.wait<i32>(place, old, limit) == AtomicWaitResult.TIMED_OUT) break;
  }
  atomic.store<i32>(place + ASLEEP, 0);
  return atomic.load<i32>(place) != old;
}

function change(place: usize, value: i32): void {
  atomic.store<i32>(place, value);
  wake(place);
}

function wake(place: usize): void {
  if (atomic.load<i32>(place + ASLEEP)) atomic.notify(place, 1);
}
