import { type Extremes, type Rows, row } from '../../math/tensor.ts';
import { extremes } from '../../trace/extremes.ts';
import { isUsed, stepOf } from '../../trace/timeline.ts';
import { isBackward } from '../../trace/trace.ts';
import { type Span, span } from '../line.ts';
import { numberCell } from '../notation.ts';
import { heatCell, heatNotComputed } from '../theme/heat.ts';
import type { Drawn } from './drawn.ts';
import { type Cell, maskedCell, type Window } from './heatmap.ts';
import { isAhead, isMissing, type Series } from './series.ts';
import { cellsOf, type TimeColumns } from './time-axis.ts';

// A column that stands for several timesteps shows the largest of them over the smallest: a spike that lasts one timestep of 100,000 is seen.

export type End = 'maximum' | 'minimum';
export const ENDS: readonly End[] = ['maximum', 'minimum'];

/** What a column of several timesteps holds. */
interface Column {
  readonly timesteps: Window;
  /** Of each unit. */
  readonly ofUnits: Extremes;
  /** Of all units together. */
  readonly ofAll: Readonly<Record<End, number>>;
  /** Whether any of the timesteps is not skipped. */
  readonly used: boolean;
  /** Whether all of them were there when it was looked at. */
  readonly complete: boolean;
}

interface Columns {
  /** Rows that were there. */
  readonly computed: number;
  readonly columns: readonly Column[];
}

/** The timeline and a view may show the same, in columns of their own; a terminal that has got another size asks for others. */
const REMEMBERED = 3;

const known = new WeakMap<Rows, Map<string, Columns>>();

/** The columns of a quantity: the same at every key, as long as the screen is as wide. */
export function columnsOf({ at, series }: Pick<Drawn, 'at' | 'series'>, time: TimeColumns): readonly Column[] {
  const key = `${time.shown.from} ${time.shown.count} ${time.each}`;
  const found = known.get(series.tensor) ?? new Map<string, Columns>();
  known.set(series.tensor, found);
  const before = found.get(key);
  if (before?.computed === at.computed) return before.columns;
  const columns = cellsOf(time).map((timesteps, n): Column => {
    // Of a run that is still being computed only what is new is looked at.
    const known = before?.columns[n];
    if (known?.complete) return known;
    const ofUnits = extremesAt(at, series, timesteps);
    return {
      timesteps,
      ofUnits,
      ofAll: { maximum: endOf(ofUnits.maximum, 'maximum'), minimum: endOf(ofUnits.minimum, 'minimum') },
      used: isAnyUsed(at, timesteps),
      complete: ends(at, timesteps).last < at.computed,
    };
  });
  const [oldest] = found.keys();
  if (!before && found.size === REMEMBERED) found.delete(oldest);
  found.set(key, { computed: at.computed, columns });
  return columns;
}

/** The first and the last step of a column's timesteps, in processing order. */
function ends({ callTrace }: Drawn['at'], { from, count }: Window): { first: number; last: number } {
  const [a, b] = [stepOf(callTrace, from), stepOf(callTrace, from + count - 1)];
  return { first: Math.min(a, b), last: Math.max(a, b) };
}

function extremesAt(at: Drawn['at'], series: Series, timesteps: Window): Extremes {
  // What goes in is kept in the input's order, what is computed in the order of processing.
  const { from, count } = timesteps;
  const { first, last } = series.stage < 0 ? { first: from, last: from + count - 1 } : ends(at, timesteps);
  return extremes(series.tensor, Math.max(0, first), Math.min(series.steps, last + 1));
}

function isAnyUsed({ callTrace }: Drawn['at'], { from, count }: Window): boolean {
  for (let timestep = from; timestep < from + count; timestep++) if (isUsed(callTrace, timestep)) return true;
  return false;
}

/** Without those that are NaN; NaN where there is no other. */
function endOf(values: ArrayLike<number>, end: End): number {
  let found = Number.NaN;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (Number.isNaN(value)) continue;
    if (Number.isNaN(found) || (end === 'maximum' ? value > found : value < found)) found = value;
  }
  return found;
}

/** One end of a unit, or of all units, in a column. */
export function columnCell(drawn: Drawn, column: Column, end: End, unit: number | 'all'): Cell {
  const value = unit === 'all' ? column.ofAll[end] : column.ofUnits[end][unit];
  return cellOf(drawn, column, value);
}

/** The end that is farther from zero. */
export function strongestCell(drawn: Drawn, column: Column, unit: number): Cell {
  const { minimum, maximum } = column.ofUnits;
  return cellOf(drawn, column, Math.abs(minimum[unit]) > Math.abs(maximum[unit]) ? minimum[unit] : maximum[unit]);
}

function cellOf({ at, series, scale, theme, wholeRun }: Drawn, { timesteps, used }: Column, value: number): Cell {
  const { from, count } = timesteps;
  const first = isBackward(at.callTrace.call) ? from + count - 1 : from;
  const ahead = isAhead(at, series, first);
  if (ahead && (!wholeRun || isMissing(at, series, first))) return { char: heatNotComputed };
  const carried = series.symbol === 'h' || series.symbol === 'c';
  if (!used && series.stage >= 0 && !carried) return { ...maskedCell(theme), ...(ahead && { dim: true }) };
  return { char: heatCell(scale.kind, value, scale.max), ...((ahead || !used) && { dim: true }) };
}

/** At the right of the rows of all units: the largest and the smallest at the cursor. */
export function endSpan({ at, series }: Drawn, end: End, width: number): Span {
  const step = series.stage < 0 ? at.timestep : at.step;
  return span(numberCell(endOf(row(series.tensor, step), end), width, width - 3), 'muted');
}
