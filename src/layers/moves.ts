/*
 * What equations name for moving numbers, which mathjs lacks: both engines use these. Nothing is computed. Axes are Keras's, the batch being 0.
 */
import { concatenated, permuted, taken } from '../math/axes.ts';
import { row, sizeOf, type Tensor, tensor } from '../math/tensor.ts';
import { axisIndex } from './axes.ts';

type Argument = Tensor | number;

/** Places along an axis of `length`, as Python's start:stop:step names them; infinite where Python leaves them out. */
export function slicePlaces(length: number, start: number, stop: number, step: number): number[] {
  const clamp = (place: number) => {
    const from = place < 0 && Number.isFinite(place) ? place + length : place;
    return step > 0 ? Math.max(0, Math.min(length, from)) : Math.max(-1, Math.min(length - 1, from));
  };
  const places: number[] = [];
  const end = clamp(stop);
  for (let at = clamp(start); step > 0 ? at < end : at > end; at += step) places.push(at);
  return places;
}

const along = (t: Tensor, axis: number, places: (length: number) => number[]): Tensor => {
  const index = axisIndex(axis, t.shape);
  return taken(t, index, places(t.shape[index]));
};
const count = (length: number) => Array.from({ length }, (_, at) => at);

export const moves = {
  /** Rows have one axis only, whichever axis of the inputs it is. */
  concat: (axis: number, ...parts: Tensor[]): Tensor =>
    concatenated(parts, parts[0].shape.length === 1 ? 0 : axisIndex(axis, parts[0].shape)),
  /** One length may be −1: what is left. */
  reshape(t: Tensor, ...shape: number[]): Tensor {
    const known = sizeOf(shape.filter((length) => length !== -1));
    return tensor(
      shape.map((length) => (length === -1 ? t.data.length / known : length)),
      t.data,
    );
  },
  permute: (t: Tensor, ...dims: number[]): Tensor =>
    permuted(
      t,
      dims.map((axis) => axis - 1),
    ),
  slice: (t: Tensor, axis: number, start: number, stop: number, step: number): Tensor =>
    along(t, axis, (length) => slicePlaces(length, start, stop, step)),
  pick: (t: Tensor, axis: number, at: number): Tensor => {
    const index = axisIndex(axis, t.shape);
    const { data } = taken(t, index, [at < 0 ? at + t.shape[index] : at]);
    return tensor(
      t.shape.filter((_, other) => other !== index),
      data,
    );
  },
  pad: (t: Tensor, before: number, after: number): Tensor =>
    along(t, 1, (length) => [...count(before).fill(-1), ...count(length), ...count(after).fill(-1)]),
  crop: (t: Tensor, before: number, after: number): Tensor =>
    along(t, 1, (length) => count(length).slice(before, length - after)),
  /** A vector counts as one row. */
  repeat: (t: Tensor, times: number): Tensor =>
    along(t.shape.length === 1 ? tensor([1, ...t.shape], t.data) : t, 1, (length) =>
      count(length * times).map((at) => Math.floor(at / times)),
    ),
  flatten: (t: Tensor): Tensor => tensor([t.data.length], t.data),
  /** The first axis, the channels, goes behind the others, as in Keras before it flattens with data_format="channels_first". */
  channels_last: (t: Tensor): Tensor =>
    permuted(
      t,
      t.shape.map((_, axis) => (axis + 1) % t.shape.length),
    ),
  row: (t: Tensor, at: number): Tensor => ({ shape: t.shape.slice(1), data: row(t, at) }),
} satisfies Record<string, (...args: never[]) => Tensor>;

/** The same, as the reference engine binds them: by name, for whatever arguments an equation gives. */
export const movesByName = moves as unknown as Readonly<Record<string, (...args: Argument[]) => Tensor>>;
