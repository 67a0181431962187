import { LabError } from '../../math/lab-error.ts';
import type { LazyRows, Tensor } from '../../math/tensor.ts';
import type { Source } from '../source.ts';
import { allowanceFor } from './allowance.ts';
import { datasetsBelow, type Hdf5File } from './file.ts';
import { type NumberType, numberBytes, numbersOf } from './numbers.ts';
import type { PlainArray } from './plain/dataset.ts';
import { OtherLayout } from './plain/other-layout.ts';
import { type PlainObject, plainTree } from './plain/tree.ts';

/** As many bytes a matrix on disk has at least that waits there. */
const LARGE = 2 ** 20;

/** A file of the layout that h5py writes unless it is told otherwise; null for any other, or one that is not as it must be. */
export function plainHdf5(source: Source): Hdf5File | null {
  try {
    return reading(plainTree(source), source);
  } catch (error) {
    if (error instanceof OtherLayout) return null;
    throw error;
  }
}

function reading(root: PlainObject, source: Source): Hdf5File {
  const spend = allowanceFor(source.size);
  const find = (path: string) =>
    path
      .split('/')
      // As HDF5 reads paths.
      .filter((name) => name !== '' && name !== '.')
      .reduce<PlainObject | undefined>((object, name) => object?.members?.get(name), root);
  const at = <T>(path: string, part: (object: PlainObject) => T | null | undefined): T => {
    const object = find(path);
    const found = object && part(object);
    if (found === undefined || found === null)
      throw new LabError({ path, problem: 'the HDF5 file is damaged here: it has nothing of this name.' });
    return found;
  };
  const array = (path: string) => at(path, (object) => object.array);
  const children = (path: string) => [...at(path, ({ members }) => members).keys()];
  const kind = (path: string) => {
    const object = find(path);
    return object && (object.members ? 'group' : 'dataset');
  };
  const read = (path: string): Tensor => {
    const { shape, type, at: from, count } = array(path);
    spend(count * numberBytes(type));
    return { shape, data: numbersAt(source, type, from, count) };
  };
  return {
    children,
    kind,
    attribute: (path, name) => at(path, ({ attributes }) => attributes).get(name),
    info: array,
    read,
    rows: (path) => (waits(array(path), source) ? lazyRows(array(path), source) : read(path)),
    datasets: (path) => datasetsBelow({ children, kind }, path),
  };
}

/** An Embedding's matrix: of it only the rows are needed that are looked up. */
function waits({ shape, type, count }: PlainArray, { isOnDisk }: Source): boolean {
  return isOnDisk && shape.length === 2 && count * numberBytes(type) >= LARGE;
}

function lazyRows({ shape, type, at }: PlainArray, source: Source): LazyRows {
  const width = shape[1];
  return {
    shape,
    read: (from, to) => numbersAt(source, type, at + from * width * numberBytes(type), (to - from) * width),
  };
}

function numbersAt(source: Source, type: NumberType, at: number, count: number): Tensor['data'] {
  return numbersOf(type, count === 0 ? new Uint8Array() : source.read(at, count * numberBytes(type)), 0, count);
}
