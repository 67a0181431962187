import { must, otherLayout } from './other-layout.ts';

/** An address of all ones: there is nothing. */
export const UNDEFINED = -1;

/** The fields of one structure, one after the other, little-endian, addresses and lengths of eight bytes. Each is there, or the file is not plain. */
export interface Fields {
  readonly left: number;
  u8(): number;
  u16(): number;
  u32(): number;
  /** A length, or an address; UNDEFINED for all ones. */
  u64(): number;
  bytes(length: number): Uint8Array;
  /** The next fields, of so many bytes together. */
  fields(length: number): Fields;
  /** Bytes that must be these: a version, a signature, what is reserved. */
  exactly(...values: readonly (number | string)[]): void;
}

export function fieldsOf(bytes: Uint8Array): Fields {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const next = (length: number) => {
    must(length >= 0 && at + length <= bytes.length, 'a structure is cut off');
    at += length;
    return at - length;
  };
  const take = (length: number) => {
    const from = next(length);
    return bytes.subarray(from, from + length);
  };
  return {
    get left() {
      return bytes.length - at;
    },
    u8: () => view.getUint8(next(1)),
    u16: () => view.getUint16(next(2), true),
    u32: () => view.getUint32(next(4), true),
    u64() {
      const from = next(8);
      const [low, high] = [view.getUint32(from, true), view.getUint32(from + 4, true)];
      if (low === 0xffffffff && high === 0xffffffff) return UNDEFINED;
      return high < 2 ** 20 ? high * 2 ** 32 + low : otherLayout('a length beyond all files');
    },
    bytes: take,
    fields: (length) => fieldsOf(take(length)),
    exactly(...values) {
      for (const value of values) {
        const isText = typeof value === 'string';
        const length = isText ? value.length : 1;
        const from = next(length);
        for (let offset = 0; offset < length; offset++) {
          const wanted = isText ? value.charCodeAt(offset) : value;
          must(bytes[from + offset] === wanted, 'a field has another value');
        }
      }
    },
  };
}
