import type { NumberType } from '../numbers.ts';
import type { Fields } from './fields.ts';
import { must, otherLayout } from './other-layout.ts';

/** A type of plain files: numbers, texts of one length filled with zeros, texts of their own lengths. Sizes in bytes. */
export type Datatype =
  | { readonly kind: 'number'; readonly type: NumberType; readonly size: number }
  | { readonly kind: 'text'; readonly size: number }
  | { readonly kind: 'texts'; readonly size: number };

/** Sign, exponent's place and size, fraction's place and size, bias: IEEE 754, by size in bytes. */
const IEEE: Readonly<Record<number, { type: NumberType; fields: readonly number[] }>> = {
  2: { type: 'float16', fields: [15, 10, 5, 0, 10, 15] },
  4: { type: 'float32', fields: [31, 23, 8, 0, 23, 127] },
  8: { type: 'float64', fields: [63, 52, 11, 0, 52, 1023] },
};

const INTEGERS: Readonly<Record<string, NumberType>> = {
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
};

/** A length in memory that HDF5 gives a text of its own length: its length, and where it is. */
const POINTER_BYTES = 16;

/** Source: HDF5 file format specification 3.0, IV.A.2.d. Big-endian numbers, enumerations, compounds, … are other layouts. */
export function datatype(fields: Fields): Datatype {
  const versionAndClass = fields.u8();
  must(versionAndClass >> 4 === 1, 'a newer type');
  const bits = fields.u8() | (fields.u8() << 8) | (fields.u8() << 16);
  const size = fields.u32();
  switch (versionAndClass & 15) {
    case 0: {
      const type = INTEGERS[`${bits === 8 ? 'i' : 'u'}${size}`];
      must((bits === 8 || bits === 0) && type !== undefined, 'an unusual integer');
      // Its bits: all, from the first on.
      must(fields.u16() === 0 && fields.u16() === 8 * size, 'an unusual integer');
      return { kind: 'number', type, size };
    }
    case 1: {
      const known = IEEE[size];
      must(known !== undefined, 'an unusual float');
      const [sign, ...places] = known.fields;
      // Little-endian, the first bit of the fraction implied; then where the sign is.
      must(bits === ((sign << 8) | 0x20), 'an unusual float');
      must(fields.u16() === 0 && fields.u16() === 8 * size, 'an unusual float');
      const found = [fields.u8(), fields.u8(), fields.u8(), fields.u8(), fields.u32()];
      must(
        found.every((place, at) => place === places[at]),
        'an unusual float',
      );
      return { kind: 'number', type: known.type, size };
    }
    case 3:
      // Ended or filled up by zeros, ASCII or UTF-8.
      must((bits & ~0x11) === 0 && size > 0, 'an unusual text');
      return { kind: 'text', size };
    case 9: {
      // A text, ASCII or UTF-8; how it would be filled up does not matter.
      must((bits & ~0x1f0) === 1 && ((bits >> 4) & 15) <= 2 && size === POINTER_BYTES, 'a list of unusual length');
      const letter = datatype(fields);
      must(letter.kind === 'number' && letter.type === 'uint8', 'a list that is no text');
      return { kind: 'texts', size };
    }
    default:
      return otherLayout('a type that is neither number nor text');
  }
}
