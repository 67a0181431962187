import { type Rows, row, rowsOf, type Tensor } from '../../math/tensor.ts';
import { type Statistics, statisticsOf } from '../../trace/statistics.ts';
import { numberText } from '../notation.ts';
import { indices, type Window } from './heatmap.ts';

/** Rows of a matrix as they are drawn: one each, or where not all fit several together. */
export interface RowBins {
  readonly count: number;
  readonly size: number;
}

export function binsOf(rows: number, room: number): RowBins {
  const size = Math.max(1, Math.ceil(rows / Math.max(1, room)));
  return { count: Math.ceil(rows / size), size };
}

/** The rows of a bin. */
export function binRows({ size }: RowBins, bin: number, rows: number): Window {
  return { from: bin * size, count: Math.min(size, rows - bin * size) };
}

/** `3`, or `16–31` */
export function binText({ from, count }: Window): string {
  return count === 1 ? String(from) : `${from}–${from + count - 1}`;
}

/** The number that stands for a bin: of its rows in this column, the one furthest from zero. */
export function strongest(t: Tensor, rows: Window, column: number): number {
  let found = 0;
  for (const index of indices(rows)) {
    const value = t.shape.length < 2 ? t.data[column] : row(t, index)[column];
    if (!Number.isFinite(value)) return value;
    if (Math.abs(value) > Math.abs(found)) found = value;
  }
  return found;
}

const known = new WeakMap<Rows, Statistics>();

/** Weights do not change while one looks at them, and they may be many. */
function knownStatistics(t: Rows): Statistics {
  let found = known.get(t);
  if (!found) {
    found = statisticsOf(t);
    known.set(t, found);
  }
  return found;
}

export function largestOf(tensors: readonly Rows[]): number {
  const ends = tensors.map(knownStatistics).flatMap(({ minimum, maximum }) => [Math.abs(minimum), Math.abs(maximum)]);
  return Math.max(0, ...ends.filter(Number.isFinite)) || 1;
}

/** `min −0.52  max 0.61  norm 1.92`, shorter where there is less room: of each of these, all in the same words. */
export function statisticsTexts(tensors: readonly Rows[], width: number): string[] {
  const text = (value: number) => numberText(value, 6, 2);
  const wordings: ((of: Statistics) => string)[] = [
    ({ minimum, maximum, norm }) => `min ${text(minimum)}  max ${text(maximum)}  norm ${text(norm)}`,
    ({ minimum, maximum, norm }) => `${text(minimum)} … ${text(maximum)} ‖${text(norm)}‖`,
    ({ norm }) => `norm ${text(norm)}`,
    ({ norm }) => `‖${text(norm)}‖`.slice(0, width),
  ];
  const all = wordings.map((wording) => tensors.map((t) => wording(knownStatistics(t))));
  return all.find((texts) => texts.every(({ length }) => length <= width)) ?? (all.at(-1) as string[]);
}

export function rowCount(t: Tensor): number {
  return t.shape.length < 2 ? 1 : rowsOf(t);
}
