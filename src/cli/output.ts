import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** Writes to standard output. Where the reader has gone (`| head -1`) the rest is dropped and the program ends well. */
export async function print(chunks: Iterable<string | Uint8Array>): Promise<void> {
  let closed = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed = true;
  });
  for (const chunk of chunks) {
    if (closed) return;
    if (!process.stdout.write(chunk) && !closed)
      await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')]).catch(() => {});
  }
}

/** Writes a file whole or not at all: beside it first, then renamed. */
export async function writeFile(file: string, chunks: Iterable<string | Uint8Array>): Promise<void> {
  const partial = `${file}.${process.pid}.partial`;
  const out = createWriteStream(partial, { flags: 'wx' });
  try {
    await writeAll(out, chunks);
    await rename(partial, file);
  } catch (error) {
    out.destroy();
    await rm(partial, { force: true });
    throw error;
  }
}

async function writeAll(out: Writable, chunks: Iterable<string | Uint8Array>): Promise<void> {
  const failed = once(out, 'error').then(([error]) => {
    throw error;
  });
  failed.catch(() => {});
  for (const chunk of chunks) {
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
