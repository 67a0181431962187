import { fstatSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { LabError } from '../math/lab-error.ts';
import { readBounded } from './read-file.ts';

/** What is smaller is read before anybody could notice. */
const LARGE = 2 ** 24;

/** As much as is read between two pauses. */
const BLOCK = 2 ** 23;

/** Who is told how many bytes of a large file are read, and what gives it up: what is thrown then is the signal's reason. */
export interface Reading {
  readonly signal?: AbortSignal;
  readonly onRead?: (done: number, total: number) => void;
}

/** The same bytes as `readBounded`; a large file is read block by block, and other things can happen in between. */
export async function readInBlocks(file: string, limit: number, { signal, onRead }: Reading = {}): Promise<Buffer> {
  if (!signal && !onRead) return readBounded(file, limit);
  if (!mayBeLarge(file)) return readBounded(file, limit);
  const handle = await open(file, 'r').catch(() => null);
  try {
    const stat = handle && fstatSync(handle.fd);
    // What cannot be opened, is no file or is too large is said there.
    if (!handle || !stat?.isFile() || stat.size < LARGE || stat.size > limit) return readBounded(file, limit);
    const bytes = Buffer.allocUnsafeSlow(stat.size);
    for (let done = 0; done < stat.size; ) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(bytes, done, Math.min(BLOCK, stat.size - done), done);
      if (bytesRead === 0) throw new LabError({ file, problem: 'the file became shorter while it was read.' });
      done += bytesRead;
      onRead?.(done, stat.size);
    }
    signal?.throwIfAborted();
    return bytes;
  } finally {
    await handle?.close();
  }
}

/** To open a file and close it again takes longer than to read a small one. */
function mayBeLarge(file: string): boolean {
  try {
    return statSync(file).size >= LARGE;
  } catch {
    // What is wrong with it is said where it is read.
    return false;
  }
}
