import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { TraceFormat } from '../../formats/trace-export.ts';
import { LabError, printable } from '../../math/lab-error.ts';
import { meter } from '../../session/work.ts';
import { interruptible } from '../interrupt.ts';
import { print, writeFile } from '../output.ts';
import { tellingPerson } from '../progress.ts';
import { type OpenOptions, openSubject } from '../subject.ts';

export interface TraceOptions extends OpenOptions {
  readonly layer?: readonly string[];
  readonly quantity?: readonly string[];
  readonly format?: TraceFormat;
  readonly output?: string;
}

/** `lstm-lab trace PRESET`: the data goes to standard output or a file, what is to be said to standard error. */
export async function trace(name: string, options: TraceOptions): Promise<void> {
  const format = options.format ?? formatOf(options.output) ?? 'json';
  if (format === 'npz' && options.output === undefined && process.stdout.isTTY) {
    throw new LabError({
      kind: 'usage',
      problem: 'NPZ is not for a terminal.',
      hint: 'give -o trace.npz, or send standard output to a file.',
    });
  }
  await interruptible((signal) => write(name, format, options, signal));
}

async function write(name: string, format: TraceFormat, options: TraceOptions, signal: AbortSignal): Promise<void> {
  const telling = tellingPerson(signal);
  const { recording, notes, origin } = await openSubject(name, { ...options, telling });
  for (const note of notes) process.stderr.write(`lstm-lab: ${printable(note)}\n`);
  const file = options.output === '-' ? undefined : options.output;
  const { exportTrace } = await import('../../formats/trace-export.ts');
  const filter = {
    layers: options.layer,
    quantities: options.quantity,
    source: origin?.format === 'preset' ? 'preset' : (origin?.file ?? null),
    madeWith: origin?.madeWith ?? null,
  };
  await telling('writing the trace', 0, async ({ onWork }) => {
    const said = (text: string) => {
      let progress: ReturnType<typeof meter> | undefined;
      return (done: number, total: number) => {
        progress ??= meter('rows', () => performance.now());
        onWork({ text, progress: progress(done, total) });
      };
    };
    const { chunks, dispose } = await exportTrace(
      recording,
      format,
      { ...filter, onRows: said('writing') },
      { place: placeFor(file), signal, onProgress: said('computing for the file') },
    );
    try {
      if (file === undefined) await print(chunks, signal);
      else await writeFile(file, chunks, signal);
    } finally {
      dispose();
    }
  });
}

/** Temporary files stand beside the file that is written; beside a device or a pipe there is no room for them. */
function placeFor(file: string | undefined): string {
  const there = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
  const isSpecial = there !== undefined && !there.isFile() && !there.isDirectory();
  return file === undefined || isSpecial ? join(tmpdir(), 'lstm-lab-trace') : file;
}

function formatOf(file: string | undefined): TraceFormat | undefined {
  const ending = file === undefined ? '' : extname(file).slice(1).toLowerCase();
  return (['json', 'csv', 'npz'] as const).find((format) => format === ending);
}
