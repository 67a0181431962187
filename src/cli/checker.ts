import { Worker } from 'node:worker_threads';
import type { Layer } from '../layers/layer.ts';
import { weightCount } from '../session/evidence.ts';
import type { Checker } from '../ui/resting.ts';
import type { CheckReply, CheckRequest } from './check-worker.ts';

/** The worker beside this file once both are built. */
const WORKER = new URL('./check-worker.js', import.meta.url);

/** As many weights as a worker is given: mathjs keeps them as lists of float64. What was given before is then given up. */
const MOST_WEIGHTS = 2 ** 25;

/** Checks steps one after the other in a worker, which starts with the first. It writes nothing, and neither keeps the process alive nor delays its end. */
export function workerChecker(): { readonly check: Checker; stop(): void } {
  let worker: Worker | undefined;
  let given = new Map<Layer, number>();
  let weights = 0;
  const stop = () => {
    void worker?.terminate();
    worker = undefined;
    given = new Map();
    weights = 0;
  };
  const check: Checker = async (of, layer, evidence, engine) => {
    const isNew = !given.has(of);
    if (isNew && weights + weightCount(layer) > MOST_WEIGHTS) stop();
    if (isNew) weights += weightCount(layer);
    const number = given.get(of) ?? given.size;
    given.set(of, number);
    worker ??= startWorker();
    const copies: ArrayBuffer[] = [];
    const request: CheckRequest = copied({ number, ...(isNew && { layer }), evidence, engine }, copies);
    const reply = await answer(worker, request, copies).catch((error) => {
      stop();
      throw error;
    });
    if ('failed' in reply) throw new Error(reply.failed);
    return reply.check;
  };
  return { check, stop };
}

function startWorker(): Worker {
  // Its streams are kept from the terminal. What it makes lives long or is soon thrown away: a small nursery is enough.
  const worker = new Worker(WORKER, { stdout: true, stderr: true, resourceLimits: { maxYoungGenerationSizeMb: 4 } });
  worker.unref();
  return worker;
}

function answer(worker: Worker, request: CheckRequest, copies: readonly ArrayBuffer[]): Promise<CheckReply> {
  return new Promise((resolve, reject) => {
    const done = (end: () => void) => {
      worker.off('message', onReply).off('error', onError).off('exit', onExit);
      end();
    };
    const onReply = (reply: CheckReply) => done(() => resolve(reply));
    const onError = (error: Error) => done(() => reject(error));
    const onExit = () => done(() => reject(new Error('the checker ended')));
    worker.on('message', onReply).on('error', onError).on('exit', onExit);
    worker.postMessage(request, copies);
  });
}

/** The same with every array copied, so that a view takes its numbers along and not the whole file that it looks into; the copies can be handed over. */
function copied<T>(value: T, copies: ArrayBuffer[]): T {
  if (value instanceof Float64Array || value instanceof Float32Array) {
    const copy = value.slice();
    copies.push(copy.buffer as ArrayBuffer);
    return copy as T;
  }
  if (Array.isArray(value)) return value.map((part) => copied(part, copies)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copied(part, copies)])) as T;
}
