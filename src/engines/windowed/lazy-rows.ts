import { type LazyRows, rowsOf, type Tensor, widthOf } from '../../math/tensor.ts';
import type { Overview } from './overview.ts';

/** An array that is computed window by window. */
export interface Recomputed {
  readonly shape: readonly number[];
  readonly type: Float32ArrayConstructor | Float64ArrayConstructor;
  /** Rows of a whole window. */
  readonly window: number;
  readonly overview: Overview | null;
  /** Rows that are there so far. */
  computed(): number;
  /** The rows of window number `at`; the last may be shorter. */
  compute(at: number): Tensor['data'];
}

/** Rows that are not there yet are NaN. */
export function lazyRows({ shape, type, window, overview, computed, compute }: Recomputed): LazyRows {
  const width = widthOf({ shape });
  const count = rowsOf({ shape });
  const read = (from: number, to: number): Tensor['data'] => {
    const end = Math.min(to, computed());
    const first = Math.floor(from / window);
    // One window: a view of it, no numbers are copied.
    if (to === end && to <= (first + 1) * window && to > from)
      return compute(first).subarray((from - first * window) * width, (to - first * window) * width);
    const out = new type(Math.max(0, to - from) * width);
    if (to > end) out.fill(Number.NaN);
    for (let at = from; at < end; ) {
      const place = Math.floor(at / window);
      const next = Math.min(end, (place + 1) * window);
      const rows = compute(place).subarray((at - place * window) * width, (next - place * window) * width);
      out.set(rows, (at - from) * width);
      at = next;
    }
    return out;
  };
  return {
    shape,
    get computed() {
      return computed();
    },
    read: (from, to) => read(Math.max(0, from), Math.min(count, to)),
    ...(overview && {
      extremes: (from: number, to: number) => overview.extremes(from, to, read),
      largestNorm: () => overview.largestNorm(),
    }),
  };
}
