import { extname } from 'node:path';
import type { TraceFormat } from '../../formats/trace-export.ts';
import { hasSteps } from '../../formats/trace-selection.ts';
import { LabError, printable } from '../../math/lab-error.ts';
import { interruptible } from '../interrupt.ts';
import { tellingPerson } from '../progress.ts';
import { type OpenOptions, openSubject } from '../subject.ts';
import { writeTrace } from '../write-trace.ts';

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
  const subject = await openSubject(name, { ...options, telling });
  for (const note of subject.notes) process.stderr.write(`lstm-lab: ${printable(note)}\n`);
  if (format === 'csv' && !subject.recording.runs[0][0].calls.some(({ call }) => hasSteps(call.layer)))
    process.stderr.write(NO_STEPS);
  const file = options.output === '-' ? undefined : options.output;
  const filter = { layers: options.layer, quantities: options.quantity };
  await telling('writing the trace', 0, (task) => writeTrace(subject, format, filter, file, task));
}

const NO_STEPS =
  'lstm-lab: CSV holds the quantities of recurrent layers at each timestep, and this model has none: --format json has every layer’s output\n';

/** What the file's ending says. Throws a LabError of kind `usage` where it says something that a trace is not written as. */
function formatOf(file: string | undefined): TraceFormat | undefined {
  const ending = file === undefined ? '' : extname(file).slice(1).toLowerCase();
  if (ending === '') return undefined;
  const format = (['json', 'csv', 'npz'] as const).find((each) => each === ending);
  if (format) return format;
  throw new LabError({
    kind: 'usage',
    path: '--output',
    problem: 'the ending says what is written, and a trace is written as .json, .csv or .npz.',
    received: JSON.stringify(file),
    hint: '--format json, csv or npz writes it under any name.',
  });
}
