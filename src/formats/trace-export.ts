import type { Recording } from '../trace/trace.ts';
import { traceCsv } from './trace-csv.ts';
import type { TraceJsonOptions } from './trace-json.ts';
import { type SpoolOptions, spooled } from './trace-spool.ts';

export type TraceFormat = 'json' | 'csv' | 'npz';

export interface TraceExport {
  readonly chunks: Iterable<string | Uint8Array>;
  /** To be called when they are written, or will not be: temporary files go. */
  dispose(): void;
}

/**
 * A recording as a file, in chunks, in as little memory as it has itself. What is not in memory is computed once more for it, and goes through temporary
 * files where the format has one quantity after the other. Throws a LabError for a layer or quantity that is not there.
 */
export async function exportTrace(
  recording: Recording,
  format: TraceFormat,
  options: TraceJsonOptions,
  spool: SpoolOptions,
): Promise<TraceExport> {
  // CSV has all quantities of a timestep side by side.
  if (format === 'csv') return { chunks: traceCsv(recording, options), dispose: () => {} };
  const serialize =
    format === 'json' ? (await import('./trace-json.ts')).traceJson : (await import('./trace-npz.ts')).traceNpz;
  // What is wrong with the options is said before anything is computed.
  serialize(recording, options);
  const { recording: read, dispose } = await spooled(recording, options, spool);
  return { chunks: serialize(read, options), dispose };
}
