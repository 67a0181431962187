import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, resolve, sep } from 'node:path';
import { LabError } from '../../math/lab-error.ts';
import { fileError } from '../read-file.ts';
import type { ReadExternal } from './tensor-proto.ts';

/**
 * Reads tensors that stand in files beside the model (ONNX's external data). A file is named relative to the model's folder; one that lies outside of
 * it, also by a link, is refused. Never more is read than the tensor's shape asks for and the file has.
 */
export function externalData(model: string): ReadExternal {
  const folder = dirname(resolve(model));
  return (entries, bytes, path) => {
    const location = entries.get('location') ?? '';
    const offset = wholeNumber(entries.get('offset') ?? '0');
    const length = wholeNumber(entries.get('length') ?? `${bytes}`);
    const file = inside(folder, location, path);
    if (offset === null || length !== bytes) {
      throw new LabError({
        path,
        problem: `its numbers, ${bytes} bytes, are said to be in "${location}", at an impossible place.`,
        received: `offset ${entries.get('offset') ?? 0}, length ${entries.get('length')}`,
      });
    }
    return readAt(file, location, offset, length, path);
  };
}

function wholeNumber(text: string): number | null {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : null;
}

function inside(folder: string, location: string, path: string): string {
  const refused = (problem: string, hint?: string) =>
    new LabError({ path, problem, received: JSON.stringify(location.slice(0, 200)), hint });
  const parts = location.split(/[\\/]/);
  if (
    location === '' ||
    location.includes('\0') ||
    isAbsolute(location) ||
    /^[A-Za-z]:/.test(location) ||
    parts.includes('..')
  )
    throw refused('its numbers are said to be in a file outside the model’s folder, which is not opened.');
  const file = resolve(folder, ...parts);
  let real: string;
  let root: string;
  try {
    root = realpathSync(folder);
    real = realpathSync(file);
  } catch {
    throw refused(
      'its numbers are in a file that is not beside the model.',
      'copy the data file with the model: exporters write model.onnx.data beside model.onnx.',
    );
  }
  if (!real.startsWith(root.endsWith(sep) ? root : root + sep))
    throw refused('its numbers are said to be in a file outside the model’s folder, by a link, which is not followed.');
  return real;
}

function readAt(file: string, location: string, offset: number, length: number, path: string): Uint8Array {
  let handle: number | undefined;
  try {
    handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(handle);
    if (!stat.isFile()) throw new LabError({ path, problem: `"${location}" is no file.` });
    if (offset + length > stat.size) {
      throw new LabError({
        path,
        problem: `"${location}" ends before its numbers do.`,
        received: `${stat.size} bytes, and ${offset + length} are needed`,
        hint: 'was the data file copied or downloaded completely?',
      });
    }
    const bytes = new Uint8Array(length);
    let got = 0;
    while (got < length) {
      const count = readSync(handle, bytes, got, length - got, offset + got);
      if (count === 0) throw new LabError({ path, problem: `"${location}" ends before its numbers do.` });
      got += count;
    }
    return bytes;
  } catch (error) {
    throw error instanceof LabError ? error : fileError(file, error as NodeJS.ErrnoException);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
