import { LabError } from '../../math/lab-error.ts';
import { moveAxis, type Tensor, tensor } from '../../math/tensor.ts';
import type { Model } from '../../model/graph.ts';
import { samplesOf } from '../../model/samples.ts';
import type { Entry, EntryBatch } from './entry.ts';

/**
 * One tensor for each input of the model, as its file lays it out ([batch, …], unless the input has a batchAxis): by name where every input is named,
 * else by position. Throws a LabError that says which inputs and shapes are wanted.
 */
export function fitBatch({ entries, path }: EntryBatch, model: Model): Tensor[] {
  const ordered = inOrder(entries, model, path);
  const tensors = ordered.map((entry, at) => {
    const given = entry.read();
    const isBatch = given.shape.length === model.calls[model.inputs[at]].outputShapes[0].length + 1;
    return entry.batchFirst && isBatch ? moveAxis(given, 0, batchAxisOf(model, at)) : given;
  });
  return checked(tensors, model, path);
}

/** Which axis of input number `at` counts the samples. */
export function batchAxisOf(model: Model, at: number): number {
  const { layer } = model.calls[model.inputs[at]];
  return (layer.kind === 'input' && layer.batchAxis) || 0;
}

function inOrder(entries: readonly Entry[], model: Model, path: string): readonly Entry[] {
  const names = model.inputs.map((call) => model.calls[call].layer.name);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const named = names.map((name) => byName.get(name));
  // An archive may hold more: targets, or what the model returned.
  if (named.every((entry) => entry !== undefined)) return named;
  if (entries.length === names.length) return entries;
  throw new LabError({
    path,
    problem: `the model has ${names.length} input${names.length === 1 ? '' : 's'}: ${names.join(', ')}.`,
    received: entries.some(({ name }) => name !== null)
      ? `${entries.length}: ${entries
          .slice(0, 8)
          .map(({ name }) => name)
          .join(', ')}`
      : `${entries.length}`,
    hint:
      names.length > 1 && path === ''
        ? `give {"inputs": [{"name": ${JSON.stringify(names[0])}, "data": …}, …]}.`
        : undefined,
  });
}

/** Shapes against the model's, and the batch axis put before a sample that came without. */
function checked(batch: readonly Tensor[], model: Model, path: string): Tensor[] {
  try {
    samplesOf(model, batch);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    throw new LabError({ ...error.fields, path: [path, error.fields.path].filter(Boolean).join(', ') });
  }
  return batch.map((given, at) => {
    const { outputShapes } = model.calls[model.inputs[at]];
    if (given.shape.length !== outputShapes[0].length) return given;
    return moveAxis(tensor([1, ...given.shape], given.data), 0, batchAxisOf(model, at));
  });
}
