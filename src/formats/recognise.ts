import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { LabError } from '../math/lab-error.ts';
import { isHdf5 } from './hdf5/signature.ts';
import { fileError, STANDARD_INPUT } from './read-file.ts';
import { binaryKind } from './recognise/binary.ts';
import type { FileKind } from './recognise/file-kind.ts';
import { folderError } from './recognise/folder.ts';
import { textKind } from './recognise/text.ts';

/** As many bytes of a file's beginning as it is recognised by: HDF5 and ZIP, which may be large, by fewer; and of a ZIP's end, which lists the members. */
const HEAD_BYTES = 2 ** 20;
const FIRST_BYTES = 2 ** 12;
const TAIL_BYTES = 2 ** 16;

/**
 * What a file is, by its first bytes (for a ZIP also its last ones, which list the members); the name is only for messages. JSON that is nothing
 * else is taken for a preset, whose reader says what is wrong with it. What the lab does not open is a LabError that names it and says what can be done.
 */
export function recognise(head: Uint8Array, file: string, tail: Uint8Array = new Uint8Array()): FileKind {
  try {
    if (head.length === 0)
      throw new LabError({ problem: 'the file is empty.', hint: 'was it copied or downloaded completely?' });
    const kind = binaryKind(head, tail, file) ?? textKind(head, file);
    if (kind !== null) return kind;
  } catch (error) {
    throw error instanceof LabError ? error.within({ file }) : error;
  }
  throw new LabError({
    file,
    problem: 'this is no model that the lab knows.',
    received: `a file that begins with ${shown(head)}`,
    hint: /shard\d+of\d+|weights\.bin$/.test(file)
      ? 'if these are weights of TensorFlow.js, open the model.json beside them.'
      : 'it opens Keras (.keras, .h5, config.json), TensorFlow.js (model.json), PyTorch (.pt, .safetensors), ONNX and presets.',
  });
}

/**
 * `recognise` for a file on disk: reads its beginning and end. A folder is told which of its files is the model. What can be read only once (a pipe,
 * standard input) is not looked into: a preset may come that way.
 */
export function recogniseFile(file: string): FileKind {
  if (file === STANDARD_INPUT) return 'preset';
  refuseFolder(file);
  let handle: number | undefined;
  try {
    handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(handle);
    if (!stat.isFile()) return 'preset';
    const { size } = stat;
    const first = readAt(handle, 0, Math.min(size, FIRST_BYTES));
    if (first[0] === 0x50 && first[1] === 0x4b)
      return recognise(first, file, readAt(handle, Math.max(0, size - TAIL_BYTES), TAIL_BYTES));
    return recognise(isHdf5(first) ? first : readAt(handle, 0, Math.min(size, HEAD_BYTES)), file);
  } catch (error) {
    throw error instanceof LabError ? error : fileError(file, error as NodeJS.ErrnoException);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function readAt(handle: number, from: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let got = 0;
  while (got < length) {
    const count = readSync(handle, bytes, got, length - got, from + got);
    if (count === 0) break;
    got += count;
  }
  return bytes.subarray(0, got);
}

function refuseFolder(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw folderError(file);
}

function shown(head: Uint8Array): string {
  const bytes = Array.from(head.subarray(0, 8));
  const text = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return text
    ? JSON.stringify(String.fromCharCode(...bytes))
    : bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
