import { tensor } from '../../math/tensor.ts';
import { rounded } from './activation.ts';
import { axisFrom, inOrder, labAxis, settledAxis } from './axes.ts';
import { add, type Building, cannot } from './building.ts';
import { computedInput } from './computed.ts';
import type { NodeProto } from './model-proto.ts';
import { floatOf, intOf } from './node.ts';
import { type Constant, live, type Value } from './value.ts';

function numbers(value: Value | null | undefined, what: string): Constant {
  if (value?.kind !== 'constant') throw cannot(`its ${what} is not in the file.`);
  return value;
}

/** BatchNormalization at inference: X [B, C, …], with scale, bias, mean and variance of the file. */
export function batchNormalization(building: Building, node: NodeProto, inputs: readonly (Value | null)[]): Value[] {
  const given = computedInput(building, node, inputs[0]);
  if (given.axes.length < 2) throw cannot('its input has no axis of channels.');
  if (intOf(node, 'training_mode', 0) !== 0) throw cannot('it is in training mode.');
  const x = settledAxis(building, node, given, 1);
  const [gamma, beta, mean, variance] = ['scale', 'bias', 'mean', 'variance'].map((what, at) => {
    const { data } = numbers(inputs[at + 1], what);
    return tensor([data.length], data);
  });
  const epsilon = rounded(floatOf(node, 'epsilon', 1e-5));
  const ref = add(
    building,
    node,
    { kind: 'batch_normalization', axis: labAxis(x, 1) + 1, epsilon, center: true, scale: true },
    [x.ref()],
    { weights: { gamma, beta, moving_mean: mean, moving_variance: variance } },
  );
  return node.outputs.map(() => live(ref, x.shape, x.axes));
}

/** LayerNormalization (since opset 17), from `axis` to the last. */
export function layerNormalization(building: Building, node: NodeProto, inputs: readonly (Value | null)[]): Value[] {
  const given = computedInput(building, node, inputs[0]);
  const rank = given.axes.length;
  const from = axisFrom(intOf(node, 'axis', -1), rank);
  let x = inOrder(building, node, given);
  for (let axis = from; axis < rank; axis++) x = settledAxis(building, node, x, axis);
  const axes = Array.from({ length: rank - from }, (_, n) => labAxis(x, from + n));
  const lengths = axes.map((axis) => x.shape[axis]);
  if (!lengths.every((length) => typeof length === 'number'))
    throw cannot('it normalizes a length that only the input tells.');
  const shaped = (value: Value, what: string) => {
    const { data } = numbers(value, what);
    const size = (lengths as number[]).reduce((product, length) => product * length, 1);
    if (data.length !== size) throw cannot(`its ${what} has ${data.length} numbers, for ${size} features.`);
    return tensor(lengths as number[], data);
  };
  const gamma = inputs[1] ? shaped(inputs[1], 'scale') : null;
  const beta = inputs[2] ? shaped(inputs[2], 'bias') : null;
  const epsilon = rounded(floatOf(node, 'epsilon', 1e-5));
  const ref = add(
    building,
    node,
    {
      kind: 'layer_normalization',
      axis: axes.map((axis) => axis + 1),
      epsilon,
      center: beta !== null,
      scale: gamma !== null,
    },
    [x.ref()],
    { weights: { ...(gamma && { gamma }), ...(beta && { beta }) } },
  );
  const [first, ...others] = node.outputs;
  if (others.some((name) => building.uses.has(name))) throw cannot('its mean or deviation is asked for.');
  return first === undefined ? [] : [live(ref, x.shape, x.axes)];
}
