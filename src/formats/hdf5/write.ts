import type { File } from 'h5wasm';
import { hdf5Module } from './module.ts';

/** An array to be written: numbers in row-major order. */
interface WrittenArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array;
}

/** A new HDF5 file. Paths are absolute; groups on the way are made. */
export interface Hdf5Writer {
  group(path: string): void;
  dataset(path: string, array: WrittenArray): void;
  /** A text, or a list of texts; an empty list is written as Keras writes it, as no numbers. */
  attribute(path: string, name: string, value: string | readonly string[]): void;
}

let written = 0;

/** Writes an HDF5 file in memory, in the layout in which h5py writes: every reader knows it, and the lab reads it by ranges. */
export async function writeHdf5(build: (writer: Hdf5Writer) => void): Promise<Uint8Array> {
  const h5 = await hdf5Module();
  const { File } = await import('h5wasm');
  const name = `/written-${written++}.h5`;
  const file = new File(name, 'w', { libver: ['earliest', 'latest'] });
  try {
    build(writer(file));
    file.flush();
  } finally {
    file.close();
  }
  const bytes = h5.FS.readFile(name);
  h5.FS.unlink(name);
  return bytes;
}

function writer(file: File): Hdf5Writer {
  const made = new Set(['/']);
  const group = (path: string) => {
    if (made.has(path) || path === '') return;
    const cut = path.lastIndexOf('/');
    group(path.slice(0, cut));
    file.create_group(path.slice(1));
    made.add(path);
  };
  return {
    group,
    dataset(path, { shape, data }) {
      group(path.slice(0, path.lastIndexOf('/')));
      file.create_dataset({ name: path.slice(1), data, shape: [...shape] });
    },
    attribute(path, name, value) {
      const at = path === '/' ? file : file.get(path);
      if (at === null || !('create_attribute' in at)) throw new Error(`there is no group ${path}`);
      if (typeof value === 'string') at.create_attribute(name, value, [], 'S');
      else if (value.length === 0) at.create_attribute(name, new Float64Array(), [0]);
      else at.create_attribute(name, [...value], [value.length], 'S');
    },
  };
}
