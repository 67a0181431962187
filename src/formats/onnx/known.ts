import { type Building, cannot } from './building.ts';
import type { Dim } from './dim.ts';
import type { Constant, Lengths, Value } from './value.ts';

/** What is known without an input. */
export type Known = Constant | Lengths;

export function isKnown(value: Value | null): value is Known {
  return value?.kind === 'constant' || value?.kind === 'lengths';
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

const MAX_RANK = 16;

/** Takes room for numbers that folding makes, so that a file cannot have any amount of them made. */
export function reserve(building: Building, shape: readonly number[]): number {
  if (shape.length > MAX_RANK || !shape.every((length) => Number.isSafeInteger(length) && length >= 0))
    throw cannot(`a constant of the shape [${shape.slice(0, MAX_RANK).join(', ')}].`);
  const size = sizeOf(shape);
  building.room -= Math.max(1, size);
  if (!(building.room > 0)) throw cannot('constants that are computed grow too large.');
  return size;
}

/** As long as a list of lengths may be. */
const MAX_LENGTHS = 4_096;

export function lengths(shape: readonly number[], items: readonly Dim[]): Known {
  if (items.every((item) => typeof item === 'number'))
    return { kind: 'constant', shape, data: Float64Array.from(items as number[]), whole: true };
  return { kind: 'lengths', shape, items };
}

/** Whole numbers and lengths, in a list; null where it is something else. */
export function listOf(value: Value | null): readonly Dim[] | null {
  if (value?.kind === 'lengths') return value.items;
  if (value?.kind === 'constant' && value.data.length <= MAX_LENGTHS) return Array.from(value.data);
  return null;
}

/** Whole numbers only: axes, starts, steps. */
export function wholeList(value: Value | null, what: string): readonly number[] {
  const list = listOf(value);
  if (!list?.every((item) => typeof item === 'number')) throw cannot(`its ${what} are computed from the input.`);
  return list as readonly number[];
}

/** Other places of the same numbers: `source` says for each number of the result where it stood. */
export function moved(
  building: Building,
  value: Known,
  shape: readonly number[],
  source: (at: number) => number,
): Known {
  const size = reserve(building, shape);
  if (value.kind === 'lengths')
    return lengths(
      shape,
      Array.from({ length: size }, (_, at) => value.items[source(at)]),
    );
  const data = value.data instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
  for (let at = 0; at < size; at++) data[at] = value.data[source(at)];
  return { ...value, shape, data };
}

/** Row-major strides. */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** Where the number at place `at` of `shape` stands, if it goes by `strides` instead. */
export function placer(shape: readonly number[], strides: readonly number[], start = 0): (at: number) => number {
  const own = stridesOf(shape);
  return (at) => {
    let place = start;
    for (let axis = 0; axis < shape.length; axis++) place += (Math.floor(at / own[axis]) % shape[axis]) * strides[axis];
    return place;
  };
}

/** NumPy's broadcasting of shapes. */
export function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [p, q] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    if (p !== q && p !== 1 && q !== 1) throw cannot(`shapes [${a.join(', ')}] and [${b.join(', ')}] do not fit.`);
    return p === 1 ? q : p;
  });
}

/** Where a number of a broadcast shape stands in the smaller tensor. */
export function stretched(shape: readonly number[], from: readonly number[]): (at: number) => number {
  const strides = stridesOf(from);
  const lead = shape.length - from.length;
  return placer(
    shape,
    shape.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : strides[axis - lead])),
  );
}
