import { LabError, quote } from './lab-error.ts';

/** Numbers in row-major order. `shape` has no batch axis: one sample at a time. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array;
}

/**
 * An array whose rows (its last axis) are read from a file, or computed again, when they are asked for. Row-major like a tensor, all axes but the
 * last counted as one.
 */
export interface LazyRows {
  readonly shape: readonly number[];
  /** Rows `from` to `to` (not included), one after the other. They may be shared: nobody writes into them. */
  read(from: number, to: number): Tensor['data'];
  /** Rows that are there so far, where they are still being computed: later ones read as NaN. Without: all are. */
  readonly computed?: number;
  /** The smallest and the largest of each column among rows `from` to `to` (not included), without those that are NaN; NaN where there is no other. */
  extremes?(from: number, to: number): Extremes;
  /** The largest norm of a row. */
  largestNorm?(): number;
}

/** One number for each column. */
export interface Extremes {
  readonly minimum: Tensor['data'];
  readonly maximum: Tensor['data'];
}

/** What has rows, wherever they are. Who reads rows one by one takes this; who needs all at once takes a Tensor, and `whole` makes one. */
export type Rows = Tensor | LazyRows;

/** As deep as any tensor here; deeper nesting in a file is refused before it can exhaust the stack. */
const MAX_RANK = 8;

/** As many numbers as nested lists may hold: a file of such lists is far larger than any that is read. */
const MAX_SIZE = 2 ** 27;

export type Nested = number | readonly Nested[];

