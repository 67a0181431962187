export interface Statistics {
  readonly norm: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  /** Where the smallest and the largest stand. */
  readonly minimumAt: number;
  readonly maximumAt: number;
}

/** Of the finite numbers among these; NaN where there is none. */
export function statistics(values: ArrayLike<number>): Statistics {
  let squares = 0;
  let sum = 0;
  let count = 0;
  let minimumAt = -1;
  let maximumAt = -1;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (!Number.isFinite(value)) continue;
    count++;
    sum += value;
    squares += value * value;
    if (minimumAt < 0 || value < values[minimumAt]) minimumAt = at;
    if (maximumAt < 0 || value > values[maximumAt]) maximumAt = at;
  }
  return {
    norm: count ? Math.sqrt(squares) : Number.NaN,
    mean: sum / count,
    minimum: minimumAt < 0 ? Number.NaN : values[minimumAt],
    maximum: maximumAt < 0 ? Number.NaN : values[maximumAt],
    minimumAt,
    maximumAt,
  };
}
