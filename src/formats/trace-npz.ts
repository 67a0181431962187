import { Zip, ZipPassThrough } from 'fflate';
import { LabError } from '../math/lab-error.ts';
import { type Rows, rows, rowsOf, sizeOf } from '../math/tensor.ts';
import { callName } from '../model/graph.ts';
import type { CallTrace, Recording, Trace } from '../trace/trace.ts';
import { npyHeader } from './trace-npz/npy.ts';
import { type Selection, samplesOfCall, selectSteps, type TraceFilter } from './trace-selection.ts';

/** ZIP counts bytes and offsets in 32 bits; the archive's directory needs some room too. */
const MAX_BYTES = 2 ** 32 - 2 ** 26;

/** The same file at any time of day: ZIP's first moment. */
const EPOCH = new Date(1980, 0, 1);

/** Rows that are written at once. */
const BLOCK = 256;

/** One array of the archive: a tensor of each sample, the batch axis before them. */
interface Entry {
  readonly name: string;
  readonly samples: readonly Rows[];
}

/**
 * A recording as NPZ, what numpy.load reads, in chunks: `inputs.0`, `outputs.0`, `lstm_1.f` [batch, timesteps, units] in processing order, `lstm_1#2.f`
 * for a second call, `run2/lstm_1.f` for a second batch. Float64, or float32 where that is what was computed; stored without compression; NaN where a mask skipped a step.
 * Format: numpy/lib/format.py.
 */
export function traceNpz(recording: Recording, filter: TraceFilter = {}): Iterable<Uint8Array> {
  const selection = selectSteps(recording, filter, 'NPZ');
  const entries = recording.runs.flatMap((run, at) => runEntries(run, selection, at === 0 ? '' : `run${at + 1}/`));
  const bytes = entries.reduce(
    (sum, { samples }) => sum + bytesOf(samples) * samples.length * sizeOf(samples[0].shape) + 512,
    0,
  );
  if (bytes > MAX_BYTES) {
    throw new LabError({
      problem: 'an NPZ file holds less than 4 GB.',
      received: `${(bytes / 2 ** 30).toFixed(1)} GB`,
      hint: 'name what you need with --layer and --quantity, or write JSON or CSV.',
    });
  }
  return archive(entries);
}

function runEntries(run: readonly Trace[], selection: Selection, prefix: string): Entry[] {
  return [
    ...run[0].inputs.map((_, at) => ({ name: `${prefix}inputs.${at}`, samples: run.map(({ inputs }) => inputs[at]) })),
    ...run[0].outputs.flatMap((output, at) =>
      output === null
        ? []
        : [{ name: `${prefix}outputs.${at}`, samples: run.map(({ outputs }) => outputs[at] as Rows) }],
    ),
    ...selection.calls.flatMap((at) => callEntries(samplesOfCall(run, at), selection, prefix)),
  ];
}

function callEntries(samples: readonly CallTrace[], selection: Selection, prefix: string): Entry[] {
  return selection.symbols(samples[0]).map((symbol) => ({
    name: `${prefix}${callName(samples[0].call)}.${symbol}`,
    samples: samples.map(({ quantities }) => quantities[symbol]),
  }));
}

function* archive(entries: readonly Entry[]): Generator<Uint8Array> {
  let ready: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    ready.push(chunk);
  });
  for (const { name, samples } of entries) {
    const file = new ZipPassThrough(`${name}.npy`);
    file.mtime = EPOCH;
    zip.add(file);
    const shape = [samples.length, ...samples[0].shape];
    const bytes = bytesOf(samples);
    file.push(npyHeader(shape, bytes), sizeOf(shape) === 0);
    for (const [at, sample] of samples.entries()) {
      const count = rowsOf(sample);
      for (let from = 0; from < count; from += BLOCK) {
        const to = Math.min(count, from + BLOCK);
        file.push(littleEndian(rows(sample, from, to), bytes), at === samples.length - 1 && to === count);
        yield* ready;
        ready = [];
      }
    }
  }
  zip.end();
  yield* ready;
}

/** Bytes of a number: an array has one type for all samples. */
function bytesOf(samples: readonly Rows[]): 4 | 8 {
  return samples.every((t) => rows(t, 0, Math.min(1, rowsOf(t))) instanceof Float32Array) ? 4 : 8;
}

function littleEndian(data: ArrayLike<number>, size: 4 | 8): Uint8Array {
  const bytes = new Uint8Array(size * data.length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < data.length; at++) {
    if (size === 4) view.setFloat32(4 * at, data[at], true);
    else view.setFloat64(8 * at, data[at], true);
  }
  return bytes;
}
