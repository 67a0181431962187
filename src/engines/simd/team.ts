import type { Kernels, Pointer } from './kernels.ts';

/** The engine's thread and a worker, which compute a part each of a layer of two parts. */
export interface Team {
  /** Runs the two parts of a block of so many multiplications: together, or this thread both where that is better. Throws WorkerLost. */
  run(first: Pointer, second: Pointer, multiplications: number): void;
  /** How often the worker has come to a meeting. */
  meetings(): number;
  /** Ends the worker for good. */
  end(): void;
}

/** A worker was there and has not come to a meeting: what is in the memory cannot be trusted. */
export class WorkerLost extends Error {}

/** Multiplications that take ten to twenty milliseconds: as long as a worker takes to start. */
const WORTH_A_WORKER = 2 ** 27;

/** Multiplications for less of which a worker that sleeps is not woken. */
const WORTH_WAKING = 2 ** 21;

/**
 * Where others want the processors, two threads that wait for each other at every step lose more than they win. What a block wins or loses against this
 * thread alone is added up, in milliseconds; when all that was won, and so many more, is lost again, this thread goes on alone for so many times as long.
 */
const CREDIT = 1;
const LARGEST_CREDIT = 20;
const REST = 10;

/** As many workers as there are at once. They are told to end when others want to, and end by themselves when they have had nothing to do for a while. */
const WORKERS = 2;

/** A worker's whole program. It sees nothing of where it came from: no options, no environment. */
const PROGRAM = `
  const { module, memory, team } = require('node:worker_threads').workerData;
  new WebAssembly.Instance(module, { env: { memory }, engine: { activate() {} } }).exports.serve(team);
`;

/** Those that live, the oldest first. */
const workers: { dismiss(): void }[] = [];

/** How many threads can run at once; 1 where there are no workers (they are Node's). */
export function availableThreads(): number {
  return node('node:os')?.availableParallelism() ?? 1;
}

/** `place`: 48 numbers, a line of the cache each 16. */
export function makeTeam({ module, memory, run, dismiss }: Kernels, place: Pointer): Team {
  const words = new Int32Array(memory.buffer, place, 48).fill(0);
  // Odd: no worker is there. The number two behind it: whether it sleeps.
  words[0] = 1;
  let done = 0;
  // Milliseconds that this thread alone takes for a multiplication, by the first part of the layer.
  const paces = new Map<Pointer, number>();
  let credit = CREDIT;
  // For how many milliseconds of this thread's own work the worker is let alone.
  let rest = 0;
  let worker: 'none' | 'started' | 'never' = 'none';
  let end = () => {};
  return {
    run(first, second, multiplications) {
      done += multiplications;
      if (worker === 'none' && done >= WORTH_A_WORKER) start();
      const begun = performance.now();
      const pace = paces.get(first);
      const isThere = (Atomics.load(words, 0) & 1) === 0;
      const isWorthwhile = multiplications >= WORTH_WAKING || Atomics.load(words, 2) === 0;
      const alone = pace === undefined || rest > 0 || !isThere || !isWorthwhile;
      if (!run(first, second, alone ? 0 : place)) throw new WorkerLost();
      const time = performance.now() - begun;
      if (alone) {
        paces.set(first, Math.min(time / multiplications, 1.05 * (pace ?? Number.POSITIVE_INFINITY)));
        rest -= time;
        return;
      }
      credit = Math.min(LARGEST_CREDIT, credit + pace * multiplications - time);
      if (credit >= 0) return;
      rest = REST * (CREDIT - credit);
      credit = CREDIT;
    },
    meetings: () => Atomics.load(words, 32),
    end: () => end(),
  };

  function start(): void {
    if (workers.length >= WORKERS) {
      workers[0].dismiss();
      return;
    }
    try {
      const { Worker } = node('node:worker_threads') as NonNullable<ReturnType<typeof node<'node:worker_threads'>>>;
      const options = { eval: true, execArgv: [], env: {}, workerData: { module, memory, team: place } };
      const thread = new Worker(PROGRAM, options);
      worker = 'started';
      const listed = { dismiss: () => dismiss(place) };
      workers.push(listed);
      end = () => {
        worker = 'never';
        thread.terminate();
      };
      // The process ends when all else has.
      thread.unref();
      thread.on('error', () => {
        worker = 'never';
      });
      thread.on('exit', () => {
        workers.splice(workers.indexOf(listed), 1);
        done = 0;
        if (worker === 'started') worker = 'none';
      });
    } catch {
      worker = 'never';
    }
  }
}

/** A module of Node's own, where this is Node: the core runs anywhere. */
function node<Name extends 'node:os' | 'node:worker_threads'>(name: Name) {
  return globalThis.process?.getBuiltinModule?.(name);
}
