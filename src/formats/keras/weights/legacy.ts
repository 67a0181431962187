import { LabError, quote } from '../../../math/lab-error.ts';
import { type Hdf5File, join } from '../../hdf5/file.ts';
import type { SavedLayer } from './by-order.ts';

const MAX_PARTS = 10_000;

/** Whether a group has the legacy layout: a list of layers' names. */
export function isLegacy(file: Hdf5File, group: string): boolean {
  return names(file, group, 'layer_names') !== undefined;
}

/** What a legacy .h5 holds for each layer, in the order of `layer_names` and `weight_names`: paths are never parsed. */
export function savedLayers(file: Hdf5File, group: string): SavedLayer[] {
  return (names(file, group, 'layer_names') ?? []).map((name) => {
    const inside = join(group, name);
    if (file.kind(inside) !== 'group')
      throw new LabError({ path: inside, problem: 'the file lists this layer, and has no group for it.' });
    const paths = (names(file, inside, 'weight_names') ?? []).map((weight) => join(inside, weight));
    return {
      name,
      shapes: paths.map((path) => file.info(path).shape),
      read: (mayWait) => paths.map((path) => file[mayWait ? 'rows' : 'read'](path)),
    };
  });
}

/** A list of names; HDF5 holds 64 KB in an attribute, so longer ones are cut in `layer_names0`, `layer_names1`, …. A layer without weights has an empty list of numbers. */
function names(file: Hdf5File, group: string, attribute: string): readonly string[] | undefined {
  const whole = file.attribute(group, attribute);
  if (whole !== undefined) return list(whole, `${group}@${attribute}`);
  const parts: string[] = [];
  for (let n = 0; n < MAX_PARTS; n++) {
    const part = file.attribute(group, `${attribute}${n}`);
    if (part === undefined) return n === 0 ? undefined : parts;
    parts.push(...list(part, `${group}@${attribute}${n}`));
  }
  return parts;
}

function list(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value) && value.length === 0) return [];
  if (Array.isArray(value) && value.every((part) => typeof part === 'string')) return value;
  if (typeof value === 'string') return [value];
  throw new LabError({ path, problem: 'a list of names is wanted here.', received: quote(value) });
}
