import { LabError } from '../../../math/lab-error.ts';
import { type Rows, shapeText } from '../../../math/tensor.ts';
import type { GivenWeights } from '../config/entries.ts';
import type { KerasLayer } from '../config/layer-tree.ts';
import { hasWeights, mayWait } from './classes.ts';

/** What a file holds for one layer, in the order in which Keras saved it. */
export interface SavedLayer {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  /** In memory; or, where they may wait, a large matrix as rows that are read when they are needed. */
  read(mayWait: boolean): Rows[];
}

/**
 * Arrays of a legacy .h5 for the layers of a model, as Keras loads them: the k-th saved layer that has weights is the k-th of the model, whatever
 * they are called. Where every layer of the model is there by name, the names decide: it is the same model, and layers that the lab does not know
 * may stand between. Source: keras/src/legacy/saving/legacy_h5_format.py.
 */
export function weightsByOrder(model: KerasLayer, saved: readonly SavedLayer[], notes: Set<string>): GivenWeights {
  const stored = saved.filter(({ shapes }) => shapes.length > 0);
  return byName(model.inside, stored, notes) ?? byPosition(model, stored);
}

function byName(
  layers: readonly KerasLayer[],
  stored: readonly SavedLayer[],
  notes: Set<string>,
): GivenWeights | undefined {
  const named = new Map(stored.map((one) => [one.name, one]));
  const wanted = layers.filter((layer) => hasWeights(layer) === true);
  if (named.size < stored.length || !wanted.every(({ name }) => name !== undefined && named.has(name)))
    return undefined;
  const known = new Set(layers.map(({ name }) => name));
  if (wanted.length < stored.length && stored.some(({ name }) => !known.has(name))) {
    // More is saved than the model has: which is which cannot be told by position either.
    const extra = stored.filter(({ name }) => !known.has(name)).map(({ name }) => name);
    notes.add(`the file has arrays for layers that the model does not have: ${extra.slice(0, 8).join(', ')}`);
  }
  return new Map(
    layers.flatMap((layer) => {
      const found = named.get(layer.name as string);
      return found && hasWeights(layer) !== false ? [[layer, found.read(mayWait(layer))] as const] : [];
    }),
  );
}

function byPosition(model: KerasLayer, stored: readonly SavedLayer[]): GivenWeights {
  const candidates = [model.inside, flattened(model.inside)].map((layers) =>
    layers.filter((one) => hasWeights(one) !== false),
  );
  // Keras 1 saved the layers of a Sequential inside a Sequential one by one.
  const layers = candidates.find(({ length }) => length === stored.length);
  if (layers === undefined) {
    throw new LabError({
      path: model.path,
      problem: `the model has ${candidates[0].length} layers with weights, and the file has arrays of ${stored.length}.`,
      received: listed(stored),
      hint: `it wants ${
        candidates[0]
          .slice(0, 12)
          .map((one) => one.name ?? one.className)
          .join(', ') || 'none'
      }.`,
    });
  }
  return new Map(layers.map((layer, at) => [layer, stored[at].read(mayWait(layer))]));
}

function flattened(layers: readonly KerasLayer[]): KerasLayer[] {
  return layers.flatMap((layer) =>
    layer.className === 'Sequential' || layer.className === 'Merge' ? flattened(layer.inside) : [layer],
  );
}

/** What arrays look like: `lstm_1 (3, 16) (4, 16) (16,)`. */
export function listed(saved: readonly SavedLayer[]): string {
  const parts = saved.slice(0, 20).map(({ name, shapes }) => `${name} ${shapes.map(shapeText).join(' ')}`);
  return parts.join('; ') + (saved.length > 20 ? '; …' : '') || 'none';
}
