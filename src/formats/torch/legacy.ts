import { LabError } from '../../math/lab-error.ts';
import type { TorchArrays } from './arrays.ts';
import { readPickle } from './pickle.ts';
import { isKind, type PickleValue, plainText, type StorageRef } from './pickle-value.ts';
import { findArrays } from './state-dict.ts';
import { arrayReader, persistentValue, storageBytes } from './storages.ts';

/** torch.serialization.MAGIC_NUMBER */
const MAGIC = 0x1950a86a20f9469cfc6cn;

/**
 * torch.save before 1.6, and with _use_new_zipfile_serialization=False: pickles of a magic number, the protocol, the system, what was saved, and the storages'
 * keys; then each storage, its length before it. Any other pickle is read too, for what numpy arrays it has. Source: torch/serialization.py, _legacy_load.
 */
export function readLegacy(bytes: Uint8Array): TorchArrays {
  const first = readPickle(bytes, 0, 'pickle', persistentValue);
  if (first.value !== MAGIC) {
    return findArrays(
      first.value,
      arrayReader(bytes.length, () => new Uint8Array()),
      'pickle',
    );
  }
  const protocol = readPickle(bytes, first.end, 'protocol', persistentValue);
  if (protocol.value !== 1001)
    throw new LabError({
      path: 'protocol',
      problem: 'the file is of a version of PyTorch’s format that the lab does not know.',
      received: plainText(protocol.value),
    });
  const system = readPickle(bytes, protocol.end, 'sys_info', persistentValue);
  const little = isKind(system.value, 'map') ? system.value.entries.get('little_endian') : true;
  const seen = new Map<string, StorageRef>();
  const saved = readPickle(bytes, system.end, 'pickle', (id) => {
    const value = persistentValue(id);
    if (isKind(value, 'storage') && !seen.has(value.key)) seen.set(value.key, value);
    return value;
  });
  const keys = readPickle(bytes, saved.end, 'storage keys', persistentValue);
  const storages = locate(bytes, keys.value, keys.end, seen, little === false);
  const read = arrayReader(
    bytes.length,
    ({ key }) => {
      const found = storages.get(key);
      if (!found)
        throw new LabError({
          path: `storage ${key}`,
          problem: 'the file is damaged: the numbers of a tensor are missing.',
        });
      return found;
    },
    little === false,
  );
  return findArrays(saved.value, read, 'PyTorch .pt of before 1.6');
}

function locate(
  bytes: Uint8Array,
  keys: PickleValue,
  start: number,
  seen: ReadonlyMap<string, StorageRef>,
  bigEndian: boolean,
): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  if (!Array.isArray(keys)) throw new LabError({ path: 'storage keys', problem: 'a list is wanted here.' });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  for (const key of keys.map(plainText)) {
    const storage = seen.get(key);
    if (!storage)
      throw new LabError({ path: `storage ${key.slice(0, 40)}`, problem: 'no tensor is said to be in it.' });
    const length = at + 8 <= bytes.length ? Number(view.getBigInt64(at, !bigEndian)) : -1;
    const size = length * storageBytes(storage);
    if (length < 0 || !(size <= bytes.length - at - 8)) {
      throw new LabError({
        path: `storage ${key.slice(0, 40)}`,
        problem: 'the file is cut off or damaged: the numbers of a tensor are missing.',
      });
    }
    found.set(key, bytes.subarray(at + 8, at + 8 + size));
    at += 8 + size;
  }
  return found;
}
