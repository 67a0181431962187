import { LabError } from '../../math/lab-error.ts';
import { shapeText, type Tensor } from '../../math/tensor.ts';
import type { GivenWeights } from '../keras/config/entries.ts';
import type { KerasLayer } from '../keras/config/layer-tree.ts';
import { weightsByPath } from '../keras/weights/by-path.ts';
import { hasWeights } from '../keras/weights/classes.ts';
import type { SavedVariables, Variables } from '../keras/weights/variables.ts';
import type { NamedArray } from './weights.ts';

type Held = NamedArray & { readonly tensor: Tensor };

/** Keras's order of a layer's arrays; others keep the file's. */
const ORDER = ['kernel', 'recurrent_kernel', 'gamma', 'bias', 'beta', 'moving_mean', 'moving_variance'];

/**
 * The arrays of a TensorFlow.js model for the layers of its configuration. TensorFlow.js names them `lstm_1/kernel`, converters `lstm_1/lstm_cell/kernel`
 * or `sequential/lstm_1/lstm_cell/kernel`: the layer's name decides, and within the layer the last part of the array's. What was converted from a .keras
 * file has Keras 3's paths, `layers/lstm/cell/vars/0`. The order of the file says nothing.
 */
export function attachWeights(model: KerasLayer, arrays: readonly NamedArray[], notes: Set<string>): GivenWeights {
  const held = arrays.filter((array): array is Held => array.tensor !== null);
  if (held.some(({ name }) => /(^|\/)vars\/\d+$/.test(name))) return weightsByPath(model, variables(held), notes);
  const free = new Set(held);
  const given = new Map<KerasLayer, readonly Tensor[] | Readonly<Record<string, readonly Tensor[]>>>();
  walk(model.model ? model.inside : [model], held, free, given);
  if (free.size > 0) notes.add(`the file has arrays that no layer of the model takes: ${listed([...free])}`);
  return given;
}

function walk(
  layers: readonly KerasLayer[],
  arrays: readonly Held[],
  free: Set<Held>,
  given: Map<KerasLayer, readonly Tensor[] | Readonly<Record<string, readonly Tensor[]>>>,
): void {
  for (const layer of layers) {
    const own = named(layer.name, arrays).filter((array) => free.has(array));
    if (layer.model !== undefined) {
      // TensorFlow.js leaves out the name of the model that a layer is part of.
      walk(layer.inside, own.length > 0 ? own : arrays, free, given);
      continue;
    }
    if (hasWeights(layer) === false) continue;
    if (own.length === 0) {
      if (hasWeights(layer) === undefined) continue;
      throw new LabError({
        path: layer.path,
        problem: 'the file has no arrays for this layer.',
        received: listed([...free]) || 'no arrays',
        hint: `their names would contain ${layer.name ?? layer.className}.`,
      });
    }
    for (const array of own) free.delete(array);
    given.set(layer, layer.className === 'Bidirectional' ? halves(own) : inOrder(own).map(({ tensor }) => tensor));
  }
}

/** Arrays with the layer's name among the parts of theirs, those where it comes first. */
function named(name: string | undefined, arrays: readonly Held[]): Held[] {
  if (name === undefined) return [];
  const place = (array: Held) => `/${array.name}`.indexOf(`/${name}/`);
  const found = arrays.filter((array) => place(array) >= 0);
  const first = Math.min(...found.map(place));
  return found.filter((array) => place(array) === first);
}

function halves(arrays: readonly Held[]): Readonly<Record<string, readonly Tensor[]>> {
  const isBackward = ({ name }: Held) => /(^|\/)backward_/.test(name);
  const sorted = (part: readonly Held[]) => inOrder(part).map(({ tensor }) => tensor);
  return { forward: sorted(arrays.filter((array) => !isBackward(array))), backward: sorted(arrays.filter(isBackward)) };
}

/** Arrays of one cell together, in Keras's order. */
function inOrder(arrays: readonly Held[]): Held[] {
  const groups = [...new Set(arrays.map(groupOf))];
  const rank = (array: Held) => {
    const at = ORDER.indexOf(leafOf(array));
    return groups.indexOf(groupOf(array)) * 2 * ORDER.length + (at < 0 ? ORDER.length : at);
  };
  return [...arrays].sort((a, b) => rank(a) - rank(b));
}

const groupOf = ({ name }: Held) => name.slice(0, Math.max(0, name.lastIndexOf('/')));
const leafOf = ({ name }: Held) => name.slice(name.lastIndexOf('/') + 1);

/** Names in Keras 3's layout as groups of variables. */
function variables(arrays: readonly Held[]): SavedVariables {
  const groups = new Map<string, Held[]>();
  for (const array of arrays) {
    const path = array.name.replaceAll('\\', '/').replace(/(^|\/)vars\/\d+$/, '');
    groups.set(path, [...(groups.get(path) ?? []), array]);
  }
  const all = [...groups].map(([path, members]): Variables => {
    const sorted = [...members].sort((a, b) => Number(leafOf(a)) - Number(leafOf(b)));
    const shapes = sorted.map(({ shape }) => shape);
    return {
      path,
      name: undefined,
      shapes,
      describe: shapes.map(shapeText).join(' '),
      read: () => sorted.map(({ tensor }) => tensor),
    };
  });
  const byPath = new Map(all.map((one) => [one.path, one]));
  return { all, at: (path) => byPath.get(path) };
}

function listed(arrays: readonly Held[]): string {
  const shown = arrays.slice(0, 12).map(({ name, shape }) => `${name} ${shapeText(shape)}`);
  return `${shown.join(', ')}${arrays.length > 12 ? ', …' : ''}`;
}
