import { LabError } from '../../math/lab-error.ts';
import { shapeText, type Tensor } from '../../math/tensor.ts';
import { readAttribute } from './attributes.ts';
import type { DatasetInfo } from './file.ts';
import { MAX_RANK } from './limits.ts';
import { guarded, type H5 } from './module.ts';
import { numberType } from './number-type.ts';
import { numberBytes, numbersOf, room } from './numbers.ts';

interface PackedInfo extends DatasetInfo {
  /** Whether its numbers are packed by filters (gzip, …), so that they may be more than the file has bytes. */
  readonly packed: boolean;
}

/** Read in pieces of about this many bytes, so that the library needs little memory of its own. */
const PIECE = 2 ** 23;

export function datasetInfo(h5: H5, id: bigint, path: string): PackedInfo {
  return guarded(path, () => {
    const metadata = h5.get_dataset_metadata(id, path);
    if (metadata.virtual_sources !== undefined)
      throw new LabError({
        problem: 'a virtual dataset keeps its numbers in other files, and they are not read.',
        hint: 'save the model again into one file.',
      });
    const { shape, total_size: total } = metadata;
    if (!shape) return { shape: [0], type: undefined, packed: false };
    if (shape.length > MAX_RANK || !(total <= 2 ** 31))
      throw new LabError({ problem: 'an array of this shape is none of a model.', received: shapeText(shape) });
    const marked = readAttribute(h5, id, path, 'dtype') === 'bfloat16';
    const bfloat16 = metadata.size === 2 ? ('bfloat16' as const) : undefined;
    const packed = metadata.chunks !== null && h5.get_dataset_filters(id, path).length > 0;
    return { shape, type: marked ? bfloat16 : numberType(h5, metadata), packed };
  });
}

/** All numbers of an array whose size is known to be bearable. */
export function datasetNumbers(h5: H5, id: bigint, path: string, { shape, type }: DatasetInfo): Tensor {
  return guarded(path, () => {
    if (type === undefined)
      throw new LabError({ problem: 'an array of numbers is wanted, and this has none.', received: 'another type' });
    const count = shape.reduce((product, length) => product * length, 1);
    const data = room(type, count);
    if (count === 0) return { shape, data };
    const rows = shape[0] ?? 1;
    const size = numberBytes(type);
    const rowBytes = (count / rows) * size;
    const piece = Math.max(1, Math.min(rows, Math.floor(PIECE / rowBytes)));
    const pointer = h5._malloc(piece * rowBytes);
    if (pointer === 0) throw new Error('out of memory');
    try {
      for (let from = 0; from < rows; from += piece) {
        const here = Math.min(piece, rows - from);
        const [counts, offsets] = [
          [here, ...shape.slice(1)],
          [from, ...shape.slice(1).map(() => 0)],
        ];
        const region = shape.length === 0 || here === rows ? null : counts.map(BigInt);
        const start = region && offsets.map(BigInt);
        const stride = region && shape.map(() => 1n);
        if (h5.get_dataset_data(id, path, region, start, stride, BigInt(pointer)) < 0)
          throw new Error('the numbers cannot be read');
        data.set(numbersOf(type, h5.HEAPU8, pointer, (here * rowBytes) / size), (from * rowBytes) / size);
      }
    } finally {
      h5._free(pointer);
    }
    return { shape, data };
  });
}
