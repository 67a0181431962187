import { activationWith } from '../../../math/activations.ts';
import { tensor } from '../../../math/tensor.ts';
import { arranged, axisFrom, labAxis, settledAxis } from '../axes.ts';
import { add, type Building, cannot, type Doing } from '../building.ts';
import { isComputed } from '../computed.ts';
import { lengthOf, same as sameDim } from '../dim.ts';
import { listOf } from '../known.ts';
import type { NodeProto } from '../model-proto.ts';
import { intOf, intsOf } from '../node.ts';
import { numberOf } from '../patterns.ts';
import { isAll } from '../reversing.ts';
import { asLive, shapeOf } from '../shaping.ts';
import { type Live, live } from '../value.ts';
import { selectOf } from './select.ts';

/* A mask is computed with comparisons, which are no layers of the lab: here they are recognised. */

/** A tensor that is 0 where a timestep is skipped, and whether its timesteps are turned around. */
interface Mask {
  readonly value: Live;
  readonly isReversed: boolean;
}

const MAX_DEPTH = 16;

/** The mask [timesteps, batch, …] that a name outside of the loop is: what was compared, as layers. Throws a LabError where it is no such. */
export function maskOf(building: Building, node: NodeProto, name: string, depth = 0): Mask {
  const value = building.values.get(name);
  if (isComputed(value)) return { value: asLive(building, node, value), isReversed: false };
  const maker = building.producers.get(name);
  if (maker?.domain !== '' || depth === MAX_DEPTH) throw unclear();
  const inner = () => maskOf(building, node, maker.inputs[0], depth + 1);
  const axesSaid = () => listOf(building.values.get(maker.inputs[1] ?? '') ?? null) ?? intsOf(maker, 'axes') ?? [];
  switch (maker.opType) {
    case 'Identity':
    case 'Cast':
      return inner();
    case 'Not': {
      const differs = differing(building, node, name);
      if (differs === null) throw unclear();
      return { value: differs, isReversed: false };
    }
    case 'Greater': {
      const any = anyOf(building, name);
      if (any === null) throw unclear();
      return { value: anyDiffers(building, node, any), isReversed: false };
    }
    case 'Transpose': {
      const before = inner();
      const perm = intsOf(maker, 'perm') ?? before.value.axes.map((_, at) => at).reverse();
      return withAxes(
        before,
        perm.map((axis) => before.value.axes[axis] ?? []),
      );
    }
    case 'Unsqueeze': {
      const before = inner();
      const rank = before.value.axes.length + axesSaid().length;
      const added = new Set(axesSaid().map((axis) => axisFrom(axis as number, rank)));
      const rest = [...before.value.axes];
      return withAxes(
        before,
        Array.from({ length: rank }, (_, at) => (added.has(at) ? [] : (rest.shift() ?? []))),
      );
    }
    case 'Squeeze': {
      const before = inner();
      const gone = new Set(axesSaid().map((axis) => axisFrom(axis as number, before.value.axes.length)));
      if ([...gone].some((axis) => before.value.axes[axis].length > 0)) throw unclear();
      return withAxes(
        before,
        before.value.axes.filter((_, at) => !gone.has(at)),
      );
    }
    case 'Reshape': {
      // To the lengths that it has: TimeDistributed.
      const before = inner();
      const target = listOf(building.values.get(maker.inputs[1] ?? '') ?? null) ?? [];
      const own = shapeOf(building, before.value);
      const others = target.filter((length, at) => own[at] === undefined || !sameDim(length, own[at]));
      if (target.length !== own.length || others.length > 1 || others.some((length) => length !== -1)) throw unclear();
      return before;
    }
    case 'ReverseSequence': {
      const before = inner();
      const [time, batch] = [intOf(maker, 'time_axis', 0), intOf(maker, 'batch_axis', 1)];
      const at = labAxis(before.value, time);
      const lengths = building.values.get(maker.inputs[1] ?? '') ?? null;
      const isWhole = isAll(lengths, before.value.shape[at]) || isOwnLength(building, maker, time);
      if (before.value.axes[batch]?.join() !== 'batch' || !isWhole) throw unclear();
      return { ...before, isReversed: !before.isReversed };
    }
    default:
      throw unclear();
  }
}

/** Whether the lengths that a sequence is reversed by are its own: what Shape says of it, repeated for each sample. */
function isOwnLength({ producers, values }: Building, { inputs: [x, lengths] }: NodeProto, time: number): boolean {
  const repeated = producers.get(lengths);
  const picked = repeated?.opType === 'Expand' ? producers.get(repeated.inputs[0]) : undefined;
  const shape = picked?.opType === 'Gather' ? producers.get(picked.inputs[0]) : undefined;
  const place = listOf(values.get(picked?.inputs[1] ?? '') ?? null);
  return shape?.opType === 'Shape' && shape.inputs[0] === x && place?.length === 1 && place[0] === time;
}

const unclear = () => cannot('which timesteps it skips is computed in a way that the lab does not follow.');

function withAxes({ value, isReversed }: Mask, axes: Live['axes']): Mask {
  return { value: live(value.ref, value.shape, axes), isReversed };
}

/** What a name says of each number: that it is not this one. */
function differenceOf(building: Building, name: string): { x: string; from: number } | null {
  const not = building.producers.get(name);
  const equal = not?.opType === 'Not' ? building.producers.get(not.inputs[0]) : undefined;
  if (equal?.opType !== 'Equal') return null;
  const [a, b] = equal.inputs.map((input) => numberOf(building, input));
  if (b !== null) return { x: equal.inputs[0], from: b };
  return a === null ? null : { x: equal.inputs[1], from: a };
}

