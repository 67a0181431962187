import { type Rows, rows, rowsOf, sizeOf, widthOf } from '../../math/tensor.ts';
import type { Gates } from './gates.ts';

/** An array as a file has it, before it is measured. */
export interface FoundArray {
  /** Its name, or its path in the file. */
  readonly name: string;
  readonly shape: readonly number[];
  /** As the file calls it: float32, F16, … */
  readonly dtype: string;
  /** Null: it holds no numbers (text), or numbers that the lab does not read. */
  readonly tensor: Rows | null;
}

/** What is said of one array. Statistics leave NaN out; null where there are no numbers. */
export interface InspectedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Of all numbers as one vector. */
  readonly norm: number | null;
  readonly nan: number;
  /** Which gate each block of it belongs to, where it is a recurrent layer's. */
  readonly gates: Gates | null;
}

/** Everything that a file holds, without making a model of it. Plain data. */
export interface Inspection {
  readonly file: string;
  /** "Keras .keras", "PyTorch .safetensors", … */
  readonly format: string;
  /** "Keras 3.15.0"; null where the file does not say. */
  readonly madeWith: string | null;
  /** What the file says of itself, as it says it. */
  readonly metadata: readonly (readonly [name: string, value: string])[];
  readonly notes: readonly string[];
  readonly arrays: readonly InspectedArray[];
}

/** An array on disk is read in blocks of about so many numbers. */
const BLOCK = 2 ** 20;

/** An array measured, with the gates that its blocks are. */
export function measured({ name, shape, dtype, tensor }: FoundArray, gates: Gates | null): InspectedArray {
  let [min, max, sum, squares, nan] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
  for (const data of tensor ? blocks(tensor) : []) {
    for (let at = 0; at < data.length; at++) {
      const value = data[at];
      if (Number.isNaN(value)) {
        nan++;
        continue;
      }
      if (value < min) min = value;
      if (value > max) max = value;
      sum += value;
      squares += value * value;
    }
  }
  const count = (tensor ? sizeOf(tensor.shape) : 0) - nan;
  const known = <T>(value: T) => (count === 0 ? null : value);
  const statistics = { min: known(min), max: known(max), mean: known(sum / count), norm: known(Math.sqrt(squares)) };
  return { name, shape, dtype, ...statistics, nan, gates };
}

function* blocks(tensor: Rows): Generator<ArrayLike<number>> {
  if ('data' in tensor) {
    yield tensor.data;
    return;
  }
  const step = Math.max(1, Math.floor(BLOCK / widthOf(tensor)));
  for (let from = 0; from < rowsOf(tensor); from += step)
    yield rows(tensor, from, Math.min(from + step, rowsOf(tensor)));
}
