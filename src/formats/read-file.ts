import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { LabError, quote } from '../math/lab-error.ts';
import { jsonErrorOffset } from './json-place.ts';

/** What a person is told in place of these messages, and what to do: a name that may not have been meant as a file's. */
interface NotFound {
  readonly problem: string;
  readonly hint?: string;
}

/** What - stands for. */
export const STANDARD_INPUT = '/dev/stdin';

/** How long a named pipe may be without a writer. */
const WRITER_MILLISECONDS = 2_000;

const NOT_FOUND: NotFound = { problem: 'there is no such file.' };

/** A file's bytes, at most `limit` of them. A missing file, a directory and one that is too large are said as such. */
export function readBounded(file: string, limit: number, notFound = NOT_FOUND): Buffer {
  let handle: number | undefined;
  try {
    // Standard input may be a socket, which has no name to open.
    handle = file === STANDARD_INPUT ? 0 : openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(handle);
    if (stat.isDirectory()) throw directoryError(file);
    if (stat.size > limit) throw tooLarge(file, limit, stat.size);
    if (stat.isFIFO() && file !== STANDARD_INPUT) return readAll(handle, file, limit, Date.now() + WRITER_MILLISECONDS);
    return stat.isFile() && stat.size > 0 ? readWhole(handle, stat.size) : readAll(handle, file, limit);
  } catch (error) {
    throw error instanceof LabError ? error : fileError(file, error as NodeJS.ErrnoException, notFound);
  } finally {
    if (handle) closeSync(handle);
  }
}

/** A file on disk, as long as it is said to be. Where it has become shorter, what there is. */
function readWhole(handle: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  let got = 0;
  while (got < size) {
    const count = readSync(handle, bytes, got, Math.min(size - got, 2 ** 30), null);
    if (count === 0) break;
    got += count;
  }
  return bytes.subarray(0, got);
}

/** A pipe or a device has no size: it is read up to the limit, never further. */
function readAll(handle: number, file: string, limit: number, waitUntil = 0): Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(2 ** 18);
    const count = readChunk(handle, chunk);
    if (count === 0 && size === 0 && Date.now() < waitUntil) {
      pause();
      continue;
    }
    if (count === 0 && size === 0 && waitUntil > 0)
      throw new LabError({ file, problem: 'this is a pipe, and nothing writes into it.' });
    if (count === 0) return Buffer.concat(chunks);
    size += count;
    if (size > limit) throw tooLarge(file, limit);
    chunks.push(chunk.subarray(0, count));
  }
}

/** Waits where standard input does not block and has nothing yet. */
function readChunk(handle: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(handle, chunk);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      pause();
    }
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
}

export function directoryError(file: string): LabError {
  return new LabError({ file, kind: 'missing', problem: 'this is a directory, and a file is wanted.' });
}

/** What the system says about a file, in words. */
export function fileError(file: string, { code, message }: NodeJS.ErrnoException, notFound = NOT_FOUND): LabError {
  const shown = file.length > 200 ? `${file.slice(0, 200)}…` : file;
  if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'].includes(code ?? ''))
    return new LabError({ file: shown, kind: 'missing', ...notFound });
  if (code === 'EISDIR') return directoryError(shown);
  const problem =
    code === 'EACCES' || code === 'EPERM' ? 'the file may not be read.' : `the file cannot be read (${message}).`;
  return new LabError({ file: shown, kind: 'missing', problem });
}

function tooLarge(file: string, limit: number, size?: number): LabError {
  const megabytes = (bytes: number) => `${Number((bytes / 2 ** 20).toFixed(1))} MB`;
  return new LabError({
    file,
    problem: `the file is larger than ${megabytes(limit)}.`,
    received: size === undefined ? undefined : megabytes(size),
    hint: 'is it the right file?',
  });
}

/** JSON text as a value; an error names line and column. */
export function parseJson(json: Buffer | string, file: string): unknown {
  const text = json.toString('utf8').replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text);
  } catch {
    if (text.trim() === '') throw new LabError({ file, problem: 'the file is empty, and JSON is wanted.' });
    const at = jsonErrorOffset(text) ?? text.length;
    const before = text.slice(0, at).split('\n');
    throw new LabError({
      file,
      path: `line ${before.length}, column ${before[before.length - 1].length + 1}`,
      problem: 'this is not JSON.',
      received: at >= text.length ? 'the end of the file' : quote(text.slice(at, at + 20)),
      hint: /['}\]]/.test(text[at] ?? '') ? 'JSON wants double quotes, and no comma before } or ].' : undefined,
    });
  }
}
