import { arranged, inOrder, reshapedRef, settled, settledAxis } from './axes.ts';
import { add, type Building, cannot } from './building.ts';
import { BATCH, type Dim, mayBeSame, over, same, times } from './dim.ts';
import type { NodeProto } from './model-proto.ts';
import { type Atom, axesOf, type Live, labOrder, live, type Stack } from './value.ts';

/** A stretch of the numbers' order: an axis or, where it is cut, a part of one. */
interface Piece {
  readonly source: Atom;
  readonly dim: Dim;
}

/** The same tensor with its axes spelled anew. The stack's axis, if there is one, stays alone. */
export function withAxes(value: Live | Stack, axes: Live['axes']): Live | Stack {
  if (value.kind === 'live') return live(value.ref, value.shape, axes);
  const axis = axes.findIndex((atoms) => atoms.includes('stack'));
  return {
    kind: 'stack',
    axis,
    parts: value.parts.map(({ ref, shape }) => live(ref, shape, axes.toSpliced(axis, 1))),
  };
}

function dimOf(building: Building, value: Live | Stack, atom: Atom): Dim {
  if (atom === 'batch') return building.batch ?? BATCH;
  if (atom === 'stack') return (value as Stack).parts.length;
  return (value.kind === 'live' ? value : value.parts[0]).shape[atom];
}

/** ONNX's shape. */
export function shapeOf(building: Building, value: Live | Stack): Dim[] {
  return axesOf(value).map((atoms) => atoms.map((atom) => dimOf(building, value, atom)).reduce(times, 1));
}

/** A stack as one tensor, in which the parts lie along an axis of its own. */
export function asLive(building: Building, node: NodeProto, value: Live | Stack): Live {
  if (value.kind === 'live') return value;
  const { axis } = value;
  return joined(
    building,
    node,
    value.parts.map(({ ref, shape, axes }) => live(ref, shape, axes.toSpliced(axis, 0, []))),
    axis,
  );
}

/** Several tensors along an axis that they do not have; one alone just gets it. */
export function stackOf(building: Building, node: NodeProto, axis: number, given: readonly Live[]): Live | Stack {
  if (given.length === 1) return live(given[0].ref, given[0].shape, given[0].axes.toSpliced(axis, 0, []));
  return { kind: 'stack', axis, parts: alike(building, node, given) };
}

/** Tensors whose axes are spelled alike. */
function alike(building: Building, node: NodeProto, given: readonly Live[]): readonly Live[] {
  const same = (values: readonly Live[]) =>
    values.every(({ axes }) => JSON.stringify(axes) === JSON.stringify(values[0].axes));
  if (same(given)) return given;
  const ordered = given.map((value) => inOrder(building, node, value));
  return same(ordered) ? ordered : given.map((value) => settled(building, node, value));
}

/** Tensors one after the other along ONNX's axis. */
export function joined(building: Building, node: NodeProto, given: readonly Live[], axis: number): Live {
  if (given.length === 1) return given[0];
  const parts = alike(
    building,
    node,
    given.map((value) => settledAxis(building, node, value, axis)),
  );
  const [first] = parts;
  const at = first.axes[axis][0];
  if (typeof at !== 'number') throw cannot('it joins along the samples of a batch.');
  const length = parts.map(({ shape }) => shape[at]).reduce(plus);
  const shape = first.shape.with(at, length);
  const pair = building.pairs.get(first.ref);
  if (parts.length === 2 && pair?.backward === parts[1].ref && at === 1 && first.shape.length === 2)
    return live(pair.joined, shape, first.axes);
  const inputs = parts.map(({ ref }) => ref());
  const ref = add(building, node, { kind: 'merge', operation: 'concatenate', axes: [at + 1] }, inputs);
  return live(ref, shape, first.axes);
}

function plus(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  return a === 0 ? b : b === 0 ? a : { factor: 1, symbols: [`${JSON.stringify(a)}+${JSON.stringify(b)}`] };
}

