import type { Tensor } from '../../math/tensor.ts';
import { bytesOf, decode, type StoredType } from '../stored-type.ts';

/** How HDF5's numbers are stored, little-endian. */
const STORED = {
  bfloat16: 'BF16',
  float16: 'F16',
  float32: 'F32',
  float64: 'F64',
  int8: 'I8',
  int16: 'I16',
  int32: 'I32',
  int64: 'I64',
  uint8: 'U8',
  uint16: 'U16',
  uint32: 'U32',
  uint64: 'U64',
} as const satisfies Readonly<Record<string, StoredType>>;

export type NumberType = keyof typeof STORED;

/** `float` and 4 bytes → float32. */
export function numberTypeOf(kind: 'float' | 'int' | 'uint', size: number): NumberType | undefined {
  const name = `${kind}${8 * size}`;
  return Object.hasOwn(STORED, name) ? (name as NumberType) : undefined;
}

export function numberBytes(type: NumberType): number {
  return bytesOf(STORED[type]);
}

/** `count` numbers from byte `start` on: float32 where nothing is lost by it, else float64. They may be the bytes themselves. */
export function numbersOf(type: NumberType, bytes: Uint8Array, start: number, count: number): Tensor['data'] {
  return decode(STORED[type], bytes, start, count);
}

/** Room for `count` numbers as `numbersOf` gives them. */
export function room(type: NumberType, count: number): Tensor['data'] {
  const kind = numbersOf(type, new Uint8Array(), 0, 0);
  return kind instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
}
