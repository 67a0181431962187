import { add, type Building, cannot } from './building.ts';
import { type Dim, lengthOf, times } from './dim.ts';
import type { NodeProto } from './model-proto.ts';
import { type Atom, type Live, labOrder, live } from './value.ts';

/* Layers that bring a tensor's axes into the order and number that something needs; where they are already so, there is none. */

/** The lab's axes in this order. */
export function arranged(building: Building, node: NodeProto, value: Live, order: readonly number[]): Live {
  if (order.every((axis, at) => axis === at)) return value;
  const ref = add(building, node, { kind: 'permute', dims: order.map((axis) => axis + 1) }, [value.ref()], {
    suffix: 'permute',
  });
  const axes = value.axes.map((atoms) => atoms.map((atom) => (typeof atom === 'number' ? order.indexOf(atom) : atom)));
  return live(
    ref,
    order.map((axis) => value.shape[axis]),
    axes,
  );
}

/** The lab's axes in ONNX's order. */
export function inOrder(building: Building, node: NodeProto, value: Live): Live {
  return arranged(building, node, value, labOrder(value.axes));
}

/** One axis of ONNX as one axis of the lab's tensor, for which a length of 1 is added and axes that are seen as one are made one. */
export function settledAxis(building: Building, node: NodeProto, value: Live, axis: number): Live {
  if (value.axes[axis] === undefined) throw cannot(`there is no axis ${axis} of ${value.axes.length}.`);
  if (value.axes[axis].length === 1 && typeof value.axes[axis][0] === 'number') return value;
  return reshaped(building, node, value, (at) => (at === axis ? 'one' : 'as it is'));
}

/** Every axis of ONNX but the batch is one axis of the lab's tensor, in the same order. */
export function settled(building: Building, node: NodeProto, value: Live): Live {
  const ordered = inOrder(building, node, value);
  const plain = ordered.axes.every((atoms) => atoms.length === 1);
  return plain ? ordered : reshaped(building, node, ordered, () => 'one');
}

/** ONNX's axes made one axis each of the lab's, those that are said. */
function reshaped(building: Building, node: NodeProto, value: Live, how: (axis: number) => 'one' | 'as it is'): Live {
  const ordered = inOrder(building, node, value);
  const shape: Dim[] = [];
  const axes = ordered.axes.map((atoms, axis): readonly Atom[] => {
    const own = atoms.filter((atom) => typeof atom === 'number');
    if (atoms.length === 1 && own.length === 0) return atoms;
    if (how(axis) === 'one') {
      if (own.length < atoms.length) throw cannot('samples and timesteps are one axis here.');
      shape.push(own.map((atom) => ordered.shape[atom]).reduce(times, 1));
      return [shape.length - 1];
    }
    return atoms.map((atom) => {
      if (typeof atom !== 'number') return atom;
      shape.push(ordered.shape[atom]);
      return shape.length - 1;
    });
  });
  return live(reshapedRef(building, node, ordered.ref(), ordered.shape, shape), shape, axes);
}

/** A Reshape of the lab's tensor. */
export function reshapedRef(
  building: Building,
  node: NodeProto,
  ref: string,
  from: readonly Dim[],
  to: readonly Dim[],
): string {
  const lengths = to.map(lengthOf);
  if (from.length === to.length && lengths.every((length, at) => length === lengthOf(from[at]))) return ref;
  if (lengths.filter((length) => length === null).length > 1)
    throw cannot('a reshape to more than one length that is not known.');
  const targetShape = lengths.map((length) => length ?? -1);
  return add(building, node, { kind: 'reshape', targetShape }, [ref], { suffix: 'reshape' });
}

/** The lab's axis that is ONNX's `axis`, alone. */
export function labAxis(value: Live, axis: number): number {
  const atom = value.axes[axis]?.[0];
  if (value.axes[axis]?.length !== 1 || typeof atom !== 'number')
    throw cannot('it works along the samples of a batch, or along axes that the lab has apart.');
  return atom;
}

/** An axis as ONNX counts it, negative from the end. */
export function axisFrom(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (!(Number.isInteger(at) && at >= 0 && at < rank)) throw cannot(`there is no axis ${axis} of ${rank}.`);
  return at;
}

/** Takes one place of the lab's axis away: the axis is gone. */
export function picked(building: Building, node: NodeProto, value: Live, axis: number, index: number): Live {
  const at = labAxis(value, axis);
  const ref = add(building, node, { kind: 'slice', axis: at + 1, index }, [value.ref()], { suffix: 'slice' });
  return live(ref, value.shape.toSpliced(at, 1), withoutLab(value.axes.toSpliced(axis, 1), at));
}

/** Axes where the lab's axis `at` is no more. */
function withoutLab(axes: Live['axes'], at: number): Live['axes'] {
  return axes.map((atoms) => atoms.map((atom) => (typeof atom === 'number' && atom > at ? atom - 1 : atom)));
}
