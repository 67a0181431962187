import { textUntilZero } from '../text.ts';
import type { Claims } from './claims.ts';
import type { Fields } from './fields.ts';
import { must } from './other-layout.ts';

/** Texts of their own lengths, which lie in global heaps. */
export interface Texts {
  /** The text that the next field points to. */
  read(pointer: Fields): string;
}

const COLLECTION_BYTES = 16;

/** Source: HDF5 file format specification 3.0, III.E. */
export function textsOf(claims: Claims, fileBytes: number): Texts {
  const collections = new Map<number, ReadonlyMap<number, Uint8Array>>();
  // Many may point to one: all together are held to a size.
  let left = 2 * fileBytes;
  return {
    read(pointer) {
      const [length, address, index] = [pointer.u32(), pointer.u64(), pointer.u32()];
      // A text that was never written.
      if (length === 0 && address === 0 && index === 0) return '';
      const objects = collections.get(address) ?? collection(claims, address);
      collections.set(address, objects);
      const bytes = objects.get(index);
      must(bytes !== undefined && bytes.length === length, 'a text is not where it should be');
      left -= length;
      must(left >= 0, 'texts are pointed to again and again');
      return textUntilZero(bytes);
    },
  };
}

function collection(claims: Claims, address: number): ReadonlyMap<number, Uint8Array> {
  const head = claims.fields(address, COLLECTION_BYTES);
  head.exactly('GCOL', 1, 0, 0, 0);
  const length = head.u64();
  const fields = claims.fields(address + COLLECTION_BYTES, length - COLLECTION_BYTES);
  const objects = new Map<number, Uint8Array>();
  while (fields.left > 0) {
    // Less than a header is left free by itself.
    if (fields.left < COLLECTION_BYTES) break;
    const [index, references] = [fields.u16(), fields.u16()];
    fields.exactly(0, 0, 0, 0);
    const size = fields.u64();
    if (index === 0) {
      // What is free is last; its size counts its header.
      must(references === 0 && size === fields.left + COLLECTION_BYTES, 'a heap whose free part does not end it');
      break;
    }
    must(!objects.has(index), 'a heap with two objects of one number');
    objects.set(index, fields.bytes(size));
    fields.bytes((8 - (size % 8)) % 8);
  }
  return objects;
}
