import { LabError } from '../../../math/lab-error.ts';
import type { Rows } from '../../../math/tensor.ts';
import type { GivenWeights } from '../config/entries.ts';
import type { KerasLayer } from '../config/layer-tree.ts';
import { isOperation } from '../config/wiring.ts';
import { snakeCase } from '../snake-case.ts';
import { hasWeights, mayWait } from './classes.ts';
import { fits } from './fits.ts';
import type { SavedVariables, Variables } from './variables.ts';

/** A layer that has arrays of its own, and where Keras may have put them. */
interface Slot {
  readonly layer: KerasLayer;
  /** Groups, the likeliest first. Of MultiHeadAttention one for each of its projections, `parts`. */
  readonly paths: readonly string[];
  readonly parts: readonly string[];
  /** The name that Keras 3.6 and later write beside the arrays; a cell has one of its own. */
  readonly written: string | undefined;
}

/**
 * Arrays of Keras 3's layout: `layers/lstm_1/cell/vars/0`. A path counts classes, not names: the second LSTM is `lstm_1` whatever it is called.
 * TensorFlow 2.12 to 2.14 wrote `_layer_checkpoint_dependencies` for `layers`, and 2.12 and 2.13 counted every layer with weights twice.
 * Source: keras/src/saving/saving_lib.py, _walk_saveable and _save_container_state.
 */
export function weightsByPath(model: KerasLayer, saved: SavedVariables, notes: Set<string>): GivenWeights {
  const slots = modelSlots(model, ['']);
  const taken = new Set<string>();
  const given = new Map<KerasLayer, readonly Rows[]>();
  const take = (slot: Slot, found: readonly Variables[]) => {
    for (const { path } of found) taken.add(path);
    given.set(
      slot.layer,
      found.flatMap(({ read }) => read(mayWait(slot.layer))),
    );
  };
  const waiting = slots.filter((slot) => {
    const found = atPath(slot, saved, taken);
    if (found) take(slot, found);
    return found === undefined && hasWeights(slot.layer) === true;
  });
  for (const slot of waiting) {
    const found = anywhere(slot, saved, taken);
    if (found === undefined) throw missing(slot, saved);
    notes.add(`the arrays of ${slot.layer.name ?? slot.layer.className} were found at ${found.path}, by their shapes`);
    take(slot, [found]);
  }
  const unused = saved.all.filter(({ path }) => !taken.has(path) && !/(^|\/)seed_generator$/.test(path));
  if (unused.length > 0)
    notes.add(
      `the file has arrays that no layer of the model takes: ${unused
        .slice(0, 8)
        .map(({ path }) => path)
        .join(', ')}`,
    );
  return halves(model, given);
}

function modelSlots(model: KerasLayer, prefixes: readonly string[]): Slot[] {
  const counts = new Map<string, number>();
  const twice = new Map<string, number>();
  return model.inside
    .filter((layer) => !isOperation(layer))
    .flatMap((layer) => {
      const base = snakeCase(layer.className);
      const name = (count: number) => (count === 0 ? base : `${base}_${count}`);
      const [n, m] = [counts.get(base) ?? 0, twice.get(base) ?? 0];
      counts.set(base, n + 1);
      twice.set(base, m + (hasWeights(layer) === false ? 1 : 2));
      const paths = prefixes.flatMap((prefix) => [
        `${prefix}layers/${name(n)}`,
        ...(m === n ? [] : [`${prefix}_layer_checkpoint_dependencies/${name(m)}`]),
        `${prefix}_layer_checkpoint_dependencies/${name(n)}`,
      ]);
      return layerSlots(layer, paths);
    });
}

