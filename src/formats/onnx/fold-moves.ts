import { axisFrom } from './axes.ts';
import { type Building, cannot } from './building.ts';
import type { Dim } from './dim.ts';
import {
  broadcast,
  isKnown,
  type Known,
  lengths,
  listOf,
  moved,
  placer,
  reserve,
  sizeOf,
  stretched,
  stridesOf,
  wholeList,
} from './known.ts';
import type { NodeProto } from './model-proto.ts';
import { axesInput, intsOf, sliceRanges } from './node.ts';
import type { Value } from './value.ts';

/** The operators that move numbers about, on known numbers. Null: not this one's. */
export function foldMove(building: Building, node: NodeProto, inputs: readonly (Value | null)[]): Known[] | null {
  const [x] = inputs;
  if (!isKnown(x)) return null;
  const { shape } = x;
  const rank = shape.length;
  const as = (to: readonly number[]) => [{ ...x, shape: to }];
  switch (node.opType) {
    case 'Identity':
    case 'Dropout':
      return [x];
    case 'Transpose': {
      const perm = intsOf(node, 'perm') ?? shape.map((_, axis) => rank - 1 - axis);
      if (perm.length !== rank || new Set(perm).size !== rank || perm.some((axis) => !(axis >= 0 && axis < rank)))
        throw cannot('its perm is no order of the axes.');
      const strides = stridesOf(shape);
      const to = perm.map((axis) => shape[axis]);
      return [
        moved(
          building,
          x,
          to,
          placer(
            to,
            perm.map((axis) => strides[axis]),
          ),
        ),
      ];
    }
    case 'Squeeze': {
      const axes = axesInput(building, node, inputs)?.map((axis) => axisFrom(axis, rank));
      const kept = shape.filter((length, axis) => (axes ? !axes.includes(axis) : length !== 1));
      if (sizeOf(kept) !== sizeOf(shape)) throw cannot('it squeezes an axis that is longer than 1.');
      return as(kept);
    }
    case 'Unsqueeze': {
      const axes = axesInput(building, node, inputs) ?? [];
      return as(unsqueezed(shape, axes, 1));
    }
    case 'Reshape': {
      const target = wholeList(inputs[1] ?? null, 'shape');
      const zero = node.attributes.get('allowzero')?.i === 1;
      const to = target.map((length, axis) => (length === 0 && !zero ? (shape[axis] ?? 0) : length));
      const rest = to.indexOf(-1);
      if (rest >= 0) to[rest] = sizeOf(shape) / sizeOf(to.toSpliced(rest, 1));
      if (sizeOf(to) !== sizeOf(shape) || !to.every((length) => Number.isSafeInteger(length) && length >= 0))
        throw cannot(`a constant [${shape.join(', ')}] cannot be reshaped to [${target.join(', ')}].`);
      return as(to);
    }
    case 'Flatten': {
      const axis = axisFrom(node.attributes.get('axis')?.i ?? 1, rank + 1);
      return as([sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]);
    }
    case 'Gather': {
      const axis = axisFrom(node.attributes.get('axis')?.i ?? 0, rank);
      const index = inputs[1];
      if (index?.kind !== 'constant') return null;
      const inner = sizeOf(shape.slice(axis + 1));
      const places = Array.from(index.data, (at) => axisFrom(at, shape[axis]));
      const to = [...shape.slice(0, axis), ...index.shape, ...shape.slice(axis + 1)];
      const block = places.length * inner;
      return [
        moved(building, x, to, (at) => {
          const within = at % block;
          return (
            Math.floor(at / block) * shape[axis] * inner + places[Math.floor(within / inner)] * inner + (within % inner)
          );
        }),
      ];
    }
    case 'Slice': {
      const ranges = sliceRanges(building, node, inputs, shape);
      const strides = stridesOf(shape);
      const to = shape.map((length, axis) => ranges.get(axis)?.count ?? length);
      const start = [...ranges].reduce((sum, [axis, range]) => sum + range.start * strides[axis], 0);
      return [
        moved(
          building,
          x,
          to,
          placer(
            to,
            strides.map((stride, axis) => stride * (ranges.get(axis)?.step ?? 1)),
            start,
          ),
        ),
      ];
    }
    case 'Concat': {
      if (!inputs.every(isKnown)) return null;
      const parts = inputs as readonly Known[];
      const axis = axisFrom(node.attributes.get('axis')?.i ?? 0, rank);
      if (
        !parts.every(
          (part) => part.shape.length === rank && part.shape.every((length, at) => at === axis || length === shape[at]),
        )
      )
        throw cannot('constants of different shapes are joined.');
      return [concatenated(building, parts, axis)];
    }
    case 'Expand': {
      const to = listOf(inputs[1] ?? null);
      if (!to?.every((length) => typeof length === 'number')) return null;
      const full = broadcast(shape, to as number[]);
      return [moved(building, x, full, stretched(full, shape))];
    }
    case 'Tile': {
      const repeats = listOf(inputs[1] ?? null);
      if (!repeats?.every((times) => typeof times === 'number') || repeats.length !== rank) return null;
      const to = shape.map((length, axis) => length * (repeats[axis] as number));
      const strides = stridesOf(shape);
      const own = stridesOf(to);
      return [
        moved(building, x, to, (at) =>
          shape.reduce(
            (sum, length, axis) => sum + ((Math.floor(at / own[axis]) % to[axis]) % length) * strides[axis],
            0,
          ),
        ),
      ];
    }
    case 'Split': {
      const axis = axisFrom(node.attributes.get('axis')?.i ?? 0, rank);
      const given = inputs[1] ? wholeList(inputs[1], 'parts') : intsOf(node, 'split');
      const count = node.outputs.length;
      const sizes = given ?? Array.from({ length: count }, () => Math.ceil(shape[axis] / count));
      const strides = stridesOf(shape);
      let from = 0;
      return node.outputs.map((_, n) => {
        const length = Math.min(sizes[n] ?? 0, shape[axis] - from);
        if (!(length >= 0)) throw cannot('its parts are more than there is.');
        const to = shape.with(axis, length);
        const part = moved(building, x, to, placer(to, strides, from * strides[axis]));
        from += length;
        return part;
      });
    }
    default:
      return null;
  }
}

