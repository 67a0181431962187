import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { LabError } from '../math/lab-error.ts';
import { fileError } from './read-file.ts';
import { refuseOutside, type Source } from './source.ts';

/** Short reads come from pages that are kept, so many of so many bytes: the structure of a file, and rows that are looked up again. */
const PAGE = 2 ** 14;
const MAX_PAGES = 256;

/** As much as one call reads. */
const MAX_READ = 2 ** 30;

/**
 * A file on disk that is read by ranges, now and later. It is open only while it is read: it is closed in the next turn of the event loop, and opened again
 * when more is wanted. Throws a LabError if it is another file by then, has changed or is gone.
 */
export function fileSource(file: string): Source {
  const path = resolve(file);
  let handle: number | undefined;
  let known: Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs'> | undefined;
  const close = () => {
    if (handle !== undefined) closeSync(handle);
    handle = undefined;
  };
  const opened = () => {
    if (handle !== undefined) return handle;
    handle = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    setImmediate(close);
    const { dev, ino, size, mtimeMs } = fstatSync(handle);
    known ??= { dev, ino, size, mtimeMs };
    if (dev === known.dev && ino === known.ino && size === known.size && mtimeMs === known.mtimeMs) return handle;
    close();
    throw changed(file);
  };
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof LabError) throw error;
      throw fileError(file, error as NodeJS.ErrnoException, known === undefined ? undefined : GONE);
    }
  };
  const readInto = (bytes: Uint8Array, from: number) => {
    for (let got = 0; got < bytes.length; ) {
      const count = attempt(() => readSync(opened(), bytes, got, Math.min(bytes.length - got, MAX_READ), from + got));
      if (count === 0) throw changed(file);
      got += count;
    }
    return bytes;
  };
  const { size } = fstatSync(attempt(opened));
  const pages = new Map<number, Uint8Array>();
  const page = (number: number) => {
    const from = number * PAGE;
    const kept = pages.get(number) ?? readInto(room(Math.min(PAGE, size - from)), from);
    // The one that was wanted last is the last to go.
    pages.delete(number);
    pages.set(number, kept);
    if (pages.size > MAX_PAGES) pages.delete(pages.keys().next().value as number);
    return kept;
  };
  return {
    size,
    isOnDisk: true,
    read(from, length) {
      refuseOutside(from, length, size);
      const offset = from % PAGE;
      if (offset + length > PAGE) return readInto(room(length), from);
      return page(Math.floor(from / PAGE)).subarray(offset, offset + length);
    },
  };
}

/** Bytes that are written next, and need not be zero. */
function room(length: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}

const GONE = { problem: 'the file is gone, and more of it is needed.', hint: 'put it back, or open another.' };

function changed(file: string): LabError {
  return new LabError({ file, problem: 'the file has changed since it was opened.', hint: 'open it again.' });
}
