import { once } from 'node:events';
import { constants, createWriteStream, rmSync } from 'node:fs';
import { access, realpath, rename, rm, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { LabError } from '../math/lab-error.ts';

/** As long as nothing else can happen while a file takes whatever it is given, in milliseconds. */
const BREATH_MS = 50;

/**
 * Writes to standard output. Where the reader has gone (`| head -1`) the rest is dropped and the program ends well; a full disk is an error. The signal
 * gives it up also while a reader takes nothing, and where the output is a file, which never lets anybody wait.
 */
export async function print(chunks: Iterable<string | Uint8Array>, signal?: AbortSignal): Promise<void> {
  const { stdout } = process;
  let failure: NodeJS.ErrnoException | undefined;
  stdout.on('error', (error) => {
    failure ??= error;
  });
  let breathed = performance.now();
  for (const chunk of chunks) {
    if (failure || stdout.errored) break;
    signal?.throwIfAborted();
    // What is taken at once, as by files and most pipes, needs no waiting for.
    if (!stdout.write(chunk) && stdout.writableLength > 0 && !failure) {
      // Whichever comes first; the others are not waited for any longer.
      const wait = new AbortController();
      const events = ['drain', 'close'].map((event) => once(stdout, event, { signal: wait.signal }));
      if (signal) events.push(once(signal, 'abort', { signal: wait.signal }));
      await Promise.race(events).catch(() => {});
      wait.abort();
    }
    if (performance.now() - breathed < BREATH_MS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    breathed = performance.now();
  }
  signal?.throwIfAborted();
  // What went wrong with the last chunk is known when an empty one has been dealt with.
  await new Promise<void>((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    stdout.write('', () => setImmediate(resolve));
  });
  if (failure && failure.code !== 'EPIPE') throw outputError('standard output', failure);
}

/**
 * Writes a file whole or not at all: beside it first, then renamed; nothing is left where the signal gives it up. What is no file (a device, a named
 * pipe) is written to as it is.
 */
export async function writeFile(
  file: string,
  chunks: Iterable<string | Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  try {
    const there = await stat(file).catch(() => null);
    if (there?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR', syscall: 'open' });
    if (there && !there.isFile()) return await writeAll(createWriteStream(file), chunks, signal);
    if (there) await access(file, constants.W_OK);
    // A link stays a link, and what only some may read stays so.
    await writeAndRename(there ? await realpath(file) : file, there?.mode, chunks, signal);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall ? outputError(file, error as NodeJS.ErrnoException) : error;
  }
}

async function writeAndRename(
  file: string,
  mode: number | undefined,
  chunks: Iterable<string | Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const partial = `${file}.${process.pid}.partial`;
  // Where the process is ended from elsewhere, as the lab is by a signal.
  const remove = () => rmSync(partial, { force: true });
  process.on('exit', remove);
  const out = createWriteStream(partial, { flags: 'wx', ...(mode !== undefined && { mode }) });
  try {
    await writeAll(out, chunks, signal);
    await rename(partial, file);
  } catch (error) {
    out.destroy();
    await rm(partial, { force: true });
    throw error;
  } finally {
    process.off('exit', remove);
  }
}

const OUTPUT_PROBLEMS: Readonly<Record<string, string>> = {
  EISDIR: 'this is a directory, and a file is wanted.',
  ENOENT: 'there is no such folder.',
  ENOTDIR: 'there is no such folder.',
  EACCES: 'it may not be written to.',
  EPERM: 'it may not be written to.',
  EROFS: 'it may not be written to.',
  ENOSPC: 'no space is left for it.',
  ENAMETOOLONG: 'the name is too long.',
};

/** What the system says about a place that was to be written to, in words. */
function outputError(file: string, { code = '', message }: NodeJS.ErrnoException): LabError {
  return new LabError({ kind: 'io', file, problem: OUTPUT_PROBLEMS[code] ?? `it cannot be written (${message}).` });
}

async function writeAll(
  out: Writable,
  chunks: Iterable<string | Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const failed = once(out, 'error').then(([error]) => {
    throw error;
  });
  failed.catch(() => {});
  for (const chunk of chunks) {
    signal?.throwIfAborted();
    if (!out.write(chunk)) await Promise.race([once(out, 'drain'), failed]);
  }
  out.end();
  await finished(out);
}

/** A table in plain text: columns as wide as their widest cell. `right` names the columns that are numbers. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: (text: string) => number,
  right: readonly number[] = [],
): string[] {
  const widths = head.map((title, column) => Math.max(width(title), ...rows.map((cells) => width(cells[column]))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const space = ' '.repeat(Math.max(0, widths[column] - width(cell)));
        return right.includes(column) ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((columns) => '─'.repeat(columns)).join('──'), ...rows.map(line)];
}
