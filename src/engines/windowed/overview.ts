import { type Extremes, sizeOf, type Tensor } from '../../math/tensor.ts';

/** Rows that are read at once. */
const READ = 256;

/** What is kept of a quantity's rows when they themselves are not: the smallest and the largest of each column for each block of rows, and for all. */
export interface Overview {
  /** Takes rows in, one after the other from the first. */
  add(data: Tensor['data']): void;
  /** Of rows `from` to `to` among those that were taken in; `read` gives rows that are not a whole block. */
  extremes(from: number, to: number, read: (from: number, to: number) => Tensor['data']): Extremes;
  largestNorm(): number;
}

/**
 * `block`: rows of a block; the first is `shift` rows shorter, so that blocks end where the rows do under go_backwards. `withNorms`: whether the norms
 * of rows are asked for.
 */
export function makeOverview(
  rows: number,
  width: number,
  block: number,
  shift: number,
  type: Float32ArrayConstructor | Float64ArrayConstructor,
  withNorms: boolean,
): Overview {
  const blocks = Math.ceil((rows + shift) / block);
  const minimum = new type(blocks * width).fill(Number.NaN);
  const maximum = new type(blocks * width).fill(Number.NaN);
  const nothing = (): Extremes => ({
    minimum: new type(width).fill(Number.NaN),
    maximum: new type(width).fill(Number.NaN),
  });
  const all = nothing();
  let count = 0;
  let norm = 0;
  const placeOf = (row: number) => Math.floor((row + shift) / block);
  const startOf = (place: number) => Math.max(0, place * block - shift);
  return {
    add(data) {
      const first = placeOf(count);
      for (let start = 0; start < data.length; start += width, count++) {
        include({ minimum, maximum }, placeOf(count) * width, data, start, width);
        if (withNorms) norm = Math.max(norm, sizeOfRow(data, start, width));
      }
      for (let at = first; startOf(at) < count; at++) merge(all, minimum, maximum, at * width, width);
    },
    extremes(from, to, read) {
      if (from <= 0 && to >= count) return all;
      const found = nothing();
      const end = Math.min(to, count);
      for (let at = from; at < end; ) {
        const place = placeOf(at);
        const next = Math.min(end, startOf(place + 1));
        // The last block is whole as far as it has come.
        if (at === startOf(place) && (next === startOf(place + 1) || next === count)) {
          merge(found, minimum, maximum, place * width, width);
        } else {
          for (let from = at; from < next; from += READ) {
            const data = read(from, Math.min(next, from + READ));
            for (let start = 0; start < data.length; start += width) include(found, 0, data, start, width);
          }
        }
        at = next;
      }
      return found;
    },
    largestNorm: () => Math.sqrt(norm),
  };
}

/** Bytes of the blocks of `rows` rows. */
export function overviewBytes(shape: readonly number[], block: number, bytes: number): number {
  const width = shape[shape.length - 1];
  return 2 * Math.ceil(sizeOf(shape) / width / block) * width * bytes;
}

/** A comparison with NaN is false: it is replaced by any number, and replaces none. */
function include({ minimum, maximum }: Extremes, to: number, data: Tensor['data'], from: number, width: number): void {
  for (let column = 0; column < width; column++) {
    const value = data[from + column];
    if (!(value >= minimum[to + column]) && !Number.isNaN(value)) minimum[to + column] = value;
    if (!(value <= maximum[to + column]) && !Number.isNaN(value)) maximum[to + column] = value;
  }
}

function merge(found: Extremes, minimum: Tensor['data'], maximum: Tensor['data'], from: number, width: number): void {
  for (let column = 0; column < width; column++) {
    const [low, high] = [minimum[from + column], maximum[from + column]];
    if (!(low >= found.minimum[column]) && !Number.isNaN(low)) found.minimum[column] = low;
    if (!(high <= found.maximum[column]) && !Number.isNaN(high)) found.maximum[column] = high;
  }
}

/** The square of its norm; 0 where that is no finite number. */
function sizeOfRow(data: Tensor['data'], from: number, width: number): number {
  let sum = 0;
  for (let column = 0; column < width; column++) sum += data[from + column] * data[from + column];
  return Number.isFinite(sum) ? sum : 0;
}
