import { axisFrom, picked, settledAxis } from './axes.ts';
import { add, type Building, cannot } from './building.ts';
import { computedInput, isComputed } from './computed.ts';
import { type Dim, same } from './dim.ts';
import { unsqueezed } from './fold-moves.ts';
import { listOf } from './known.ts';
import type { NodeProto } from './model-proto.ts';
import { axesInput, intOf, intsOf } from './node.ts';
import { asLive, reshape, shapeOf, withAxes } from './shaping.ts';
import { axesOf, type Live, live, type Stack, type Value } from './value.ts';

type Inputs = readonly (Value | null)[];

function tensorOf(value: Value | null | undefined): Live | Stack {
  if (isComputed(value)) return value;
  throw cannot('what it works on is not a tensor that the layers before it compute.');
}

/** The axes in another order: only their spelling changes. */
export function transpose(_: Building, node: NodeProto, inputs: Inputs): Value[] {
  const x = tensorOf(inputs[0]);
  const axes = axesOf(x);
  const perm = intsOf(node, 'perm') ?? axes.map((_, axis) => axes.length - 1 - axis);
  if (perm.length !== axes.length || new Set(perm).size !== axes.length || perm.some((axis) => !axes[axis]))
    throw cannot('its perm is no order of the axes.');
  return [
    withAxes(
      x,
      perm.map((axis) => axes[axis]),
    ),
  ];
}

export function squeeze(building: Building, node: NodeProto, inputs: Inputs): Value[] {
  let x = tensorOf(inputs[0]);
  const lengths = shapeOf(building, x);
  const given = axesInput(building, node, inputs);
  const axes =
    given?.map((axis) => axisFrom(axis, lengths.length)) ??
    lengths.flatMap((length, axis) => (length === 1 ? [axis] : []));
  // From the last, so that the axes before stay where they are.
  for (const axis of [...axes].sort((a, b) => b - a)) x = withoutAxis(building, node, x, axis, lengths[axis]);
  return [x];
}

/** Without an axis of length 1. */
function withoutAxis(building: Building, node: NodeProto, x: Live | Stack, axis: number, length: Dim): Live | Stack {
  const atoms = axesOf(x)[axis];
  if (atoms.length === 0) return withAxes(x, axesOf(x).toSpliced(axis, 1));
  if (atoms.join() === 'batch' && length === 1) {
    building.notes.add('the file works on one sample at a time; the lab does so with each sample of a batch.');
    return withAxes(x, axesOf(x).toSpliced(axis, 1));
  }
  if (length !== 1) throw cannot('it squeezes an axis that is not known to be 1 long.');
  return picked(building, node, settledAxis(building, node, asLive(building, node, x), axis), axis, 0);
}

export function unsqueeze(building: Building, node: NodeProto, inputs: Inputs): Value[] {
  const x = tensorOf(inputs[0]);
  const axes = axesInput(building, node, inputs) ?? [];
  return [withAxes(x, unsqueezed(axesOf(x), axes, []))];
}

export function reshaped(building: Building, node: NodeProto, inputs: Inputs): Value[] {
  const x = tensorOf(inputs[0]);
  const given = building.opset < 5 ? intsOf(node, 'shape') : listOf(inputs[1] ?? null);
  if (!given) throw cannot('the shape that it makes is computed from the input’s numbers.');
  const own = shapeOf(building, x);
  const zeroIsZero = intOf(node, 'allowzero', 0) !== 0;
  const target = given.map((length, axis): Dim | 'rest' => {
    if (length === -1) return 'rest';
    return length === 0 && !zeroIsZero ? (own[axis] ?? 1) : length;
  });
  if (target.filter((length) => length === 'rest').length > 1) throw cannot('its shape has more than one −1.');
  return [reshape(building, node, x, target)];
}

export function flatten(building: Building, node: NodeProto, inputs: Inputs): Value[] {
  const x = tensorOf(inputs[0]);
  const axes = axesOf(x);
  const given = intOf(node, 'axis', 1);
  const axis = given < 0 ? given + axes.length : given;
  if (!(axis >= 0 && axis <= axes.length)) throw cannot(`there is no axis ${given}.`);
  const flat = x.kind === 'stack' ? asLive(building, node, x) : x;
  const own = axesOf(flat);
  return [withAxes(flat, [own.slice(0, axis).flat(), own.slice(axis).flat()])];
}

/** What changes nothing at inference. */
export function unchanged(building: Building, node: NodeProto, inputs: Inputs): Value[] {
  const [x] = inputs;
  if (x === null || x === undefined) throw cannot('it has no input.');
  if (node.opType === 'Cast' && isComputed(x)) building.notes.add(CAST);
  return node.outputs.map(() => x);
}

const CAST = 'the file changes the type of numbers on the way; the lab computes in float64 throughout.';

/** Expand and Tile: a vector repeated along a new axis, or nothing repeated. */
export function expand(building: Building, node: NodeProto, inputs: Inputs): Value[] {
  const x = computedInput(building, node, inputs[0]);
  const target = listOf(inputs[1] ?? null);
  if (target === null) throw cannot('the shape that it makes is computed from the input’s numbers.');
  const extra = Math.max(0, target.length - x.axes.length);
  const spread = live(x.ref, x.shape, [...new Array<never[]>(extra).fill([]), ...x.axes]);
  const own = shapeOf(building, spread);
  const lead = own.length - target.length;
  const longer = own.flatMap((length, axis) => {
    const wanted = axis < lead ? 1 : target[axis - lead];
    const grows =
      wanted !== 1 && (node.opType === 'Tile' || !same(wanted, length)) && !isBatch(building, spread, axis, wanted);
    return grows ? [{ axis, wanted }] : [];
  });
  if (longer.length === 0) return [spread];
  const [{ axis, wanted }] = longer;
  const vector = spread.axes[axis].length === 0 && spread.shape.length === 1;
  if (longer.length > 1 || !vector || typeof wanted !== 'number' || !(wanted > 0))
    throw cannot('it repeats a tensor along more than one new axis, or as often as only the input tells.');
  const ref = add(building, node, { kind: 'repeat_vector', n: wanted }, [spread.ref()]);
  const axes = spread.axes.map((atoms, at) => (at === axis ? [0] : atoms.map((atom) => (atom === 0 ? 1 : atom))));
  return [live(ref, [wanted, spread.shape[0]], axes)];
}

function isBatch(building: Building, x: Live, axis: number, wanted: Dim): boolean {
  return x.axes[axis].includes('batch') && (typeof wanted !== 'number' || wanted === building.batch);
}
