import { basename } from 'node:path';
import { LabError, quote } from '../../math/lab-error.ts';
import { holdsHdf5 } from '../hdf5/signature.ts';
import type { FileKind } from './file-kind.ts';
import { pickleError } from './pickle.ts';
import { protobufFields } from './protobuf-fields.ts';
import { zipNames } from './zip-names.ts';

/** What torch.save wrote before its ZIP form: a pickled long integer, 0x1950a86a20f9469cfc6c. Source: torch/serialization.py, MAGIC_NUMBER. */
const TORCH_MAGIC = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** A safetensors header is JSON of at most 100 MB. */
const MAX_SAFETENSORS_HEADER = 100_000_000;

/** What packs other files, and with which command they come out. */
const PACKED: readonly (readonly [bytes: readonly number[], name: string, command: string])[] = [
  [[0x1f, 0x8b], 'gzip', 'gunzip'],
  [[0x42, 0x5a, 0x68], 'bzip2', 'bunzip2'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz', 'unxz'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd', 'unzstd'],
  [[0x37, 0x7a, 0xbc, 0xaf], '7z', '7z x'],
  [[0x52, 0x61, 0x72, 0x21], 'RAR', 'unrar x'],
];

/** The kind of a file that is not text. Null: it is none of these. Throws a LabError for what is known and not opened. */
export function binaryKind(head: Uint8Array, tail: Uint8Array, file: string): FileKind | null {
  if (holdsHdf5(head)) return 'hdf5';
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04]) || startsWith(head, [0x50, 0x4b, 0x05, 0x06]))
    return zipKind(zipNames(head, tail));
  if (head[0] === 0x80 && head[1] >= 2 && head[1] <= 5) return pickleKind(head);
  if (asciiAt(head, 257, 5) === 'ustar') return tarKind(head);
  refuse(head);
  if (isSafetensors(head)) return 'safetensors';
  return protobufKind(head, file);
}

function refuse(head: Uint8Array): void {
  if (asciiAt(head, 4, 4) === 'TFL3') {
    throw new LabError({
      problem: 'this is a TensorFlow Lite model, whose layers are compiled into operators.',
      hint: 'open the Keras model that it was converted from.',
    });
  }
  if (asciiAt(head, 0, 4) === 'GGUF' || asciiAt(head, 0, 4) === 'lmgg') {
    throw new LabError({
      problem: 'this is a GGUF file, which holds a language model and no LSTM.',
      hint: 'RWKV and others like it are not LSTMs either.',
    });
  }
  if (asciiAt(head, 1, 5) === 'NUMPY' && head[0] === 0x93) {
    throw new LabError({
      problem: 'this is a NumPy array, and no model.',
      hint: 'as the input of a model it is given with --input.',
    });
  }
  for (const [bytes, name, command] of PACKED) {
    if (startsWith(head, bytes))
      throw new LabError({ problem: `this file is packed with ${name}.`, hint: `unpack it first: ${command} FILE.` });
  }
}

function zipKind(names: readonly string[]): FileKind {
  const has = (pattern: RegExp) => names.some((name) => pattern.test(name));
  if (has(/^config\.json$/) || has(/^model\.weights\.(h5|npz)$/)) return 'keras-zip';
  if (has(/^[^/]+\/data\.pkl$/) || has(/^data\.pkl$/)) return 'torch-zip';
  if (has(/(^|\/)saved_model\.pb$/) || has(/(^|\/)(model\.json|[^/]+\.(keras|h5|hdf5|pt|pth|onnx|safetensors))$/)) {
    throw new LabError({
      problem: 'this is a ZIP archive with a model inside.',
      received: quote(names.find((name) => /\.(json|pb|keras|h5|hdf5|pt|pth|onnx|safetensors)$/.test(name))),
      hint: 'unpack it first: unzip FILE.',
    });
  }
  if (names.length > 0 && names.every((name) => name.endsWith('.npy'))) {
    throw new LabError({
      problem: 'these are NumPy arrays, and no model.',
      received: quote(names.slice(0, 8)),
      hint: 'as the inputs of a model they are given with --input.',
    });
  }
  throw new LabError({
    problem: 'this is a ZIP archive, and no model that the lab knows.',
    received: names.length === 0 ? 'no members' : quote(names.slice(0, 8)),
    hint: 'a .keras file holds config.json and model.weights.h5, a PyTorch file data.pkl.',
  });
}

function pickleKind(head: Uint8Array): FileKind {
  if (startsWith(head.subarray(2), TORCH_MAGIC)) return 'torch-legacy';
  throw pickleError();
}

function tarKind(head: Uint8Array): FileKind {
  const name = asciiAt(head, 0, 100).replace(/\0.*$/s, '');
  // What torch.save wrote before version 0.1.10: a tar of these members. Source: torch/serialization.py, legacy_load.
  if (/^(\.\/)?(sys_info|storages|tensors|pickle)$/.test(name)) return 'torch-tar';
  throw new LabError({
    problem: 'this is a tar archive.',
    received: quote(name),
    hint: 'unpack it first: tar xf FILE.',
  });
}

function isSafetensors(head: Uint8Array): boolean {
  if (head.length < 9) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return head[8] === 0x7b && view.getUint32(4, true) === 0 && view.getUint32(0, true) <= MAX_SAFETENSORS_HEADER;
}

/** ONNX has no signature: a ModelProto begins with its version and has a graph (7) or operator sets (8). Source: onnx/onnx.proto. */
function protobufKind(head: Uint8Array, file: string): FileKind | null {
  const fields = protobufFields(head);
  const first = fields?.[0];
  if (!fields || !first) return null;
  const has = (number: number, wire: number) => fields.some((field) => field.number === number && field.wire === wire);
  const version = first.number === 1 && first.wire === 0 ? (first.value ?? 0) : 0;
  if (version >= 3 && version <= 100 && has(7, 2) && fields.every(({ number }) => number <= 30)) return 'onnx';
  if (basename(file) === 'saved_model.pb' || (version === 1 && fields[1]?.number === 2 && fields[1].wire === 2)) {
    throw new LabError({
      problem: 'this is a TensorFlow SavedModel, whose layers are compiled into a graph of operations.',
      hint: 'load its folder in Python with tf.keras.models.load_model and save it as .keras or .h5.',
    });
  }
  if (version >= 1 && version <= 20 && fields[1]?.number === 2 && fields.some(({ number }) => number >= 200)) {
    throw new LabError({
      problem: 'this is a CoreML model, which the lab does not open.',
      hint: 'open the model that it was converted from.',
    });
  }
  if (file.endsWith('.pb')) {
    throw new LabError({
      problem: 'this is a TensorFlow graph, which has operations and no layers.',
      hint: 'open the Keras model that it was made from.',
    });
  }
  return null;
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return bytes.length >= start.length && start.every((byte, at) => bytes[at] === byte);
}

function asciiAt(bytes: Uint8Array, from: number, length: number): string {
  return Buffer.from(bytes.subarray(from, from + length)).toString('latin1');
}
