import { type ActivationRef, activationWith } from '../../math/activations.ts';
import { tensor } from '../../math/tensor.ts';
import { activationOf, clip, rounded } from './activation.ts';
import { arranged, axisFrom, labAxis, settledAxis } from './axes.ts';
import { add, type Building, cannot, draftBehind } from './building.ts';
import { computedInput, isComputed } from './computed.ts';
import { affine, fitted } from './fitted.ts';
import { reserve } from './known.ts';
import type { NodeProto } from './model-proto.ts';
import { floatOf, intOf } from './node.ts';
import { asLive, reshape, shapeOf } from './shaping.ts';
import { type Constant, type Live, live, type Value } from './value.ts';

type Inputs = readonly (Value | null)[];

/** One function of each number, or of each vector along the lab's last axis: part of the layer before it where that has room for it. */
export function activated(building: Building, node: NodeProto, x: Live, activation: ActivationRef): Live {
  if (activation === 'linear') return x;
  const ref = x.ref();
  const draft = draftBehind(building, node.inputs[0], ref);
  if (draft && (draft.spec.kind === 'dense' || draft.spec.kind === 'conv1d') && draft.spec.activation === 'linear') {
    draft.spec = { ...draft.spec, activation };
    return x;
  }
  return live(add(building, node, { kind: 'activation', activation }, [ref]), x.shape, x.axes);
}

/** Relu, Sigmoid, … Null: not one of them. */
export function unary(building: Building, node: NodeProto, inputs: Inputs): Value[] | null {
  const activation = activationOf(node);
  if (activation === null) return null;
  return [activated(building, node, computedInput(building, node, inputs[0]), activation)];
}

export function softmax(building: Building, node: NodeProto, inputs: Inputs): Value[] {
  const x = computedInput(building, node, inputs[0]);
  const activation = node.opType === 'Softmax' ? 'softmax' : 'log_softmax';
  const rank = x.axes.length;
  const axis = axisFrom(intOf(node, 'axis', building.opset < 13 ? 1 : -1), rank);
  // Before opset 13 all axes from this one on are one vector.
  if (building.opset < 13 && axis < rank - 1) {
    const shape = shapeOf(building, x);
    const flat = computedInput(building, node, reshape(building, node, x, [...shape.slice(0, axis), 'rest']));
    const vector = alongLast(building, node, flat, axis);
    return [reshape(building, node, activated(building, node, vector, activation), shape)];
  }
  return [activated(building, node, alongLast(building, node, x, axis), activation)];
}

/** With ONNX's axis as the last of the lab's, along which rows lie. */
function alongLast(building: Building, node: NodeProto, given: Live, axis: number): Live {
  const x = settledAxis(building, node, given, axis);
  const at = labAxis(x, axis);
  const others = x.shape.map((_, other) => other).filter((other) => other !== at);
  return arranged(building, node, x, [...others, at]);
}

export function clipped(building: Building, node: NodeProto, inputs: Inputs): Value[] {
  const bound = (at: number, name: string, otherwise: number) => {
    const given = inputs[at];
    if (given?.kind === 'constant') return given.data[0];
    if (given) throw cannot(`its ${name} is computed from the input.`);
    return floatOf(node, name, otherwise);
  };
  const [low, high] = [bound(1, 'min', Number.NEGATIVE_INFINITY), bound(2, 'max', Number.POSITIVE_INFINITY)];
  const x = computedInput(building, node, inputs[0]);
  const one = clip(low, high);
  if (one !== null) return [activated(building, node, x, one)];
  if (!(low < high && Number.isFinite(high - low))) throw cannot(`it clips to ${low} … ${high}.`);
  // low + (high − low) · hard_sigmoid((x − low) / (high − low))
  const width = high - low;
  const inside = add(
    building,
    node,
    { kind: 'activation', activation: activationWith('linear_hard_sigmoid', 1 / width, -low / width) },
    [x.ref()],
    { suffix: 'bounded' },
  );
  const ref = add(building, node, { kind: 'activation', activation: activationWith('affine', width, low) }, [inside]);
  return [live(ref, x.shape, x.axes)];
}

/** PRelu with slopes of the file. */
export function prelu(building: Building, node: NodeProto, [input, slope]: Inputs): Value[] {
  const given = computedInput(building, node, input);
  if (slope?.kind !== 'constant') throw cannot('its slopes are computed from the input.');
  if (slope.data.length === 1)
    return [activated(building, node, given, activationWith('leaky_relu', rounded(slope.data[0])))];
  const { x, weights } = fitted(building, node, given, slope);
  const shape = [...new Array<number>(x.shape.length - weights.shape.length).fill(1), ...weights.shape];
  const sharedAxes = shape.flatMap((length, axis) => (length === 1 && x.shape[axis] !== 1 ? [axis + 1] : []));
  const ref = add(building, node, { kind: 'prelu', sharedAxes }, [x.ref()], {
    weights: { alpha: tensor(shape, weights.data) },
  });
  return [live(ref, x.shape, x.axes)];
}

/** Where with a condition of the file, and numbers of the file on one side: masked_fill. They stand there, the tensor elsewhere. */
export function where(building: Building, node: NodeProto, [condition, yes, no]: Inputs): Value[] {
  const isFirst = isComputed(yes);
  const [x, c] = isFirst ? [yes, no] : [no, yes];
  if (condition?.kind !== 'constant' || !isComputed(x) || c?.kind !== 'constant' || c.data.length !== 1)
    throw cannot('its condition or both its sides are computed from the input.');
  reserve(building, condition.shape);
  const stays = condition.data.map((value) => Number((value !== 0) === isFirst));
  const scale: Constant = { ...condition, data: stays, whole: false };
  const offset: Constant = { ...scale, data: stays.map((value) => (value === 1 ? 0 : c.data[0])) };
  return [affine(building, node, asLive(building, node, x), { scale, offset })];
}
