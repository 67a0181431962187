import { endianness } from 'node:os';
import { type Rows, rows, rowsOf, sizeOf, type Tensor } from '../math/tensor.ts';
import { callName } from '../model/graph.ts';
import type { CallTrace, Recording, Trace } from '../trace/trace.ts';
import { npyHeader } from './trace-npz/npy.ts';
import { type StoredFile, storedZip } from './trace-npz/stored-zip.ts';
import { type Selection, samplesOfCall, selectSteps, type TraceFilter } from './trace-selection.ts';

/** Rows that are written at once. */
const BLOCK = 256;

/** One array of the archive: a tensor of each sample, the batch axis before them. */
interface Entry {
  readonly name: string;
  readonly samples: readonly Rows[];
  /** Is told of rows that are written. */
  readonly wrote?: (rows: number) => void;
}

/**
 * A recording as NPZ, what numpy.load reads, in chunks: `inputs.0`, `outputs.0`, `lstm_1.f` [batch, timesteps, units] in processing order, `lstm_1#2.f`
 * for a second call, `run2/lstm_1.f` for a second batch. Float64, or float32 where that is what was computed; stored without compression; NaN where a mask skipped a step.
 * Format: numpy/lib/format.py.
 */
export function traceNpz(recording: Recording, filter: TraceFilter = {}): Iterable<Uint8Array> {
  const selection = selectSteps(recording, filter, 'NPZ');
  return storedZip(filesOf(recording, selection));
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
    wrote: selection.wrote,
  }));
}

function* filesOf({ runs }: Recording, selection: Selection): Generator<StoredFile> {
  for (const [run, traces] of runs.entries()) {
    for (const entry of runEntries(traces, selection, run === 0 ? '' : `run${run + 1}/`)) yield fileOf(entry);
  }
}

function fileOf({ name, samples, wrote }: Entry): StoredFile {
  const shape = [samples.length, ...samples[0].shape];
  const bytes = bytesOf(samples);
  const header = npyHeader(shape, bytes);
  const size = header.length + bytes * sizeOf(shape);
  return { name: `${name}.npy`, size, chunks: chunksOf(header, samples, bytes, wrote) };
}

function* chunksOf(
  header: Uint8Array,
  samples: readonly Rows[],
  bytes: 4 | 8,
  wrote?: (rows: number) => void,
): Generator<Uint8Array> {
  yield header;
  for (const sample of samples) {
    const count = rowsOf(sample);
    for (let from = 0; from < count; from += BLOCK) {
      const to = Math.min(count, from + BLOCK);
      yield littleEndian(rows(sample, from, to), bytes);
      wrote?.(to - from);
    }
  }
}

/** Bytes of a number: an array has one type for all samples. */
function bytesOf(samples: readonly Rows[]): 4 | 8 {
  return samples.every((t) => rows(t, 0, Math.min(1, rowsOf(t))) instanceof Float32Array) ? 4 : 8;
}

function littleEndian(data: Tensor['data'], size: 4 | 8): Uint8Array {
  if (data.BYTES_PER_ELEMENT === size && endianness() === 'LE')
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const bytes = new Uint8Array(size * data.length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < data.length; at++) {
    if (size === 4) view.setFloat32(4 * at, data[at], true);
    else view.setFloat64(8 * at, data[at], true);
  }
  return bytes;
}