function layerSlots(layer: KerasLayer, paths: readonly string[]): Slot[] {
  const under = (...names: string[]) => names.flatMap((name) => paths.map((path) => `${path}/${name}`));
  if (layer.model !== undefined)
    return modelSlots(
      layer,
      paths.map((path) => `${path}/`),
    );
  const slot = (where: readonly string[], written?: string, parts: readonly string[] = []): Slot[] => [
    { layer, paths: where, parts, written },
  ];
  switch (layer.className) {
    case 'Bidirectional':
      return layer.inside.flatMap((half, at) =>
        layerSlots(half, under(at === 0 ? 'forward_layer' : 'backward_layer', ...(at === 0 ? ['layer'] : []))),
      );
    case 'TimeDistributed':
      return layerSlots(layer.inside[0], under('layer'));
    case 'RNN': {
      const counts = new Map<string, number>();
      return layer.inside.flatMap((cell) => {
        const base = snakeCase(cell.className);
        const n = counts.get(base) ?? 0;
        counts.set(base, n + 1);
        const listed = under(`cell/cells/${n === 0 ? base : `${base}_${n}`}`);
        return layerSlots(cell, layer.inside.length === 1 ? [...under('cell'), ...listed] : listed);
      });
    }
    case 'LSTM':
    case 'GRU':
    case 'SimpleRNN':
      return slot([...under('cell'), ...paths]);
    case 'MultiHeadAttention':
      return slot(paths, undefined, ['query_dense', 'key_dense', 'value_dense', 'output_dense']);
    default:
      return slot(paths, layer.name);
  }
}

function atPath(slot: Slot, saved: SavedVariables, taken: ReadonlySet<string>): readonly Variables[] | undefined {
  for (const path of slot.paths) {
    const places = slot.parts.map((part) => saved.at(`${path}/${part}`) ?? saved.at(`${path}/_${part}`));
    if (places.length > 0 && places.every((one): one is Variables => one !== undefined)) return places;
    const found = saved.at(path);
    if (found === undefined || taken.has(path)) continue;
    // Where names are written they say more than counting does.
    if (slot.written !== undefined && found.name !== undefined && found.name !== slot.written) {
      const named = saved.all.filter(
        (one) => one.name === slot.written && !taken.has(one.path) && fits(slot.layer, one),
      );
      if (named.length === 1) return named;
    }
    return [found];
  }
  return undefined;
}

/** The first group of arrays that nobody has taken and that has this layer's shapes. */
function anywhere({ layer }: Slot, saved: SavedVariables, taken: ReadonlySet<string>): Variables | undefined {
  const free = saved.all.filter((one) => !taken.has(one.path) && fits(layer, one));
  const wanted = snakeCase(layer.className);
  return free.find(({ path }) => path.split('/').some((part) => part.replace(/_\d+$/, '') === wanted)) ?? free[0];
}

function missing({ layer, paths }: Slot, saved: SavedVariables): LabError {
  return new LabError({
    path: layer.path,
    problem: 'the file has no arrays for this layer.',
    received:
      saved.all
        .slice(0, 12)
        .map(({ path, describe }) => `${path} ${describe}`)
        .join('; ') || 'no arrays at all',
    hint: `Keras keeps them at ${paths[0]}/vars.`,
  });
}

/** Arrays of the halves of a Bidirectional are given to it by name. */
function halves(model: KerasLayer, given: ReadonlyMap<KerasLayer, readonly Rows[]>): GivenWeights {
  const out = new Map<KerasLayer, readonly Rows[] | Readonly<Record<string, readonly Rows[]>>>(given);
  const walk = (layer: KerasLayer) => {
    layer.inside.forEach(walk);
    if (layer.className !== 'Bidirectional' || layer.inside.length < 2) return;
    const [forward, backward] = layer.inside.map((half) =>
      half.inside.flatMap((cell) => given.get(cell) ?? []).concat(given.get(half) ?? []),
    );
    if (forward.length > 0 || backward.length > 0) out.set(layer, { forward, backward });
    for (const half of layer.inside) {
      out.delete(half);
      for (const cell of half.inside) out.delete(cell);
    }
  };
  walk(model);
  return out;
}
