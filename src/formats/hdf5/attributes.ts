import { LabError } from '../../math/lab-error.ts';
import type { AttributeValue } from './attribute-value.ts';
import { guarded, type H5 } from './module.ts';
import { numberType } from './number-type.ts';
import { numbersOf } from './numbers.ts';
import { textUntilZero } from './text.ts';

/** A text is at most so long: a configuration may hold a matrix. */
const MAX_TEXT = 2 ** 28;

/** An attribute's value, of at most `limit` bytes; undefined where there is none, or none of numbers or text. */
export function readAttribute(
  h5: H5,
  id: bigint,
  path: string,
  name: string,
  limit = 2 ** 16,
): AttributeValue | undefined {
  return guarded(`${path}@${name}`, () => {
    if (!h5.get_attribute_names(id, path).includes(name)) return undefined;
    const metadata = h5.get_attribute_metadata(id, path, name);
    const { shape, total_size: count, size, type, vlen } = metadata;
    if (!shape) return undefined;
    const text = type === h5.H5T_class_t.H5T_STRING.value;
    const numbers = text ? undefined : numberType(h5, metadata);
    if (!text && numbers === undefined) return undefined;
    const bytes = count * size;
    if (!(bytes <= limit))
      throw new LabError({ problem: `an attribute here has at most ${limit} bytes.`, received: `${bytes}` });
    const pointer = h5._malloc(Math.max(bytes, 1));
    if (pointer === 0) throw new Error('out of memory');
    // HDF5 leaves alone what it cannot read.
    h5.HEAPU8.fill(0, pointer, pointer + bytes);
    try {
      if (h5.get_attribute_data(id, path, name, BigInt(pointer)) < 0) throw new Error('the attribute cannot be read');
      const data = h5.HEAPU8.slice(pointer, pointer + bytes);
      if (numbers !== undefined) {
        const out = Array.from(numbersOf(numbers, data, 0, count));
        return shape.length === 0 ? out[0] : out;
      }
      const strings = vlen ? pointed(h5, data) : padded(data, size);
      return shape.length === 0 ? strings[0] : strings;
    } finally {
      if (vlen) h5.reclaim_vlen_memory(id, path, name, BigInt(pointer));
      h5._free(pointer);
    }
  });
}

/** Strings of their own lengths: the data are pointers to them. */
function pointed(h5: H5, data: Uint8Array): string[] {
  const view = new DataView(data.buffer);
  return Array.from({ length: data.length / 4 }, (_, n) => {
    const from = view.getUint32(4 * n, true);
    if (from === 0) return '';
    const heap = h5.HEAPU8;
    const end = heap.indexOf(0, from);
    return textUntilZero(heap.slice(from, Math.min(end < 0 ? heap.length : end, from + MAX_TEXT)));
  });
}

/** Strings of one length, filled up with zeros. */
function padded(data: Uint8Array, size: number): string[] {
  return Array.from({ length: Math.floor(data.length / size) }, (_, n) =>
    textUntilZero(data.subarray(n * size, (n + 1) * size)),
  );
}
