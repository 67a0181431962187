import { closeSync, openSync, readSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { LabError } from '../math/lab-error.ts';
import { type LazyRows, type Rows, row, rows, rowsOf, type Tensor, widthOf } from '../math/tensor.ts';
import type { CallTrace, Recording, Trace } from '../trace/trace.ts';
import { type Selection, select, type TraceFilter } from './trace-selection.ts';

/*
 * A format that holds one quantity after the other would have a run of which not all is in memory computed again for each of them. Instead it is
 * computed once, all quantities side by side, each into a temporary file, and the format reads those.
 */

export interface SpoolOptions {
  /** The temporary files' names begin with this: beside what is written, there is room for it. */
  readonly place: string;
  readonly signal?: AbortSignal;
  /** Is told how many of all rows are there. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Spooled {
  /** The same numbers, those that `filter` names from files. */
  readonly recording: Recording;
  /** Takes the files away. */
  dispose(): void;
}

/** Rows that are written at once, and rows that are read at once. */
const [WRITTEN, READ] = [64, 128];
/** As long as nothing else can happen, in milliseconds. */
const PIECE_MS = 15;

/** Where all is in memory, nothing is done. Throws a LabError where there is no room, and the signal's reason where it is given up. */
export async function spooled(recording: Recording, filter: TraceFilter, options: SpoolOptions): Promise<Spooled> {
  const selection = select(recording, filter);
  // One for each quantity, with the rows of one sample after those of another.
  const files: TemporaryFile[] = [];
  const parts = new Map<Rows, Rows>();
  const dispose = () => {
    for (const file of files) file.close();
  };
  // All samples of a batch have one shape, and one that has to be computed is when its turn has come.
  const total = recording.runs.reduce(
    (sum, run) => sum + run.length * wantedRows(run[0], selection).reduce((rows, t) => rows + rowsOf(t), 0),
    0,
  );
  let [done, end] = [0, performance.now() + PIECE_MS];
  try {
    for (const trace of recording.runs.flat()) {
      const wanted = wantedRows(trace, selection);
      while (files.length < wanted.length)
        files.push(temporaryFile(`${options.place}.${process.pid}.${files.length}.tmp`));
      wanted.forEach((t, at) => {
        parts.set(t, rowsOfFile(t, files[at]));
      });
      const most = Math.max(0, ...wanted.map(rowsOf));
      // Side by side: what a window is computed for is read while it is at hand.
      for (let from = 0; from < most; from += WRITTEN) {
        options.signal?.throwIfAborted();
        for (const [at, t] of wanted.entries()) {
          const to = Math.min(rowsOf(t), from + WRITTEN);
          if (from >= to) continue;
          files[at].append(rows(t, from, to));
          done += to - from;
        }
        if (performance.now() < end) continue;
        options.onProgress?.(done, total);
        await new Promise((resolve) => setImmediate(resolve));
        end = performance.now() + PIECE_MS;
      }
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return { recording: files.length === 0 ? recording : replaced(recording, (t) => parts.get(t) ?? t), dispose };
}

/** Of a sample, what is not in memory and would be written. */
function wantedRows(trace: Trace, selection: Selection): LazyRows[] {
  const calls = selection.calls.map((at) => trace.calls[at]);
  const all: (Rows | null)[] = [
    ...calls.flatMap((call) => [...selection.symbols(call).map((symbol) => call.quantities[symbol]), ...call.returns]),
    ...trace.outputs,
  ];
  return [...new Set(all)].filter((t): t is LazyRows => t !== null && !('data' in t));
}

function replaced(recording: Recording, by: (t: Rows) => Rows): Recording {
  const callOf = (call: CallTrace): CallTrace => ({
    ...call,
    quantities: Object.fromEntries(Object.entries(call.quantities).map(([symbol, t]) => [symbol, by(t)])),
    returns: call.returns.map(by),
  });
  const traceOf = ({ inputs, calls, outputs }: Trace): Trace => ({
    inputs,
    calls: calls.map(callOf),
    outputs: outputs.map((t) => t && by(t)),
  });
  return { ...recording, runs: recording.runs.map((run) => run.map(traceOf)) };
}

interface TemporaryFile {
  readonly length: number;
  /** The rows that were read last; of one array only, however many there are in it. */
  block: { readonly of: object; readonly from: number; readonly numbers: Tensor['data'] } | null;
  append(numbers: Tensor['data']): void;
  /** Fills `bytes` with what stands from `position` on. */
  read(bytes: Uint8Array, position: number): void;
  close(): void;
}

/** Where the system lets it, the file has no name from the beginning: whatever ends the process, nothing is left. */
function temporaryFile(path: string): TemporaryFile {
  const file = attempt(() => openSync(path, 'wx+', 0o600));
  let isNamed = true;
  let length = 0;
  try {
    unlinkSync(path);
    isNamed = false;
  } catch {
    // It goes when it is closed.
  }
  return {
    block: null,
    get length() {
      return length;
    },
    append(numbers) {
      const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
      for (let at = 0; at < bytes.length; ) at += attempt(() => writeSync(file, bytes, at));
      length += bytes.length;
    },
    read(bytes, position) {
      for (let at = 0; at < bytes.length; ) {
        const count = readSync(file, bytes, at, bytes.length - at, position + at);
        if (count === 0) throw new Error('a temporary file ends too soon');
        at += count;
      }
    },
    close() {
      closeSync(file);
      if (isNamed) rmSync(path, { force: true });
    },
  };
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isFull = code === 'ENOSPC';
    throw new LabError({
      kind: 'io',
      problem: isFull
        ? 'no space is left for the temporary files that so long a run is written through.'
        : `a temporary file cannot be written (${message}).`,
      hint: `${isFull ? 'name what you need with --layer and --quantity, or ' : ''}give another folder with -o.`,
    });
  }
}

/** The rows that will be appended to the file from now on. */
function rowsOfFile(t: LazyRows, file: TemporaryFile): LazyRows {
  const start = file.length;
  const type = row(t, 0) instanceof Float32Array ? Float32Array : Float64Array;
  const width = widthOf(t);
  const count = rowsOf(t);
  const read = (from: number, to: number): Tensor['data'] => {
    const numbers = new type((to - from) * width);
    file.read(new Uint8Array(numbers.buffer), start + from * width * type.BYTES_PER_ELEMENT);
    return numbers;
  };
  return {
    shape: t.shape,
    read(from, to) {
      if (to - from >= READ) return read(from, to);
      const first = Math.floor(from / READ) * READ;
      if (to > first + READ) return read(from, to);
      let { block } = file;
      if (block?.of !== t || block.from !== first) {
        block = { of: t, from: first, numbers: read(first, Math.min(count, first + READ)) };
        file.block = block;
      }
      return block.numbers.subarray((from - first) * width, (to - first) * width);
    },
  };
}
