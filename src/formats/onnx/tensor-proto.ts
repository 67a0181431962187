import { LabError } from '../../math/lab-error.ts';
import { bytesOf, checkedShape, decode, type StoredType } from '../stored-type.ts';
import { fieldsOf, pushFixed, pushVarints, textOf } from './protobuf.ts';

/** A tensor as the file has it: its numbers are in `raw`, in one of the lists, or in another file. */
export interface TensorProto {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: number;
  readonly raw: Uint8Array | null;
  readonly numbers: readonly number[];
  /** location, offset, length: where the numbers are in another file. */
  readonly external: ReadonlyMap<string, string> | null;
}

/** The numbers of a tensor, in row-major order. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
  /** Whole numbers or truths: lengths, indices, conditions. */
  readonly whole: boolean;
}

/** ONNX's numbers of the types, TensorProto.DataType. */
const TYPES = new Map<number, StoredType>([
  [1, 'F32'],
  [2, 'U8'],
  [3, 'I8'],
  [4, 'U16'],
  [5, 'I16'],
  [6, 'I32'],
  [7, 'I64'],
  [9, 'BOOL'],
  [10, 'F16'],
  [11, 'F64'],
  [12, 'U32'],
  [13, 'U64'],
  [16, 'BF16'],
]);

const FLOATS: readonly StoredType[] = ['F64', 'F32', 'F16', 'BF16'];

export function readTensor(bytes: Uint8Array, place: string): TensorProto {
  const dims: number[] = [];
  const numbers: number[] = [];
  let [name, type, location] = ['', 0, 0];
  let raw: Uint8Array | null = null;
  const external = new Map<string, string>();
  for (const field of fieldsOf(bytes, place)) {
    const { number } = field;
    if (number === 1) pushVarints(dims, field, place);
    else if (number === 2) type = field.value;
    else if (number === 4) pushFixed(numbers, field, 4, place);
    else if (number === 10) pushFixed(numbers, field, 8, place);
    else if (number === 5 || number === 7 || number === 11) pushVarints(numbers, field, place);
    else if (number === 8) name = textOf(field);
    else if (number === 9) raw = field.bytes;
    else if (number === 13) addEntry(external, field.bytes, place);
    else if (number === 14) location = field.value;
  }
  return {
    name,
    dims: checkedShape(dims, name || place),
    type,
    raw,
    numbers,
    external: location === 1 ? external : null,
  };
}

function addEntry(entries: Map<string, string>, bytes: Uint8Array, place: string): void {
  let [key, value] = ['', ''];
  for (const field of fieldsOf(bytes, place)) {
    if (field.number === 1) key = textOf(field);
    else if (field.number === 2) value = textOf(field);
  }
  entries.set(key, value);
}

/** The bytes of a tensor that is kept in another file. */
export type ReadExternal = (entries: ReadonlyMap<string, string>, bytes: number, path: string) => Uint8Array;

/** A tensor's numbers: exactly as many as its shape says, or a LabError. Null for types that are no numbers (text) or that the lab does not read. */
export function numbersOf(tensor: TensorProto, readExternal: ReadExternal): Numbers | null {
  const type = TYPES.get(tensor.type);
  if (type === undefined) return null;
  const { dims: shape, name: path } = tensor;
  const count = shape.reduce((product, length) => product * length, 1);
  const whole = !FLOATS.includes(type);
  const wrong = (got: number, unit: string) =>
    new LabError({
      path,
      problem: `a tensor of shape [${shape.join(', ')}] needs ${unit === 'bytes' ? count * bytesOf(type) : count} ${unit}.`,
      received: `${got}`,
      hint: 'the file is damaged, or was not copied completely.',
    });
  const raw = tensor.external ? readExternal(tensor.external, count * bytesOf(type), path) : tensor.raw;
  if (raw !== null) {
    if (raw.length !== count * bytesOf(type)) throw wrong(raw.length, 'bytes');
    return { shape, data: decode(type, raw, 0, count), whole };
  }
  if (tensor.numbers.length !== count) throw wrong(tensor.numbers.length, 'numbers');
  return { shape, data: listed(type, tensor.numbers), whole };
}

/** float16 and bfloat16 stand in int32_data as their bits. */
function listed(type: StoredType, numbers: readonly number[]): Float32Array | Float64Array {
  if (type === 'F16' || type === 'BF16') {
    const bits = Uint16Array.from(numbers);
    return decode(type, new Uint8Array(bits.buffer), 0, bits.length);
  }
  return type === 'F32' ? Float32Array.from(numbers) : Float64Array.from(numbers);
}
