import { type Extremes, type Rows, rows, rowsOf, sizeOf, type Tensor, widthOf } from '../math/tensor.ts';

/** Rows whose extremes are kept once they have been looked for: a key then reads few of them, however long the run is. */
const BLOCK = 64;

/** As many numbers are read at once to find their extremes. */
const FEW = 2 ** 18;

/** The extremes of each block of rows, as they become known. */
const known = new WeakMap<Rows, (Extremes | undefined)[]>();

/** Whether the extremes of any part are known without computing much again: where rows are in memory, few, or have overviews. */
export function isSurveyed(t: Rows): boolean {
  return 'data' in t || t.extremes !== undefined || sizeOf(t.shape) <= FEW;
}

/**
 * The smallest and the largest of each column among rows `from` to `to` (not included), without those that are NaN; NaN where there is no other.
 * Infinite numbers count: they are what one looks for.
 */
export function extremes(t: Rows, from: number, to: number): Extremes {
  if (!('data' in t) && t.extremes) return t.extremes(from, to);
  const width = widthOf(t);
  const computed = ('data' in t ? undefined : t.computed) ?? rowsOf(t);
  const found: Extremes = { minimum: notANumber(width), maximum: notANumber(width) };
  for (let at = from; at < to; ) {
    const block = Math.floor(at / BLOCK);
    const end = Math.min(rowsOf(t), (block + 1) * BLOCK);
    if (at === block * BLOCK && end <= Math.min(to, computed)) {
      const { minimum, maximum } = ofBlock(t, block, end);
      include(found, minimum, maximum);
    } else {
      const data = rows(t, at, Math.min(end, to));
      include(found, data, data);
    }
    at = end;
  }
  return found;
}

/** Where the largest (or the smallest) of all numbers stands: the first row of those that have it. Null where there is no number, or nobody knows. */
export function placeOfExtreme(t: Rows, end: keyof Extremes): { readonly row: number; readonly column: number } | null {
  if (!isSurveyed(t)) return null;
  let [from, to] = [0, rowsOf(t)];
  const all = extremes(t, from, to)[end];
  let column = -1;
  for (let at = 0; at < all.length; at++) {
    if (Number.isNaN(all[at])) continue;
    if (column < 0 || (end === 'maximum' ? all[at] > all[column] : all[at] < all[column])) column = at;
  }
  if (column < 0) return null;
  while (to - from > 1) {
    // Halves that begin at a power of two are blocks whose extremes are known.
    const middle = from + 2 ** Math.floor(Math.log2(to - from - 1));
    if (extremes(t, from, middle)[end][column] === all[column]) to = middle;
    else from = middle;
  }
  return { row: from, column };
}

function ofBlock(t: Rows, block: number, end: number): Extremes {
  const blocks = known.get(t) ?? [];
  known.set(t, blocks);
  let found = blocks[block];
  if (!found) {
    const data = rows(t, block * BLOCK, end);
    const type = data.constructor as Float32ArrayConstructor;
    const width = widthOf(t);
    found = { minimum: new type(width).fill(Number.NaN), maximum: new type(width).fill(Number.NaN) };
    include(found, data, data);
    blocks[block] = found;
  }
  return found;
}

/** Makes room in the extremes for rows of numbers, `smallest` and `largest` of each of which may be told apart already. */
function include({ minimum, maximum }: Extremes, smallest: Tensor['data'], largest: Tensor['data']): void {
  const width = minimum.length;
  for (let start = 0; start < smallest.length; start += width) {
    for (let column = 0; column < width; column++) {
      const [low, high] = [smallest[start + column], largest[start + column]];
      // A comparison with NaN is false: it is replaced by any number, and replaces none.
      if (!(low >= minimum[column]) && !Number.isNaN(low)) minimum[column] = low;
      if (!(high <= maximum[column]) && !Number.isNaN(high)) maximum[column] = high;
    }
  }
}

const notANumber = (width: number) => new Float64Array(width).fill(Number.NaN);
