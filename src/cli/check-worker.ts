/** Where steps are checked, beside the lab: mathjs is loaded here and holds nothing up. Built as a file of its own; checker.ts starts it. */
import { parentPort } from 'node:worker_threads';
import { type Evidence, prepareCheck, type StepCheck } from '../engines/check/check-step.ts';
import type { Layer } from '../layers/layer.ts';
import type { EngineName } from '../trace/trace.ts';

/** A step to check. `layer` comes with the first step of each layer, and stands for `number` from then on. */
export interface CheckRequest {
  readonly number: number;
  readonly layer?: Layer;
  readonly evidence: Evidence;
  readonly engine: EngineName;
}

export type CheckReply = { readonly check: StepCheck } | { readonly failed: string };

const prepared = new Map<number, ReturnType<typeof prepareCheck>>();

parentPort?.on('message', ({ number, layer, evidence, engine }: CheckRequest) => {
  try {
    if (layer) prepared.set(number, prepareCheck(layer));
    const check = (prepared.get(number) as ReturnType<typeof prepareCheck>)(evidence, engine);
    reply({ check });
  } catch (error) {
    reply({ failed: error instanceof Error ? error.message : String(error) });
  }
});

function reply(answer: CheckReply): void {
  parentPort?.postMessage(answer);
}
