import { LabError } from '../../math/lab-error.ts';
import { bytesOf, decode, type StoredArray } from '../stored-type.ts';
import { storageClass, storageType } from './pickle-tensors.ts';
import { type PickleValue, plainText, type StorageRef, type TensorRef } from './pickle-value.ts';

/** How much more numbers there may be than the file has bytes: many tensors may be views of one storage. */
const ALLOWANCE = 2 ** 24;

/**
 * What a persistent id of torch stands for: ('storage', class, key, location, length, view), where a view (key, offset, length) is part of a storage; or
 * ('module', class, file, source), the class. Null where it is neither. Source: torch/serialization.py.
 */
export function persistentValue(id: PickleValue): PickleValue {
  if (!Array.isArray(id)) throw damaged();
  const [what, type, key, , length, view] = id;
  if (what === 'module') return type ?? null;
  const className = storageClass(type);
  if (what !== 'storage' || className === undefined || !isCount(length)) throw damaged();
  const start = Array.isArray(view) ? view[1] : 0;
  if (!isCount(start)) throw damaged();
  return { kind: 'storage', key: plainText(key), className, type: storageType(className), length, start };
}

function isCount(value: PickleValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function damaged(): LabError {
  return new LabError({ problem: 'the pickle refers to something that is no storage of a tensor.' });
}

/**
 * What makes arrays of the tensors of a file of `fileBytes`: views of storages, with their strides. Every number is checked to lie within its storage, and all
 * arrays together may not be much more than the file.
 */
export function arrayReader(
  fileBytes: number,
  bytesFor: (storage: StorageRef) => Uint8Array,
  bigEndian = false,
): (ref: TensorRef, path: string) => StoredArray | null {
  let left = 2 * fileBytes + ALLOWANCE;
  return (ref, path) => {
    const { type, storage, shape, strides } = ref;
    if (type === null || ref.unreadable) return null;
    const count = shape.reduce((product, length) => product * length, 1);
    const bytes = count === 0 ? new Uint8Array() : (storage.bytes ?? bytesFor(storage));
    const span = count === 0 ? 0 : 1 + shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis], 0);
    const first = storage.start + ref.offset;
    // An untyped storage counts bytes.
    const held = storage.type === null ? Math.floor(storage.length / bytesOf(type)) : storage.length;
    const there = Math.min(Math.floor(bytes.length / bytesOf(type)), storage.start + held);
    if (count > 0 && first + span > there) {
      throw new LabError({
        path,
        problem: 'the file is cut off or damaged: a tensor reaches beyond its storage.',
        received: `number ${first + span - 1} of ${there}`,
      });
    }
    left -= Math.max(count, span);
    if (left < 0)
      throw new LabError({ path, problem: 'the tensors claim many times as many numbers as the file has.' });
    const numbers = decode(type, bytes, first * bytesOf(type), span, bigEndian || ref.bigEndian === true);
    const data = isContiguous(shape, strides) ? numbers : gather(numbers, shape, strides, count);
    return { type, tensor: { shape, data } };
  };
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let wanted = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 0) return true;
    if (shape[axis] !== 1 && strides[axis] !== wanted) return false;
    wanted *= shape[axis];
  }
  return true;
}

function gather(
  numbers: Float32Array | Float64Array,
  shape: readonly number[],
  strides: readonly number[],
  count: number,
): Float32Array | Float64Array {
  const out = numbers instanceof Float64Array ? new Float64Array(count) : new Float32Array(count);
  const place = shape.map(() => 0);
  let from = 0;
  for (let at = 0; at < count; at++) {
    out[at] = numbers[from];
    // The next place, the last axis fastest.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++place[axis] < shape[axis]) break;
      from -= place[axis] * strides[axis];
      place[axis] = 0;
    }
  }
  return out;
}

/** How many bytes a number of a storage takes. */
export function storageBytes({ type }: StorageRef): number {
  return type === null ? 1 : bytesOf(type);
}