/** Reshape: `target` in ONNX's words, where one length may be the rest. No numbers move, so that most of them only spell the axes anew. */
export function reshape(
  building: Building,
  node: NodeProto,
  value: Live | Stack,
  target: readonly (Dim | 'rest')[],
): Live | Stack {
  const pieces = axesOf(value)
    .flat()
    .map((source): Piece => ({ source, dim: dimOf(building, value, source) }));
  const groups: Piece[][] = target.map(() => []);
  const rest = target.indexOf('rest');
  const refuse = () => cannot('a reshape that cuts across samples or lengths that are not known.');
  const end = rest < 0 ? target.length : rest;
  for (let at = 0; at < end; at++) groups[at] = take(building, pieces, target[at] as Dim, false) ?? fail(refuse);
  for (let at = target.length - 1; rest >= 0 && at > rest; at--)
    groups[at] = take(building, pieces, target[at] as Dim, true) ?? fail(refuse);
  if (rest >= 0) groups[rest] = pieces;
  else if (pieces.some(({ dim }) => dim !== 1)) throw refuse();
  return regrouped(building, node, value, groups);
}

function fail(error: () => Error): never {
  throw error();
}

/** The pieces, from the beginning or the end, that make up one length of the target; taken out of `pieces`. */
function take(building: Building, pieces: Piece[], wanted: Dim, fromEnd: boolean): Piece[] | null {
  const group: Piece[] = [];
  const place = () => (fromEnd ? pieces.length - 1 : 0);
  const move = (piece: Piece) => {
    if (fromEnd) group.unshift(piece);
    else group.push(piece);
  };
  let left: Dim = wanted;
  for (;;) {
    const next = pieces[place()];
    if (left === 1 && !(group.length === 0 && next?.dim === 1)) return group;
    if (next === undefined) return null;
    // Exporters write a batch of known size as its number, or as what Shape gave.
    const whole = next.source === 'batch' && building.batch !== null ? [next.dim, BATCH] : [next.dim];
    const quotient = whole.map((dim) => over(left, dim)).find((found) => found !== null);
    if (quotient !== undefined && quotient !== null && left !== 0) {
      move(next);
      pieces.splice(place(), 1);
      left = quotient;
      if (left === 1) return group;
    } else if (typeof left === 'number' && typeof next.dim === 'number') {
      if (left === 0 || next.dim % left !== 0) return null;
      move({ source: next.source, dim: left });
      pieces[place()] = { source: next.source, dim: next.dim / left };
      return group;
    } else if (mayBeSame(left, next.dim)) {
      move(next);
      pieces.splice(place(), 1);
      // A batch of one sample beside a length that is not known: timesteps · samples.
      const beside = pieces[place()];
      if (beside?.source === 'batch' && beside.dim === 1 && pieces.length > 1) {
        move(beside);
        pieces.splice(place(), 1);
      }
      return group;
    } else return null;
  }
}

function regrouped(
  building: Building,
  node: NodeProto,
  value: Live | Stack,
  groups: readonly (readonly Piece[])[],
): Live | Stack {
  const sources = groups.flat().map(({ source }) => source);
  const before = axesOf(value).flat();
  if (sources.filter((source) => source === 'batch').length > 1)
    throw cannot('a reshape that cuts the samples of a batch.');
  const whole = sources.length === before.length && new Set(sources).size === sources.length;
  if (value.kind === 'stack') {
    const at = groups.findIndex((group) => group.some(({ source }) => source === 'stack'));
    const group = groups[at] ?? [];
    if (whole && group.length === 1) return withAxes(value, groups.map(atoms));
    if (whole && group[0].source === 'stack' && group.every(({ source }) => source !== 'batch')) {
      const inner = groups.map((pieces) => atoms(pieces).filter((atom) => atom !== 'stack'));
      const parts = value.parts.map(({ ref, shape }) => live(ref, shape, inner));
      return joined(building, node, parts, at);
    }
    const flat = asLive(building, node, value);
    // The pieces are counted in the stack's words; in the tensor's, the stack is an axis like the others.
    return reshape(
      building,
      node,
      flat,
      groups.map((pieces) => pieces.map(({ dim }) => dim).reduce(times, 1)),
    );
  }
  if (whole) return live(value.ref, value.shape, groups.map(atoms));
  const ordered = arranged(building, node, value, labOrder(value.axes));
  const shape: Dim[] = [];
  const axes = groups.map((group) =>
    group.map(({ source, dim }): Atom => (typeof source === 'number' ? shape.push(dim) - 1 : source)),
  );
  return live(reshapedRef(building, node, ordered.ref(), ordered.shape, shape), shape, axes);
}

const atoms = (pieces: readonly Piece[]): Atom[] => pieces.map(({ source }) => source);

/** Whether two tensors have the same lengths along every axis of ONNX. */
export function sameShape(building: Building, a: Live, b: Live): boolean {
  const [one, other] = [shapeOf(building, a), shapeOf(building, b)];
  return one.length === other.length && one.every((dim, at) => same(dim, other[at]));
}
