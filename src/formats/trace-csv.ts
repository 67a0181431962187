import { row } from '../math/tensor.ts';
import { stepCount } from '../trace/timeline.ts';
import { type CallTrace, isBackward, type Recording } from '../trace/trace.ts';
import { chunked, numberText } from './chunks.ts';
import { type Selection, selectSteps, type TraceFilter, wasComputed } from './trace-selection.ts';

const COLUMNS = ['run', 'sample', 'layer', 'call', 'direction', 'timestep', 'quantity', 'unit', 'value'];

/**
 * A recording as CSV in long form, one row for each number, in chunks. Runs, samples and calls are counted from 1, as on screen and in the names of
 * NPZ; timesteps (the input's) and units from 0, as in addresses. Masked timesteps have no rows. Quoting is RFC 4180's, lines end with a line feed.
 */
export function traceCsv(recording: Recording, filter: TraceFilter = {}): Iterable<string> {
  return chunked(rowPieces(recording, selectSteps(recording, filter, 'CSV')));
}

function* rowPieces({ runs }: Recording, selection: Selection): Generator<string> {
  yield `${COLUMNS.join(',')}\n`;
  for (const [run, samples] of runs.entries()) {
    for (const [sample, trace] of samples.entries()) {
      for (const at of selection.calls) yield* callPieces(`${run + 1},${sample + 1}`, trace.calls[at], selection);
    }
  }
}

function* callPieces(place: string, trace: CallTrace, selection: Selection): Generator<string> {
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
      const place = `${start},${timestep},${symbol},`;
      const values = row(quantities[symbol], step);
      // All rows of a quantity as one text, which takes half the time.
      let text = '';
      for (let unit = 0; unit < values.length; unit++) text += `${place}${unit},${numberText(values[unit])}\n`;
      yield text;
    }
  }
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
