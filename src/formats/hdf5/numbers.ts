import { LabError } from '../../math/lab-error.ts';
import type { Tensor } from '../../math/tensor.ts';

/** How one number is stored, little-endian. */
export interface NumberType {
  readonly kind: 'float' | 'bfloat16' | 'int' | 'uint';
  /** In bytes. */
  readonly size: number;
}

/** `float32`, `uint8`, … */
function typeName({ kind, size }: NumberType): string {
  return kind === 'bfloat16' ? kind : `${kind}${8 * size}`;
}

/** Room for `count` numbers of a type: float32 where nothing is lost by it, else float64. */
export function room({ kind, size }: NumberType, count: number): Tensor['data'] {
  return kind === 'bfloat16' || (kind === 'float' && size <= 4) ? new Float32Array(count) : new Float64Array(count);
}

/** Numbers as a file has them → numbers, into `out` from `at`. */
export function decode(bytes: Uint8Array, type: NumberType, out: Tensor['data'], at = 0): void {
  const { kind, size } = type;
  if (kind === 'float' && size === 4 && out instanceof Float32Array) {
    new Uint8Array(out.buffer, out.byteOffset + 4 * at, bytes.length).set(bytes);
    return;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const get = reader(view, type);
  for (let n = 0; n * size < bytes.length; n++) out[at + n] = get(n * size);
}

function reader(view: DataView, type: NumberType): (offset: number) => number {
  switch (typeName(type)) {
    case 'bfloat16':
      return bfloat16(view);
    case 'float16':
      return (offset) => half(view.getUint16(offset, true));
    case 'float32':
      return (offset) => view.getFloat32(offset, true);
    case 'float64':
      return (offset) => view.getFloat64(offset, true);
    case 'int8':
      return (offset) => view.getInt8(offset);
    case 'int16':
      return (offset) => view.getInt16(offset, true);
    case 'int32':
      return (offset) => view.getInt32(offset, true);
    case 'int64':
      return (offset) => Number(view.getBigInt64(offset, true));
    case 'uint8':
      return (offset) => view.getUint8(offset);
    case 'uint16':
      return (offset) => view.getUint16(offset, true);
    case 'uint32':
      return (offset) => view.getUint32(offset, true);
    case 'uint64':
      return (offset) => Number(view.getBigUint64(offset, true));
    default:
      throw new LabError({ problem: 'the lab does not read numbers of this type.', received: typeName(type) });
  }
}

/** The upper half of a float32. */
function bfloat16(view: DataView): (offset: number) => number {
  const one = new DataView(new ArrayBuffer(4));
  return (offset) => {
    one.setUint32(0, view.getUint16(offset, true) * 0x10000);
    return one.getFloat32(0);
  };
}

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
