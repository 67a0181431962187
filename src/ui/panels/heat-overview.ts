import { type Extremes, type Rows, row } from '../../math/tensor.ts';
import { extremes } from '../../trace/extremes.ts';
import { isUsed, stepOf } from '../../trace/timeline.ts';
import { isBackward } from '../../trace/trace.ts';
import { type Span, span } from '../line.ts';
import { numberCell } from '../notation.ts';
import { heatCell, heatNotComputed } from '../theme/heat.ts';
import type { Drawn } from './heat-block.ts';
import { type Cell, maskedCell, type Window } from './heatmap.ts';
import { isAhead, type Series } from './series.ts';
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
}

/** The timeline and a view may show the same, in columns of their own; a terminal that has got another size asks for others. */
const REMEMBERED = 3;

const known = new WeakMap<Rows, Map<string, readonly Column[]>>();

/** The columns of a quantity: the same at every key, as long as the screen is as wide. */
export function columnsOf({ at, series }: Pick<Drawn, 'at' | 'series'>, time: TimeColumns): readonly Column[] {
  const key = `${time.shown.from} ${time.shown.count} ${time.each}`;
  const found = known.get(series.tensor) ?? new Map<string, readonly Column[]>();
  known.set(series.tensor, found);
  let columns = found.get(key);
  if (!columns) {
    columns = cellsOf(time).map((timesteps): Column => {
      const ofUnits = extremesAt(at, series, timesteps);
      return {
        timesteps,
        ofUnits,
        ofAll: { maximum: endOf(ofUnits.maximum, 'maximum'), minimum: endOf(ofUnits.minimum, 'minimum') },
        used: isAnyUsed(at, timesteps),
      };
    });
    const [oldest] = found.keys();
    if (found.size === REMEMBERED) found.delete(oldest);
    found.set(key, columns);
  }
  return columns;
}

function extremesAt({ callTrace }: Drawn['at'], series: Series, { from, count }: Window): Extremes {
  // What goes in is kept in the input's order, what is computed in the order of processing.
  const step = (timestep: number) => (series.stage < 0 ? timestep : stepOf(callTrace, timestep));
  const [a, b] = [step(from), step(from + count - 1)];
  return extremes(series.tensor, Math.max(0, Math.min(a, b)), Math.min(series.steps, Math.max(a, b) + 1));
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
  const ahead = isAhead(at, series, isBackward(at.callTrace.call) ? from + count - 1 : from);
  if (ahead && !wholeRun) return { char: heatNotComputed };
  const carried = series.symbol === 'h' || series.symbol === 'c';
  if (!used && series.stage >= 0 && !carried) return { ...maskedCell(theme), ...(ahead && { dim: true }) };
  return { char: heatCell(scale.kind, value, scale.max), ...((ahead || !used) && { dim: true }) };
}

/** At the right of the rows of all units: the largest and the smallest at the cursor. */
export function endSpan({ at, series }: Drawn, end: End, width: number): Span {
  const step = series.stage < 0 ? at.timestep : at.step;
  return span(numberCell(endOf(row(series.tensor, step), end), width, width - 3), 'muted');
}