function concatenated(building: Building, parts: readonly Known[], axis: number): Known {
  const [{ shape }] = parts;
  const length = parts.reduce((sum, part) => sum + part.shape[axis], 0);
  const to = shape.with(axis, length);
  reserve(building, to);
  const inner = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  const listed = parts.some(({ kind }) => kind === 'lengths');
  const items: Dim[] = [];
  for (let o = 0; o < outer; o++)
    for (const part of parts) {
      const block = part.shape[axis] * inner;
      const source = part.kind === 'lengths' ? part.items : part.data;
      for (let at = 0; at < block; at++) items.push(source[o * block + at]);
    }
  if (listed) return lengths(to, items);
  const { whole } = parts[0] as { whole: boolean };
  const Numbers = parts.every((part) => part.kind === 'constant' && part.data instanceof Float32Array)
    ? Float32Array
    : Float64Array;
  return { kind: 'constant', shape: to, whole, data: Numbers.from(items as number[]) };
}

/** Axes put in where `axes` say, as they are counted in the result. */
export function unsqueezed<T>(shape: readonly T[], axes: readonly number[], one: T): T[] {
  const rank = shape.length + axes.length;
  const places = new Set(axes.map((axis) => axisFrom(axis, rank)));
  if (places.size !== axes.length) throw cannot('it puts in the same axis twice.');
  const old = shape.values();
  return Array.from({ length: rank }, (_, axis) => (places.has(axis) ? one : (old.next().value as T)));
}
