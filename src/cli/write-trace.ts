import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportTrace, type TraceFormat } from '../formats/trace-export.ts';
import type { TraceFilter } from '../formats/trace-selection.ts';
import type { Subject } from '../session/session.ts';
import { meter, type Task } from '../session/work.ts';
import { print, writeFile } from './output.ts';

/** Writes what `filter` picks of a recording to a file, or to standard output, and says how far it is. */
export async function writeTrace(
  { recording, origin }: Pick<Subject, 'recording' | 'origin'>,
  format: TraceFormat,
  filter: TraceFilter,
  file: string | undefined,
  { signal, onWork }: Task,
): Promise<void> {
  // Each part of the work has its own time.
  const said = (text: string) => {
    let progress: ReturnType<typeof meter> | undefined;
    return (done: number, total: number) => {
      progress ??= meter('rows', () => performance.now());
      onWork({ text, progress: progress(done, total) });
    };
  };
  const options = {
    ...filter,
    source: origin?.format === 'preset' ? 'preset' : (origin?.file ?? null),
    madeWith: origin?.madeWith ?? null,
    // On a terminal the numbers themselves say how far it is.
    ...((file !== undefined || !process.stdout.isTTY) && {
      onRows: said(file === undefined ? 'writing' : `writing ${file}:`),
    }),
  };
  const spool = { place: placeFor(file), signal, onProgress: said('computing for the file:') };
  const { chunks, dispose } = await exportTrace(recording, format, options, spool);
  try {
    if (file === undefined) await print(chunks, signal);
    else await writeFile(file, chunks, signal);
  } finally {
    dispose();
  }
}

/** Temporary files stand beside the file that is written; beside a device or a pipe there is no room for them. */
function placeFor(file: string | undefined): string {
  const there = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
  const isSpecial = there !== undefined && !there.isFile() && !there.isDirectory();
  return file === undefined || isSpecial ? join(tmpdir(), 'lstm-lab-trace') : file;
}
