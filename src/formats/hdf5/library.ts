import { LabError, quote } from '../../math/lab-error.ts';
import { sizeOf } from '../../math/tensor.ts';
import { allowanceFor } from './allowance.ts';
import { readAttribute } from './attributes.ts';
import { datasetInfo, datasetNumbers } from './datasets.ts';
import { refuseEndless } from './endless.ts';
import { datasetsBelow, type Hdf5File } from './file.ts';
import { MAX_OBJECTS } from './limits.ts';
import { guarded, type H5, hdf5Module } from './module.ts';
import { numberBytes } from './numbers.ts';

let opened = 0;

/** Opens an HDF5 file of any layout in HDF5's own library while `work` runs. What is wrong with it becomes a LabError. */
export async function withLibrary<T>(bytes: Uint8Array, work: (file: Hdf5File) => T | Promise<T>): Promise<T> {
  refuseEndless(bytes);
  const h5 = await hdf5Module();
  const name = `/opened-${opened++}.h5`;
  // The file's own bytes, not a copy of them: nothing writes to it.
  h5.FS.writeFile(name, bytes, { canOwn: true } as never);
  let id = -1n;
  try {
    id = guarded('', () => h5.open(name, h5.H5F_ACC_RDONLY, false, -1, -1));
    if (id < 0n) throw new LabError({ problem: 'the HDF5 file is damaged: it does not open. Was it copied whole?' });
    return await work(reading(h5, id, bytes.length));
  } finally {
    if (id >= 0n) quietly(() => h5.close_file(id));
    quietly(() => h5.FS.unlink(name));
  }
}

function reading(h5: H5, id: bigint, fileBytes: number): Hdf5File {
  const spend = allowanceFor(fileBytes);
  const kind = (path: string) =>
    guarded(path, () => {
      if (path === '/') return 'group' as const;
      const type = h5.get_type(id, path);
      if (type === h5.H5G_DATASET) return 'dataset' as const;
      if (type === h5.H5G_UDLINK) throw linkError(path, Object.values(h5.get_external_link(id, path)).join(':'));
      if (type !== h5.H5G_GROUP) return undefined;
      // A soft link to a group may lead round in a circle, and one that does is called a group too.
      const to = h5.get_symbolic_link(id, path) as string | null;
      if (to !== null) throw linkError(path, to);
      return 'group' as const;
    });
  const children = (path: string) =>
    guarded(path, () => {
      const names = h5.get_names(id, path, false);
      if (names.length > MAX_OBJECTS)
        throw new LabError({
          problem: `a group here has at most ${MAX_OBJECTS} members.`,
          received: `${names.length}`,
        });
      return names;
    });
  const read = (path: string) => {
    const info = datasetInfo(h5, id, path);
    guarded(path, () => spend(sizeOf(info.shape) * (info.type ? numberBytes(info.type) : 1), info.packed));
    return datasetNumbers(h5, id, path, info);
  };
  return {
    children,
    kind,
    attribute: (path, name) => readAttribute(h5, id, path, name, fileBytes + 2 ** 16),
    info: (path) => datasetInfo(h5, id, path),
    read,
    rows: read,
    datasets: (path) => datasetsBelow({ children, kind }, path),
  };
}

function linkError(path: string, to: string): LabError {
  return new LabError({
    path,
    problem: 'this is a link to a group, or into another file, which is not followed.',
    received: quote(to),
    hint: 'save the model again into one file.',
  });
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // A file that is damaged may not close either; what went wrong first has been said.
  }
}
