import { sizeOf, type Tensor, tensor } from './tensor.ts';

/* Numbers moved from place to place along axes, counted from 0. Nothing is computed here. */

/** Axis `order[n]` of t becomes axis n. */
export function permuted(t: Tensor, order: readonly number[]): Tensor {
  if (order.every((axis, at) => axis === at)) return t;
  const strides = t.shape.map((_, axis) => sizeOf(t.shape.slice(axis + 1)));
  return gathered(
    t,
    order.map((axis) => t.shape[axis]),
    order.map((axis) => strides[axis]),
  );
}

/** A matrix with rows and columns exchanged. */
export function transposed({ shape: [rows, columns], data }: Tensor): Tensor {
  const out = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c];
  return tensor([columns, rows], out);
}

/** The order that undoes `order`. */
export function inverse(order: readonly number[]): number[] {
  return order.map((_, axis) => order.indexOf(axis));
}

/** The order in which `axes` come last, behind the others. */
export function axesLast(rank: number, axes: readonly number[]): number[] {
  return [...Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !axes.includes(axis)), ...axes];
}

/** t repeated along axes of length 1, and along new axes before its own, until it has this shape. */
export function broadcast(t: Tensor, shape: readonly number[]): Tensor {
  if (t.shape.length === shape.length && t.shape.every((length, axis) => length === shape[axis])) return t;
  const added = shape.length - t.shape.length;
  const strides = shape.map((_, axis) =>
    axis < added || t.shape[axis - added] === 1 ? 0 : sizeOf(t.shape.slice(axis - added + 1)),
  );
  return gathered(t, shape, strides);
}

/** Parts of an axis, in this order: along `axis`, place n of the result is place `places[n]` of t; −1: zeros. */
export function taken(t: Tensor, axis: number, places: readonly number[]): Tensor {
  const out = tensor([...t.shape.slice(0, axis), places.length, ...t.shape.slice(axis + 1)]);
  const block = sizeOf(t.shape.slice(axis + 1));
  const before = sizeOf(t.shape.slice(0, axis));
  for (let b = 0; b < before; b++) {
    places.forEach((place, at) => {
      if (place < 0) return;
      const from = (b * t.shape[axis] + place) * block;
      out.data.set(t.data.subarray(from, from + block), (b * places.length + at) * block);
    });
  }
  return out;
}

/** Tensors one after the other along an axis. */
export function concatenated(parts: readonly Tensor[], axis: number): Tensor {
  const [first] = parts;
  const length = parts.reduce((sum, { shape }) => sum + shape[axis], 0);
  const out = tensor([...first.shape.slice(0, axis), length, ...first.shape.slice(axis + 1)]);
  const before = sizeOf(first.shape.slice(0, axis));
  const blocks = parts.map(({ shape }) => sizeOf(shape.slice(axis)));
  for (let b = 0, at = 0; b < before; b++) {
    parts.forEach(({ data }, n) => {
      out.data.set(data.subarray(b * blocks[n], (b + 1) * blocks[n]), at);
      at += blocks[n];
    });
  }
  return out;
}

/** Walks a tensor of `shape`, taking from t with these strides. */
function gathered(t: Tensor, shape: readonly number[], strides: readonly number[]): Tensor {
  const out = tensor(shape);
  const place = new Array<number>(shape.length).fill(0);
  for (let at = 0, from = 0; at < out.data.length; at++) {
    out.data[at] = t.data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++place[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      place[axis] = 0;
    }
  }
  return out;
}
