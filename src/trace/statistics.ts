import { type Rows, rows, rowsOf } from '../math/tensor.ts';

export interface Statistics {
  readonly norm: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  /** Where the smallest and the largest stand. */
  readonly minimumAt: number;
  readonly maximumAt: number;
}

/** Rows that are read at once of what is not in memory. */
const BLOCK = 256;

/** Of the finite numbers among these; NaN where there is none. */
export function statistics(values: ArrayLike<number>): Statistics {
  return statisticsOfParts([values]);
}

/** Of all numbers, counted from the first. */
export function statisticsOf(t: Rows): Statistics {
  return statisticsOfParts(blocksOf(t));
}

function* blocksOf(t: Rows): Generator<ArrayLike<number>> {
  const count = rowsOf(t);
  const block = 'data' in t ? count : BLOCK;
  for (let from = 0; from < count; from += block) yield rows(t, from, Math.min(count, from + block));
}

function statisticsOfParts(parts: Iterable<ArrayLike<number>>): Statistics {
  let squares = 0;
  let sum = 0;
  let count = 0;
  let [minimum, maximum] = [Number.NaN, Number.NaN];
  let [minimumAt, maximumAt] = [-1, -1];
  let before = 0;
  for (const values of parts) {
    for (let at = 0; at < values.length; at++) {
      const value = values[at];
      if (!Number.isFinite(value)) continue;
      count++;
      sum += value;
      squares += value * value;
      if (minimumAt < 0 || value < minimum) {
        minimum = value;
        minimumAt = before + at;
      }
      if (maximumAt < 0 || value > maximum) {
        maximum = value;
        maximumAt = before + at;
      }
    }
    before += values.length;
  }
  return { norm: count ? Math.sqrt(squares) : Number.NaN, mean: sum / count, minimum, maximum, minimumAt, maximumAt };
}

/** The smallest and the largest number; of what is not in memory, from its overviews where it has any. NaN where there is none. */
export function extremesOf(t: Rows): Pick<Statistics, 'minimum' | 'maximum'> {
  if ('data' in t || !t.extremes) return statisticsOf(t);
  const { minimum, maximum } = t.extremes(0, rowsOf(t));
  return { minimum: statistics(minimum).minimum, maximum: statistics(maximum).maximum };
}

/** Whether there are whole numbers only. Of what is not in memory that is not asked. */
export function isWhole(t: Rows): boolean {
  return 'data' in t && t.data.every(Number.isInteger);
}
