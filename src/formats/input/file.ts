import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { LabError, quote } from '../../math/lab-error.ts';
import { jsonErrorOffset } from '../json-place.ts';

/** An input is data, so that a file may be large; what is larger is not meant. */
const MAX_BYTES = 256 * 2 ** 20;

/** The bytes of a file (or a pipe). Where there is no such file, `spec` is what the person wrote for it. */
export function readInputFile(file: string, spec = file, limit = MAX_BYTES): Buffer {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    const stat = fstatSync(handle);
    if (stat.isDirectory())
      throw new LabError({ file, kind: 'missing', problem: 'this is a directory, and a file is wanted.' });
    if (stat.size > limit) throw tooLarge(file, limit);
    return readAll(handle, file, limit);
  } catch (error) {
    if (error instanceof LabError) throw error;
    throw missing(spec, error as NodeJS.ErrnoException);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** A pipe has no size: it is read up to the limit, never further. */
function readAll(handle: number, file: string, limit: number): Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(2 ** 20);
    const count = readSync(handle, chunk);
    if (count === 0) return Buffer.concat(chunks);
    size += count;
    if (size > limit) throw tooLarge(file, limit);
    chunks.push(chunk.subarray(0, count));
  }
}

/** JSON as a value; an error names line and column. */
export function parseInputJson(json: Buffer | string, file: string): unknown {
  const text = json.toString('utf8').replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text);
  } catch {
    if (text.trim() === '') throw new LabError({ file, problem: 'the file is empty, and JSON is wanted.' });
    const offset = jsonErrorOffset(text) ?? text.length;
    const before = text.slice(0, offset).split('\n');
    throw new LabError({
      file,
      path: `line ${before.length}, column ${before[before.length - 1].length + 1}`,
      problem: 'this is not JSON.',
      received: offset === text.length ? 'the end of the file' : quote(text.slice(offset, offset + 20)),
      hint: /['}\]]/.test(text[offset] ?? '') ? 'JSON wants double quotes, and no comma before } or ].' : undefined,
    });
  }
}

function tooLarge(file: string, limit: number): LabError {
  return new LabError({
    file,
    problem: `the file is larger than ${limit / 2 ** 20} MB.`,
    hint: 'is it the right file?',
  });
}

function missing(spec: string, { code, message }: NodeJS.ErrnoException): LabError {
  const problems: Record<string, string> = {
    ENOENT: 'there is no such file, and it is not numbers either.',
    ENOTDIR: 'there is no such file, and it is not numbers either.',
    ENAMETOOLONG: 'this is neither numbers nor the name of a file.',
    ERR_INVALID_ARG_VALUE: 'this is neither numbers nor the name of a file.',
    EISDIR: 'this is a directory, and a file is wanted.',
    EACCES: 'the file may not be read.',
    EPERM: 'the file may not be read.',
  };
  return new LabError({
    file: spec.length > 200 ? `${spec.slice(0, 200)}…` : spec,
    kind: 'missing',
    problem: problems[code ?? ''] ?? `the file cannot be read (${message}).`,
    hint: code === 'ENOENT' ? 'numbers are written "0.1, 0.2, 0.3"; ; ends a timestep.' : undefined,
  });
}
