import { LabError } from '../math/lab-error.ts';
import type { Tensor } from '../math/tensor.ts';

/** Types of numbers as safetensors names them, with the bytes each takes. */
const BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

export type StoredType = keyof typeof BYTES;

export function storedType(name: string): StoredType | null {
  return Object.hasOwn(BYTES, name) ? (name as StoredType) : null;
}

export function bytesOf(type: StoredType): number {
  return BYTES[type];
}

/**
 * `count` numbers from byte `start` on, in the precision the file has them in: float64 for F64 and long integers, else float32. float32 that lies
 * aligned in the file is not copied. The caller has checked that the bytes are there.
 */
export function decode(
  type: StoredType,
  bytes: Uint8Array,
  start: number,
  count: number,
  bigEndian = false,
): Float32Array | Float64Array {
  const size = BYTES[type];
  const from = bytes.byteOffset + start;
  const wide = size === 8 || type === 'I32' || type === 'U32';
  // No numbers may stand anywhere, also where the file has ended.
  if (count === 0) return wide ? new Float64Array() : new Float32Array();
  if (type === 'F32' && !bigEndian) {
    if (from % 4 === 0) return new Float32Array(bytes.buffer, from, count);
    const copy = new Float32Array(count);
    new Uint8Array(copy.buffer).set(bytes.subarray(start, start + 4 * count));
    return copy;
  }
  const view = new DataView(bytes.buffer, from, count * size);
  const little = !bigEndian;
  const out = wide ? new Float64Array(count) : new Float32Array(count);
  const fill = (read: (at: number) => number) => {
    for (let n = 0; n < count; n++) out[n] = read(n * size);
    return out;
  };
  switch (type) {
    case 'F64':
      return fill((at) => view.getFloat64(at, little));
    case 'F32':
      return fill((at) => view.getFloat32(at, little));
    case 'F16':
      return fill((at) => halves()[view.getUint16(at, little)]);
    case 'BF16':
      return fill((at) => brains()[view.getUint16(at, little)]);
    case 'I64':
      return fill((at) => Number(view.getBigInt64(at, little)));
    case 'U64':
      return fill((at) => Number(view.getBigUint64(at, little)));
    case 'I32':
      return fill((at) => view.getInt32(at, little));
    case 'U32':
      return fill((at) => view.getUint32(at, little));
    case 'I16':
      return fill((at) => view.getInt16(at, little));
    case 'U16':
      return fill((at) => view.getUint16(at, little));
    case 'I8':
      return fill((at) => view.getInt8(at));
    case 'U8':
      return fill((at) => view.getUint8(at));
    case 'BOOL':
      return fill((at) => (view.getUint8(at) === 0 ? 0 : 1));
  }
}

let halfTable: Float32Array | undefined;
let brainTable: Float32Array | undefined;

/** Every float16, by its bits (IEEE 754 binary16). */
function halves(): Float32Array {
  halfTable ??= Float32Array.from({ length: 65_536 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  return halfTable;
}

/** Every bfloat16, by its bits: the upper half of a float32. */
function brains(): Float32Array {
  brainTable ??= new Float32Array(Uint32Array.from({ length: 65_536 }, (_, bits) => bits * 65_536).buffer);
  return brainTable;
}

/** Lengths of a tensor as a file claims them: whole numbers whose product can be counted. */
export function checkedShape(claimed: readonly unknown[], path: string): number[] {
  const lengths = claimed.slice(0, MAX_RANK + 1).map((length) => (typeof length === 'number' ? length : Number.NaN));
  if (
    lengths.length > MAX_RANK ||
    !lengths.every((length) => Number.isSafeInteger(length) && length >= 0) ||
    !Number.isSafeInteger(lengths.reduce((product, length) => product * Math.max(1, length), 1))
  ) {
    throw new LabError({
      path,
      problem: `a shape is at most ${MAX_RANK} whole numbers, none of them negative or absurd.`,
      received: `[${lengths.slice(0, 10).join(', ')}${lengths.length > 10 ? ', …' : ''}]`,
    });
  }
  return lengths;
}

const MAX_RANK = 16;

/** An array of a file, with the type it is stored in. */
export interface StoredArray {
  readonly tensor: Tensor;
  readonly type: StoredType;
}