/** x ≠ number: x − number, which is 0 where they are alike. */
function differing(building: Building, node: NodeProto, name: string): Live | null {
  const found = differenceOf(building, name);
  const value = found && building.values.get(found.x);
  if (!found || !isComputed(value)) return null;
  return less(building, node, asLive(building, node, value), found.from);
}

function less(building: Building, node: NodeProto, x: Live, number: number): Live {
  if (number === 0) return x;
  const doing: Doing = { kind: 'activation', activation: activationWith('affine', 1, -number) };
  return live(add(building, node, doing, [x.ref()], { suffix: 'difference' }), x.shape, x.axes);
}

interface Any {
  readonly x: string;
  readonly from: number;
  readonly keeps: boolean;
}

/** Whether any feature of a timestep is not this number: reduce(cast(x ≠ number)) > 0. */
function anyOf(building: Building, name: string): Any | null {
  const greater = building.producers.get(name);
  if (greater?.opType !== 'Greater' || numberOf(building, greater.inputs[1]) !== 0) return null;
  const reduce = building.producers.get(greater.inputs[0]);
  if (reduce?.opType !== 'ReduceSum' && reduce?.opType !== 'ReduceMax') return null;
  const cast = building.producers.get(reduce.inputs[0]);
  const found = cast?.opType === 'Cast' ? differenceOf(building, cast.inputs[0]) : null;
  const value = found && building.values.get(found.x);
  if (!found || !isComputed(value)) return null;
  const axes = listOf(building.values.get(reduce.inputs[1] ?? '') ?? null) ?? intsOf(reduce, 'axes') ?? [];
  const isLast = axes.length === 1 && (axes[0] === -1 || axes[0] === 2);
  const keeps = intOf(reduce, 'keepdims', 1) !== 0;
  return isLast && asLive(building, reduce, value).axes.length === 3 ? { ...found, keeps } : null;
}

/** Σ |x − number| over the features: 0 where all are alike. */
function anyDiffers(building: Building, node: NodeProto, { x, from, keeps }: Any): Live {
  const value = building.values.get(x);
  if (!isComputed(value)) throw unclear();
  const { sequence, width } = featuresLast(building, node, asLive(building, node, value));
  const difference = less(building, node, sequence, from);
  const absolute = add(building, node, { kind: 'activation', activation: 'absolute' }, [difference.ref()], {
    suffix: 'differs',
  });
  const doing: Doing = { kind: 'dense', units: 1, activation: 'linear', useBias: false, timeDistributed: false };
  const ref = add(building, node, doing, [absolute], {
    weights: { kernel: tensor([width, 1], new Float64Array(width).fill(1)) },
    suffix: 'mask',
  });
  const axes = sequence.axes.slice(0, 2);
  // The axis of 1 that the layer has beside is none that the file counts.
  return live(ref, [sequence.shape[0]], keeps ? [...axes, []] : axes);
}

function featuresLast(building: Building, node: NodeProto, x: Live): { sequence: Live; width: number } {
  const whole = settledAxis(building, node, x, 2);
  const [time] = whole.axes.slice(0, 2).flatMap((atoms, axis) => (atoms.includes('batch') ? [] : [axis]));
  const sequence = arranged(building, node, whole, [labAxis(whole, time), labAxis(whole, 2)]);
  const width = lengthOf(sequence.shape[1]);
  if (width === null) throw unclear();
  return { sequence, width };
}

/** Keras's Masking: timesteps whose features are all one number become 0. */
export function masking(building: Building, node: NodeProto): Live | null {
  const select = selectOf(building, node);
  const any = select && anyOf(building, select.condition);
  if (!select || !any?.keeps || any.x !== select.yes) return null;
  if (select.no !== '' && numberOf(building, select.no) !== 0) return null;
  const value = building.values.get(any.x);
  if (!isComputed(value)) return null;
  const { sequence } = featuresLast(building, node, asLive(building, node, value));
  const ref = add(building, node, { kind: 'masking', maskValue: any.from }, [sequence.ref()]);
  return live(ref, sequence.shape, sequence.axes);
}

/** 0, or as many of them as there are indices, where the file fixes how many. */
function areZeros({ values }: Building, name: string): boolean {
  const value = values.get(name);
  return value?.kind === 'constant' && value.data.every((number) => number === 0);
}

/** Keras 3 counts an Embedding's indices below 0 from the end, which the lab refuses: i < 0 ? i + rows : i. */
export function wrappedIndices(building: Building, node: NodeProto): Live | null {
  const select = node.opType === 'Mul' ? null : selectOf(building, node);
  const less = select && building.producers.get(select.condition);
  if (!select || less?.opType !== 'Less' || !areZeros(building, less.inputs[1])) return null;
  const cast = building.producers.get(less.inputs[0]);
  const of = cast?.opType === 'Cast' ? cast.inputs[0] : less.inputs[0];
  const sum = building.producers.get(select.yes);
  const isWrapped = sum?.opType === 'Add' && sum.inputs[0] === of && numberOf(building, sum.inputs[1]) !== null;
  const value = building.values.get(of);
  if (!isWrapped || select.no !== of || !isComputed(value)) return null;
  const gathers = [...building.producers.values()].filter(({ inputs }) => inputs.includes(node.outputs[0]));
  return gathers.every(({ opType, inputs }) => opType === 'Gather' && inputs[1] === node.outputs[0])
    ? asLive(building, node, value)
    : null;
}
