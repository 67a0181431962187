import { LabError } from '../../math/lab-error.ts';
import type { Tensor } from '../../math/tensor.ts';
import type { Model } from '../../model/graph.ts';
import { readNpy, readNpz } from '../npy.ts';
import type { StoredArray } from '../stored-type.ts';
import type { EntryBatch } from './entry.ts';
import { fitBatch } from './fit.ts';

/** What the lab calls the inputs of a trace: `inputs.0`, and `run2/inputs.0` in its second batch. */
const TRACE_INPUT = /^(?:run(\d{1,6})\/)?inputs\.(\d{1,4})$/;

/** A .npy file as the batch of the model's one input. */
export function batchesFromNpy(bytes: Uint8Array, model: Model): Tensor[][] {
  const { tensor } = readNpy(bytes);
  const entry = { name: null, path: '', batchFirst: false, read: () => tensor };
  return [fitBatch({ entries: [entry], path: '' }, model)];
}

/** The arrays of a .npz file: one batch, an array for each input by name or by position, or the inputs of a trace. */
export function batchesFromNpz(bytes: Uint8Array, model: Model): Tensor[][] {
  const arrays = readNpz(bytes);
  const batches = [...arrays.keys()].some((name) => TRACE_INPUT.test(name)) ? traceBatches(arrays) : [oneBatch(arrays)];
  return batches.map((batch) => fitBatch(batch, model));
}

function oneBatch(arrays: ReadonlyMap<string, StoredArray>): EntryBatch {
  const entries = [...arrays].map(([name, { tensor }]) => ({
    name,
    path: name,
    batchFirst: false,
    read: () => tensor,
  }));
  return { entries, path: '' };
}

function traceBatches(arrays: ReadonlyMap<string, StoredArray>): EntryBatch[] {
  const runs = new Map<number, Map<number, Tensor>>();
  for (const [name, { tensor }] of arrays) {
    const found = TRACE_INPUT.exec(name);
    if (found === null) continue;
    const run = Number(found[1] ?? 1);
    runs.set(run, (runs.get(run) ?? new Map()).set(Number(found[2]), tensor));
  }
  return [...runs]
    .sort(([a], [b]) => a - b)
    .map(([run, inputs]) => ({
      path: run === 1 ? '' : `run${run}`,
      entries: Array.from({ length: inputs.size }, (_, at) => {
        const tensor = inputs.get(at);
        if (tensor === undefined) throw new LabError({ path: `run ${run}`, problem: `inputs.${at} is missing.` });
        return { name: null, path: `inputs.${at}`, batchFirst: true, read: () => tensor };
      }),
    }));
}
