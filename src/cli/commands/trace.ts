import { extname } from 'node:path';
import type { TraceJsonOptions } from '../../formats/trace-json.ts';
import { LabError, printable } from '../../math/lab-error.ts';
import type { Recording } from '../../trace/trace.ts';
import { interruptible } from '../interrupt.ts';
import { print, writeFile } from '../output.ts';
import { tellingPerson } from '../progress.ts';
import { type OpenOptions, openSubject } from '../subject.ts';

type Format = 'json' | 'csv' | 'npz';

export interface TraceOptions extends OpenOptions {
  readonly layer?: readonly string[];
  readonly quantity?: readonly string[];
  readonly format?: Format;
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

async function write(name: string, format: Format, options: TraceOptions, signal: AbortSignal): Promise<void> {
  const { recording, notes, origin } = await openSubject(name, { ...options, telling: tellingPerson(signal) });
  for (const note of notes) process.stderr.write(`lstm-lab: ${printable(note)}\n`);
  const chunks = await serialize(recording, format, {
    layers: options.layer,
    quantities: options.quantity,
    source: origin?.format === 'preset' ? 'preset' : (origin?.file ?? null),
    madeWith: origin?.madeWith ?? null,
  });
  if (options.output === undefined || options.output === '-') await print(chunks);
  else await writeFile(options.output, chunks, signal);
}

async function serialize(
  recording: Recording,
  format: Format,
  filter: TraceJsonOptions,
): Promise<Iterable<string | Uint8Array>> {
  switch (format) {
    case 'json':
      return (await import('../../formats/trace-json.ts')).traceJson(recording, filter);
    case 'csv':
      return (await import('../../formats/trace-csv.ts')).traceCsv(recording, filter);
    case 'npz':
      return (await import('../../formats/trace-npz.ts')).traceNpz(recording, filter);
  }
}

function formatOf(file: string | undefined): Format | undefined {
  const ending = file === undefined ? '' : extname(file).slice(1).toLowerCase();
  return (['json', 'csv', 'npz'] as const).find((format) => format === ending);
}
