import { LabError } from '../../math/lab-error.ts';
import type { Rows, Tensor } from '../../math/tensor.ts';
import type { AttributeValue } from './attribute-value.ts';
import { MAX_DEPTH, MAX_OBJECTS } from './limits.ts';
import type { NumberType } from './numbers.ts';

/** An array of the file, before its numbers are read. */
export interface DatasetInfo {
  readonly shape: readonly number[];
  /** Undefined: no numbers. */
  readonly type: NumberType | undefined;
}

/** An HDF5 file that is open for reading. Paths are absolute, `/model_weights/lstm`. */
export interface Hdf5File {
  /** The names in a group; links into other files are left out, and said. */
  children(path: string): readonly string[];
  /** What is at a path: a group, an array, or nothing that is read. */
  kind(path: string): 'group' | 'dataset' | undefined;
  attribute(path: string, name: string): AttributeValue | undefined;
  info(path: string): DatasetInfo;
  /** An array's numbers: float32 as a Float32Array, shorter ones too, others as float64. */
  read(path: string): Tensor;
  /** The same; a large matrix on disk stays there, and its rows are read when they are asked for, also after the file is closed here. */
  rows(path: string): Rows;
  /** Paths of all arrays at or below a group, in the order of the file. */
  datasets(path: string): readonly string[];
}

export function join(group: string, name: string): string {
  return group === '/' ? `/${name}` : `${group}/${name}`;
}

/** Paths of all arrays at or below a group. */
export function datasetsBelow({ children, kind }: Pick<Hdf5File, 'children' | 'kind'>, path: string): string[] {
  const found: string[] = [];
  let seen = 0;
  const walk = (group: string, depth: number) => {
    if (depth > MAX_DEPTH)
      throw new LabError({ path: group, problem: `groups are nested more than ${MAX_DEPTH} deep.` });
    for (const name of children(group)) {
      if (++seen > MAX_OBJECTS)
        throw new LabError({ problem: `a file here has at most ${MAX_OBJECTS} groups and arrays.` });
      const inner = join(group, name);
      const what = kind(inner);
      if (what === 'group') walk(inner, depth + 1);
      else if (what === 'dataset') found.push(inner);
    }
  };
  walk(path, 0);
  return found;
}
