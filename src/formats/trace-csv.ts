import { row } from '../math/tensor.ts';
import { stepCount } from '../trace/timeline.ts';
import { type CallTrace, isBackward, type Recording } from '../trace/trace.ts';
import { chunked, type Piece } from './chunks.ts';
import { type Selection, selectSteps, type TraceFilter, wasComputed } from './trace-selection.ts';

const COLUMNS = ['run', 'sample', 'layer', 'call', 'direction', 'timestep', 'quantity', 'unit', 'value'];

/**
 * A recording as CSV in long form, one row for each number, in chunks. Runs, samples and calls are counted from 1, as on screen and in the names of
 * NPZ; timesteps (the input's) and units from 0, as in addresses. Masked timesteps have no rows. Quoting is RFC 4180's, lines end with a line feed.
 */
export function traceCsv(recording: Recording, filter: TraceFilter = {}): Iterable<Buffer> {
  return chunked(rowPieces(recording, selectSteps(recording, filter, 'CSV')));
}

function* rowPieces({ runs }: Recording, selection: Selection): Generator<Piece> {
  yield `${COLUMNS.join(',')}\n`;
  for (const [run, samples] of runs.entries()) {
    for (const [sample, trace] of samples.entries()) {
      for (const at of selection.calls) yield* callPieces(`${run + 1},${sample + 1}`, trace.calls[at], selection);
    }
  }
}

function* callPieces(place: string, trace: CallTrace, selection: Selection): Generator<Piece> {
  const { call, quantities } = trace;
  const backward = isBackward(call);
  const start = `${place},${quoted(call.layer.name)},${call.number},${backward ? 'backward' : 'forward'}`;
  const symbols = selection.symbols(trace);
  const steps = stepCount(trace);
  for (let step = 0; step < steps; step++) {
    selection.wrote(symbols.length);
    if (!wasComputed(trace, step)) continue;
    const timestep = backward ? steps - 1 - step : step;
    for (const symbol of symbols) {
      yield { start: `${start},${timestep},${symbol},`, numbers: row(quantities[symbol], step) };
    }
  }
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
