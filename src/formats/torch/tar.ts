import { LabError } from '../../math/lab-error.ts';
import { checkedShape } from '../stored-type.ts';
import type { TorchArrays } from './arrays.ts';
import { readPickle } from './pickle.ts';
import { storageClass, storageType } from './pickle-tensors.ts';
import { type PickleValue, plainText, type StorageRef, type TensorRef } from './pickle-value.ts';
import { findArrays } from './state-dict.ts';
import { arrayReader, persistentValue, storageBytes } from './storages.ts';

/** POSIX tar: "ustar" at byte 257 of a file's header. */
export function isTar(bytes: Uint8Array): boolean {
  return bytes.length >= 512 && text(bytes, 257, 5) === 'ustar';
}

/**
 * torch.save of 2016 and 2017: a tar archive of `storages`, `tensors` and `pickle`, where tensors are named by numbers. Source: torch/serialization.py,
 * legacy_load.
 */
export function readTar(bytes: Uint8Array): TorchArrays {
  const files = tarFiles(bytes);
  const part = (name: string) => {
    const found = files.get(name);
    if (!found)
      throw new LabError({
        path: name,
        problem: 'this tar archive is no PyTorch file: a part is missing.',
        received: [...files.keys()].slice(0, 8).join(', '),
      });
    return found;
  };
  const storages = readStorages(part('storages'));
  const tensors = readTensors(part('tensors'), storages);
  const { value } = readPickle(part('pickle'), 0, 'pickle', (id) => {
    if (Array.isArray(id)) return id[0] ?? null;
    const found = tensors.get(plainText(id)) ?? storages.get(plainText(id));
    if (!found)
      throw new LabError({
        problem: 'the pickle refers to a tensor that is not in the file.',
        received: plainText(id).slice(0, 40),
      });
    return found;
  });
  return findArrays(
    value,
    arrayReader(bytes.length, () => new Uint8Array()),
    'PyTorch .pt of before 0.2',
  );
}

function tarFiles(bytes: Uint8Array): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0; ) {
    const size = Number.parseInt(text(bytes, at + 124, 12).trim() || '0', 8);
    if (!(size >= 0) || at + 512 + size > bytes.length)
      throw new LabError({ problem: 'the tar archive is cut off or damaged.' });
    files.set(text(bytes, at, 100).replace(/^\.\//, ''), bytes.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

function readStorages(bytes: Uint8Array): Map<string, StorageRef> {
  const storages = new Map<string, StorageRef>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const counted = readPickle(bytes, 0, 'storages', persistentValue);
  let at = counted.end;
  for (let left = countOf(counted.value); left > 0; left--) {
    const entry = readPickle(bytes, at, 'storages', persistentValue);
    const [key, , type] = Array.isArray(entry.value) ? entry.value : [];
    const className = storageClass(type);
    at = entry.end;
    const length = at + 8 <= bytes.length ? Number(view.getBigInt64(at, true)) : -1;
    if (className === undefined || length < 0) throw damaged('storages');
    const known: StorageRef = {
      kind: 'storage',
      key: plainText(key),
      className,
      type: storageType(className),
      length,
      start: 0,
    };
    const size = length * storageBytes(known);
    if (!(size <= bytes.length - at - 8)) throw damaged('storages');
    storages.set(known.key, { ...known, bytes: bytes.subarray(at + 8, at + 8 + size) });
    at += 8 + size;
  }
  const views = readPickle(bytes, at, 'storages', persistentValue).value;
  for (const entry of Array.isArray(views) ? views : []) {
    const [key, root, offset, size] = Array.isArray(entry) ? entry : [];
    const whole = storages.get(plainText(root));
    if (!whole || !Number.isSafeInteger(offset) || !Number.isSafeInteger(size) || (offset as number) < 0)
      throw damaged('storages');
    storages.set(plainText(key), {
      ...whole,
      key: plainText(key),
      start: whole.start + (offset as number),
      length: size as number,
    });
  }
  return storages;
}

function readTensors(bytes: Uint8Array, storages: ReadonlyMap<string, StorageRef>): Map<string, TensorRef> {
  const tensors = new Map<string, TensorRef>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const counted = readPickle(bytes, 0, 'tensors', persistentValue);
  let at = counted.end;
  for (let left = countOf(counted.value); left > 0; left--) {
    const entry = readPickle(bytes, at, 'tensors', persistentValue);
    const [key, storageKey] = Array.isArray(entry.value) ? entry.value : [];
    at = entry.end;
    const axes = at + 4 <= bytes.length ? view.getInt32(at, true) : -1;
    if (axes < 0 || axes > 16 || at + 8 + 16 * axes + 8 > bytes.length) throw damaged('tensors');
    const numbers = Array.from({ length: 2 * axes + 1 }, (_, n) => Number(view.getBigInt64(at + 8 + 8 * n, true)));
    at += 8 + 8 * numbers.length;
    const storage = storages.get(plainText(storageKey));
    if (!storage) continue;
    tensors.set(plainText(key), {
      kind: 'tensor',
      storage,
      type: storage.type,
      offset: checkedShape([numbers[2 * axes]], 'tensors')[0],
      shape: checkedShape(numbers.slice(0, axes), 'tensors'),
      strides: checkedShape(numbers.slice(axes, 2 * axes), 'tensors'),
      ...(storage.type === null && { unreadable: `a tensor of ${storage.className}` }),
    });
  }
  return tensors;
}

function countOf(value: PickleValue): number {
  return typeof value === 'number' ? value : 0;
}

function damaged(path: string): LabError {
  return new LabError({ path, problem: 'the file is cut off or damaged.' });
}

function text(bytes: Uint8Array, at: number, length: number): string {
  const raw = String.fromCharCode(...bytes.subarray(at, at + length));
  const end = raw.indexOf('\0');
  return end < 0 ? raw : raw.slice(0, end);
}