export function tensor(shape: readonly number[], data?: ArrayLike<number>): Tensor {
  const size = sizeOf(shape);
  if (data === undefined) return { shape, data: new Float64Array(size) };
  if (data.length !== size) throw new Error(`${data.length} numbers do not fill the shape ${shapeText(shape)}`);
  return { shape, data: data instanceof Float64Array || data instanceof Float32Array ? data : Float64Array.from(data) };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Length of the last axis; a scalar counts as one number. */
export function widthOf(t: Pick<Tensor, 'shape'>): number {
  return t.shape.length === 0 ? 1 : t.shape[t.shape.length - 1];
}

/** How many rows there are if all axes but the last are counted as one. */
export function rowsOf(t: Pick<Tensor, 'shape'>): number {
  return t.shape.length < 2 ? 1 : sizeOf(t.shape.slice(0, -1));
}

/** Row `index`; a view of a tensor, no numbers are copied. */
export function row(t: Rows, index: number): Tensor['data'] {
  return rows(t, index, index + 1);
}

/** Rows `from` to `to` (not included), one after the other; a view of a tensor. */
export function rows(t: Rows, from: number, to: number): Tensor['data'] {
  if (!('data' in t)) return t.read(from, to);
  const width = widthOf(t);
  return t.data.subarray(from * width, to * width);
}

/** Part number `at` of `count` parts of one size; a view of a tensor. */
export function part(t: Rows, at: number, count: number): Tensor['data'] {
  const size = Math.floor(sizeOf(t.shape) / count);
  const [from, to] = [at * size, (at + 1) * size];
  if ('data' in t) return t.data.subarray(from, to);
  const width = widthOf(t);
  const first = Math.floor(from / width);
  return t.read(first, Math.ceil(to / width)).subarray(from - first * width, to - first * width);
}

/** The number at `index`, all axes counted as one. */
export function numberAt(t: Rows, index: number): number {
  if ('data' in t) return t.data[index];
  const width = widthOf(t);
  return row(t, Math.floor(index / width))[index % width];
}

/** All rows, in memory. */
export function whole(t: Rows): Tensor {
  return 'data' in t ? t : { shape: t.shape, data: t.read(0, rowsOf(t)) };
}

/** Columns `from` to `to` of a matrix, copied. */
export function columns(t: Tensor, from: number, to: number): Tensor {
  const rows = rowsOf(t);
  const out = tensor(t.shape.length < 2 ? [to - from] : [rows, to - from]);
  for (let r = 0; r < rows; r++) out.data.set(row(t, r).subarray(from, to), r * (to - from));
  return out;
}

/** Tensors of one shape as one, with a first axis that counts them. */
export function stacked(parts: readonly Tensor[]): Tensor {
  const out = tensor([parts.length, ...parts[0].shape]);
  parts.forEach(({ data }, at) => {
    out.data.set(data, at * data.length);
  });
  return out;
}

/** The tensor with axis `from` moved to place `to`, the others in their order: numpy.moveaxis. The same tensor where nothing moves. */
export function moveAxis(t: Tensor, from: number, to: number): Tensor {
  if (from === to) return t;
  const shape = [...t.shape];
  const [moved] = shape.splice(from, 1);
  shape.splice(to, 0, moved);
  const order = t.shape.map((_, axis) => axis).filter((axis) => axis !== from);
  order.splice(to, 0, from);
  const strides = t.shape.map((_, axis) => sizeOf(t.shape.slice(axis + 1)));
  const out = tensor(shape);
  const at = shape.map(() => 0);
  for (let index = 0; index < out.data.length; index++) {
    out.data[index] = t.data[order.reduce((sum, axis, place) => sum + at[place] * strides[axis], 0)];
    for (let place = shape.length - 1; place >= 0 && ++at[place] === shape[place]; place--) at[place] = 0;
  }
  return out;
}

/** Keras's notation: `(2, 3)`, `(2,)`, `(None, 3)`. */
export function shapeText(shape: readonly (number | null)[]): string {
  const lengths = shape.map((length) => (length === null ? 'None' : String(length)));
  return lengths.length === 1 ? `(${lengths[0]},)` : `(${lengths.join(', ')})`;
}

/** The tensor as nested lists. */
export function toNested(t: Tensor): Nested {
  const build = (axis: number, offset: number): Nested => {
    if (axis === t.shape.length) return t.data[offset];
    const length = t.shape[axis];
    if (axis === t.shape.length - 1) return Array.from(t.data.subarray(offset, offset + length));
    const stride = sizeOf(t.shape.slice(axis + 1));
    return Array.from({ length }, (_, at) => build(axis + 1, offset + at * stride));
  };
  return build(0, 0);
}

const SPECIAL: Record<string, number> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** Nested lists of numbers as a tensor. "NaN", "Infinity" and "-Infinity" are numbers too; a ragged list is refused with its place. */
export function fromNested(value: unknown, path = ''): Tensor {
  const shape: number[] = [];
  for (let inner: unknown = value; Array.isArray(inner); inner = inner[0]) {
    if (shape.length === MAX_RANK)
      throw new LabError({ path, problem: `lists are nested more than ${MAX_RANK} deep.` });
    shape.push(inner.length);
  }
  if (sizeOf(shape) > MAX_SIZE)
    throw new LabError({
      path,
      problem: 'there are more numbers here than the lab can hold.',
      received: shapeText(shape),
    });
  const data = new Float64Array(sizeOf(shape));
  let at = 0;
  // Where the walk is; it becomes text only where something is wrong.
  const place: number[] = [];
  const where = () => path + place.map((index) => `[${index}]`).join('');
  const walk = (part: unknown, axis: number): void => {
    if (axis === shape.length) {
      const number = typeof part === 'string' ? SPECIAL[part] : part;
      if (typeof number !== 'number')
        throw new LabError({ path: where(), problem: 'a number is wanted here.', received: quote(part) });
      data[at++] = number;
      return;
    }
    if (!Array.isArray(part) || part.length !== shape[axis]) {
      throw new LabError({
        path: where(),
        problem: `a list of ${shape[axis]} is wanted here, as its neighbours are.`,
        received: Array.isArray(part) ? `a list of ${part.length}` : quote(part),
        hint: 'every row of a tensor has the same length; pad shorter ones.',
      });
    }
    for (let index = 0; index < part.length; index++) {
      place.push(index);
      walk(part[index], axis + 1);
      place.pop();
    }
  };
  walk(value, 0);
  return { shape, data };
}
