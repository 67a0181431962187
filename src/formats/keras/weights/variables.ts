import { type Rows, shapeText } from '../../../math/tensor.ts';
import { type Hdf5File, join } from '../../hdf5/file.ts';

/** The arrays of one object in Keras 3's layout: the members of its group `vars`. */
export interface Variables {
  /** Without `/vars`: `layers/lstm/cell`. */
  readonly path: string;
  /** The layer's own name, where Keras wrote it (3.6 and later). */
  readonly name: string | undefined;
  readonly shapes: readonly (readonly number[])[];
  /** The shapes as a person reads them. */
  readonly describe: string;
  /** In memory; or, where they may wait, a large matrix as rows that are read when they are needed. */
  read(mayWait: boolean): Rows[];
}

export interface SavedVariables {
  /** Those of layers, in natural order; an optimizer's, metrics' and losses' are none of a model. */
  readonly all: readonly Variables[];
  at(path: string): Variables | undefined;
}

/** What stands beside `layers` in a file and is no layer. */
const NOT_LAYERS =
  /^(optimizer|_?metrics|_?compile_metrics|_?compile_loss|_?loss_tracker|loss|_?losses|_loss.*|assets)(\/|$)/;

/** The arrays of an HDF5 file in Keras 3's layout. On Windows, Keras 2.15 wrote `layers\lstm\cell` as one name. */
export function savedVariables(file: Hdf5File): SavedVariables {
  const groups = new Map<string, string[]>();
  for (const dataset of file.datasets('/')) {
    const at = dataset.lastIndexOf('/vars/');
    if (at < 0) continue;
    const group = dataset.slice(0, at);
    groups.set(group, [...(groups.get(group) ?? []), dataset.slice(at + '/vars/'.length)]);
  }
  const all = [...groups]
    .map(([group, indices]) => variables(file, group, indices))
    .filter(({ path, shapes }) => !NOT_LAYERS.test(path) && shapes.length > 0)
    .sort((a, b) => natural(a.path, b.path));
  const byPath = new Map(all.map((one) => [one.path, one]));
  return { all, at: (path) => byPath.get(path) };
}

function variables(file: Hdf5File, group: string, indices: readonly string[]): Variables {
  const vars = join(group, 'vars');
  const sorted = [...indices].sort(natural);
  const name = file.attribute(vars, 'name');
  const shapes = sorted.map((index) => file.info(join(vars, index)).shape);
  return {
    path: group.replaceAll('\\', '/').replace(/^\//, ''),
    name: typeof name === 'string' ? name : undefined,
    shapes,
    describe: shapes.map(shapeText).join(' '),
    read: (mayWait) => sorted.map((index) => file[mayWait ? 'rows' : 'read'](join(vars, index))),
  };
}

/** lstm_2 before lstm_10. Intl.Collator would do, and takes longer to load than such a file to open. */
function natural(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => name.replace(/\d+/g, (digits) => digits.padStart(20, '0')));
  return left < right ? -1 : left > right ? 1 : 0;
}
