import { activationWith } from '../../math/activations.ts';
import { tensor } from '../../math/tensor.ts';
import { arranged, axisFrom, labAxis, settledAxis } from './axes.ts';
import { add, type Building, cannot } from './building.ts';
import { computedInput } from './computed.ts';
import { lengthOf } from './dim.ts';
import type { NodeProto } from './model-proto.ts';
import { axesInput, intOf } from './node.ts';
import { reshape } from './shaping.ts';
import { type Live, live, type Value } from './value.ts';

type Operation = 'max' | 'average' | 'sum';

const OPERATIONS = new Map<string, Operation>([
  ['ReduceMean', 'average'],
  ['ReduceMax', 'max'],
  ['ReduceSum', 'sum'],
]);

/** ReduceMean, ReduceMax and ReduceSum along axes other than the batch. */
export function reduce(building: Building, node: NodeProto, inputs: readonly (Value | null)[]): Value[] {
  let x = computedInput(building, node, inputs[0]);
  const rank = x.axes.length;
  const given = axesInput(building, node, inputs);
  if (!given?.length) {
    if (intOf(node, 'noop_with_empty_axes', 0) !== 0) return [x];
    throw cannot('it reduces a whole batch to one number.');
  }
  const keep = intOf(node, 'keepdims', 1) !== 0;
  const axes = [...new Set(given.map((axis) => axisFrom(axis, rank)))].sort((a, b) => b - a);
  for (const axis of axes) {
    x = reduced(building, node, x, axis, OPERATIONS.get(node.opType) ?? 'average');
    if (keep) x = live(x.ref, x.shape, x.axes.toSpliced(axis, 0, []));
  }
  return [x];
}

/** A global pooling of [along, all else]. The axis is gone. */
function reduced(building: Building, node: NodeProto, given: Live, axis: number, operation: Operation): Live {
  if (given.axes[axis].length === 0) return live(given.ref, given.shape, given.axes.toSpliced(axis, 1));
  const whole = settledAxis(building, node, given, axis);
  const at = labAxis(whole, axis);
  const others = [...whole.shape.keys()].filter((other) => other !== at);
  const x = arranged(building, node, whole, [at, ...others]);
  const [along, ...rest] = x.shape;
  const axes = x.axes
    .toSpliced(axis, 1)
    .map((atoms) => atoms.map((atom) => (typeof atom === 'number' ? atom - 1 : atom)));
  const steps = lengthOf(along);
  if (operation === 'sum' && steps === null) {
    if (rest.length !== 1) throw cannot('a sum over a length that only the input tells.');
    return summed(building, node, x, axes);
  }
  const flat = rest.length === 1 ? null : live(x.ref, x.shape, [[0], [...rest.keys()].map((n) => n + 1)]);
  const rows = flat ? settledAxis(building, node, flat, 1) : x;
  const pooled = add(
    building,
    node,
    {
      kind: 'global_pooling1d',
      operation: operation === 'max' ? 'max' : 'average',
      keepdims: false,
      dataFormat: 'channels_last',
    },
    [rows.ref()],
  );
  const scaled =
    operation === 'sum'
      ? add(
          building,
          node,
          { kind: 'activation', activation: activationWith('affine', steps as number, 0) },
          [pooled],
          { suffix: 'sum' },
        )
      : pooled;
  if (flat === null) return live(scaled, rest, axes);
  const back = reshape(building, node, live(scaled, [rows.shape[1]], [[0]]), rest.length === 0 ? [] : rest) as Live;
  return live(back.ref, rest, axes);
}

/** Σ over timesteps of which only the input tells how many: 1 with each timestep, summed as a Dot does. */
function summed(building: Building, node: NodeProto, x: Live, axes: Live['axes']): Live {
  const [features] = x.shape.slice(-1);
  const width = lengthOf(features);
  if (width === null) throw cannot('a sum over a length that only the input tells.');
  const ones = add(
    building,
    node,
    { kind: 'dense', units: 1, activation: 'linear', useBias: true, timeDistributed: false },
    [x.ref()],
    { weights: { kernel: tensor([width, 1]), bias: tensor([1], [1]) }, suffix: 'ones' },
  );
  const dot = add(building, node, { kind: 'merge', operation: 'dot', axes: [1, 1] }, [ones, x.ref()], {
    suffix: 'sum',
  });
  const ref = add(building, node, { kind: 'slice', axis: 1, index: 0 }, [dot], { suffix: 'pick' });
  return live(ref, [features], axes);
}

/** GlobalAveragePool and GlobalMaxPool: X [B, C, …], every axis after the channels becomes 1. */
export function globalPool(building: Building, node: NodeProto, inputs: readonly (Value | null)[]): Value[] {
  let x = computedInput(building, node, inputs[0]);
  if (x.axes[0]?.join() !== 'batch') throw cannot('its first axis is not the batch.');
  const rank = x.axes.length;
  for (let axis = rank - 1; axis >= 2; axis--)
    x = reduced(building, node, x, axis, node.opType === 'GlobalMaxPool' ? 'max' : 'average');
  return [live(x.ref, x.shape, [...x.axes, ...new Array<never[]>(rank - 2).fill([])])];
}
