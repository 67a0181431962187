import { LabError } from '../../math/lab-error.ts';
import { sizeOf, type Tensor } from '../../math/tensor.ts';
import { type AttributeValue, readAttribute } from './attributes.ts';
import { type DatasetInfo, datasetInfo, datasetNumbers } from './datasets.ts';
import { refuseEndlessHeaps } from './global-heap.ts';
import { guarded, type H5, hdf5Module } from './module.ts';

/** As many groups and arrays as a file may have, and as deep as they may be nested. */
const MAX_OBJECTS = 100_000;
const MAX_DEPTH = 40;
/** Deflate packs at most 1032 to 1; never more than this in all. */
const MAX_PACKED = 2 ** 31;

/** An HDF5 file that is open for reading. Paths are absolute, `/model_weights/lstm`. */
export interface Hdf5File {
  /** The names in a group; links into other files are left out, and said. */
  children(path: string): readonly string[];
  /** What is at a path: a group, an array, or nothing that is read. */
  kind(path: string): 'group' | 'dataset' | undefined;
  attribute(path: string, name: string): AttributeValue | undefined;
  info(path: string): DatasetInfo;
  /** An array's numbers: float32 as a Float32Array, float16 and bfloat16 too, others as float64. */
  read(path: string): Tensor;
  /** Paths of all arrays at or below a group, in the order of the file. */
  datasets(path: string): readonly string[];
}

export function isHdf5(bytes: Uint8Array): boolean {
  return [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a].every((byte, at) => bytes[at] === byte);
}

let opened = 0;

/** Opens an HDF5 file in memory while `work` runs. What is wrong with it becomes a LabError. */
export async function withHdf5<T>(bytes: Uint8Array, work: (file: Hdf5File) => T | Promise<T>): Promise<T> {
  refuseEndlessHeaps(bytes);
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
  // Arrays may share their bytes: what is read in all is bounded, not only each.
  let plain = 2 * fileBytes + 2 ** 20;
  let packed = MAX_PACKED;
  const spend = (bytes: number, isPacked: boolean) => {
    const enough = isPacked ? bytes <= 1_032 * fileBytes && bytes <= packed : bytes <= plain;
    if (!enough)
      throw new LabError({
        problem: 'the arrays claim more numbers than the file can hold.',
        received: `${bytes} bytes in a file of ${fileBytes}`,
      });
    if (isPacked) packed -= bytes;
    else plain -= bytes;
  };
  const kind = (path: string) =>
    guarded(path, () => {
      const type = h5.get_type(id, path);
      return type === h5.H5G_GROUP ? ('group' as const) : type === h5.H5G_DATASET ? ('dataset' as const) : undefined;
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
  const file: Hdf5File = {
    children,
    kind: (path) => (path === '/' ? 'group' : kind(path)),
    attribute: (path, name) => readAttribute(h5, id, path, name, fileBytes + 2 ** 16),
    info: (path) => datasetInfo(h5, id, path),
    read(path) {
      const info = datasetInfo(h5, id, path);
      guarded(path, () => spend(sizeOf(info.shape) * (info.type?.size ?? 1), info.packed));
      return datasetNumbers(h5, id, path, info);
    },
    datasets(path) {
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
    },
  };
  return file;
}

export function join(group: string, name: string): string {
  return group === '/' ? `/${name}` : `${group}/${name}`;
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // A file that is damaged may not close either; what went wrong first has been said.
  }
}
