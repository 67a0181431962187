import { type ActivationRef, activationWith } from '../../math/activations.ts';
import { type Tensor, tensor } from '../../math/tensor.ts';
import { activationOf, clip, rounded } from './activation.ts';
import { arranged, axisFrom, inOrder, labAxis, settled, settledAxis } from './axes.ts';
import { add, type Building, cannot, draftBehind } from './building.ts';
import { lengthOf } from './dim.ts';
import { moved, placer, reserve, stridesOf } from './known.ts';
import type { NodeProto } from './model-proto.ts';
import { floatOf, intOf } from './node.ts';
import { asLive, reshape, sameShape, shapeOf } from './shaping.ts';
import { type Constant, type Live, live, type Stack, type Value } from './value.ts';

type Inputs = readonly (Value | null)[];

/** A tensor that the model computes; a stack as one tensor. */
export function computedInput(building: Building, node: NodeProto, value: Value | null | undefined): Live {
  if (value?.kind === 'live' || value?.kind === 'stack') return asLive(building, node, value);
  throw cannot('what it works on is not a tensor that the layers before it compute.');
}

export function isComputed(value: Value | null | undefined): value is Live | Stack {
  return value?.kind === 'live' || value?.kind === 'stack';
}

/** One function of each number, or of each vector along the lab's last axis: part of the layer before it where that has room for it. */
function activated(building: Building, node: NodeProto, x: Live, activation: ActivationRef): Live {
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

const MERGES = new Map<string, 'add' | 'subtract' | 'multiply' | 'maximum' | 'minimum' | 'average'>([
  ['Add', 'add'],
  ['Sum', 'add'],
  ['Sub', 'subtract'],
  ['Mul', 'multiply'],
  ['Max', 'maximum'],
  ['Min', 'minimum'],
  ['Mean', 'average'],
]);

/** Add, Sub, Mul, Div, Pow, Max, Min, Sum, Mean: of tensors, or of one with numbers of the file. */
export function arithmetic(building: Building, node: NodeProto, inputs: Inputs): Value[] {
  const values = inputs.map((value): Value | null =>
    value?.kind === 'filled'
      ? { kind: 'constant', shape: [], data: Float64Array.of(value.value), whole: false }
      : value,
  );
  const [a, b] = values;
  if (values.length === 1 && isComputed(a)) return [a];
  if (values.length === 2 && isComputed(a) && b?.kind === 'constant')
    return [withConstant(building, node, a, b, false)];
  if (values.length === 2 && a?.kind === 'constant' && isComputed(b)) return [withConstant(building, node, b, a, true)];
  const operation = MERGES.get(node.opType);
  if (operation === undefined) throw cannot(`${node.opType} of two tensors that both depend on the input.`);
  const parts = values.map((value) => computedInput(building, node, value));
  if (operation === 'average' || parts.length === 2) return [merged(building, node, operation, parts)];
  return [parts.reduce((sum, part) => merged(building, node, operation, [sum, part]))];
}

function withConstant(building: Building, node: NodeProto, value: Live | Stack, c: Constant, swapped: boolean): Value {
  reserve(building, c.shape);
  const number = c.data.length === 1 ? c.data[0] : null;
  const x = asLive(building, node, value);
  const scaled = (data: Constant['data']) => ({ scale: { ...c, data } });
  switch (node.opType) {
    case 'Add':
    case 'Sum':
      return number === 0 ? x : (biased(building, node, x, c) ?? affine(building, node, x, { offset: c }));
    case 'Sub':
      if (swapped)
        return affine(building, node, x, { scale: { ...c, shape: [], data: Float64Array.of(-1) }, offset: c });
      return affine(building, node, x, { offset: { ...c, data: c.data.map((n) => -n) } });
    case 'Mul':
      return number === 1 ? x : affine(building, node, x, scaled(c.data));
    case 'Div':
      if (swapped) break;
      return number === 1 ? x : affine(building, node, x, scaled(Float64Array.from(c.data, (n) => 1 / n)));
    case 'Pow':
      if (swapped || number === null) break;
      if (number === 1) return x;
      if (number === 2) return merged(building, node, 'multiply', [x, x]);
      break;
    case 'Max':
      if (number === 0) return activated(building, node, x, 'relu');
      break;
  }
  throw cannot(`${node.opType} with these numbers of the file.`);
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

/** The bias of a Dense or Conv1D whose product comes before it. */
function biased(building: Building, node: NodeProto, x: Live, c: Constant): Live | null {
  const ref = x.ref();
  const product = node.inputs.find((name) => building.values.get(name)?.kind !== 'constant') ?? '';
  const draft = draftBehind(building, product, ref);
  if (draft?.spec.kind !== 'dense' || draft.spec.useBias || draft.spec.activation !== 'linear') return null;
  const last = x.axes.at(-1) ?? [];
  const { units } = draft.spec;
  const isVector = c.shape.every((length, axis) => length === (axis === c.shape.length - 1 ? units : 1));
  if (!isVector || last.length !== 1 || last[0] !== x.shape.length - 1 || c.shape.length > x.axes.length) return null;
  draft.spec = { ...draft.spec, useBias: true };
  draft.weights = { ...draft.weights, bias: tensor([units], c.data) };
  return x;
}

function affine(building: Building, node: NodeProto, given: Live, by: { scale?: Constant; offset?: Constant }): Live {
  const numbers = Object.values(by).every(({ data }) => data.length === 1);
  const low = Object.values(by).every(({ shape }) => shape.length <= given.axes.length);
  if (numbers && low) {
    const activation = activationWith('affine', by.scale?.data[0] ?? 1, by.offset?.data[0] ?? 0);
    return live(add(building, node, { kind: 'activation', activation }, [given.ref()]), given.shape, given.axes);
  }
  // Whatever the axes must be like for one of them, they are for both.
  let x = given;
  for (const part of [by.offset, by.scale]) if (part) ({ x } = fitted(building, node, x, part));
  const scale = by.scale && fitted(building, node, x, by.scale).weights;
  const offset = by.offset && fitted(building, node, x, by.offset).weights;
  const ref = add(
    building,
    node,
    { kind: 'affine', ...(scale && { scaleShape: scale.shape }), ...(offset && { offsetShape: offset.shape }) },
    [x.ref()],
    { weights: { ...(scale && { scale }), ...(offset && { offset }) } },
  );
  const shape = x.shape.map((dim, axis) => {
    const lengths = [scale, offset].map((t) => t?.shape[axis - x.shape.length + t.shape.length] ?? 1);
    return dim === 1 ? Math.max(...lengths) : dim;
  });
  return live(ref, shape, x.axes);
}

/** Without the axis of the samples, where each sample has the same numbers: exporters write the zeros of a state for a batch of a certain size. */
function once(building: Building, { axes }: Live, c: Constant): Constant {
  const axis = axes.findIndex((atoms) => atoms.includes('batch')) + c.shape.length - axes.length;
  if (!(axis >= 0) || c.shape[axis] === 1 || c.shape[axis] !== building.batch) return c;
  reserve(building, c.shape);
  const strides = stridesOf(c.shape);
  const shape = c.shape.with(axis, 1);
  const first = moved(building, c, shape, placer(shape, strides)) as Constant;
  const place = placer(
    c.shape,
    stridesOf(shape).map((stride, at) => (at === axis ? 0 : stride)),
  );
  return c.data.every((value, at) => value === first.data[place(at)]) ? first : c;
}

/** Numbers of the file in the order of the lab's axes, and the tensor with those axes apart along which the numbers differ. */
function fitted(building: Building, node: NodeProto, given: Live, from: Constant): { x: Live; weights: Tensor } {
  const c = once(building, given, from);
  const extra = c.shape.length - given.axes.length;
  let x = extra > 0 ? live(given.ref, given.shape, [...new Array<never[]>(extra).fill([]), ...given.axes]) : given;
  const lengths = [...new Array<number>(Math.max(0, -extra)).fill(1), ...c.shape];
  lengths.forEach((length, axis) => {
    if (length === 1) return;
    if (x.axes[axis].includes('batch'))
      throw cannot('numbers of the file that differ from sample to sample of a batch.');
    x = settledAxis(building, node, x, axis);
    const own = lengthOf(x.shape[labAxis(x, axis)]);
    if (own !== null && own !== 1 && own !== length) throw cannot(`shapes do not fit: ${own} and ${length}.`);
  });
  const axisOf = x.shape.map((_, at) => x.axes.findIndex((atoms) => atoms.includes(at)));
  const shape = axisOf.map((axis) => lengths[axis]);
  const strides = stridesOf(lengths);
  const places = placer(
    shape,
    axisOf.map((axis) => strides[axis]),
  );
  const turned = moved(building, c, shape, places);
  const start = shape.findIndex((length) => length !== 1);
  return { x, weights: tensor(start < 0 ? [] : shape.slice(start), (turned as Constant).data) };
}

type Merge = 'add' | 'subtract' | 'multiply' | 'maximum' | 'minimum' | 'average';

/** Tensors number by number, stretched as NumPy does. */
function merged(building: Building, node: NodeProto, operation: Merge, given: readonly Live[]): Live {
  const rank = Math.max(...given.map(({ axes }) => axes.length));
  const ranked = given.map(({ ref, shape, axes }) =>
    live(ref, shape, [...new Array<never[]>(rank - axes.length).fill([]), ...axes]),
  );
  const [first] = ranked;
  const alike = ranked.every(
    (part) =>
      sameShape(building, part, first) &&
      part.axes.every((atoms, axis) => atoms.includes('batch') === first.axes[axis].includes('batch')) &&
      part.axes.every((atoms, axis) => atoms.length === first.axes[axis].length),
  );
  const parts = ranked.map((part) => (alike ? inOrder(building, node, part) : spread(building, node, part, ranked)));
  const shape = parts[0].shape.map(
    (dim, axis) => parts.map((part) => part.shape[axis]).find((other) => other !== 1) ?? dim,
  );
  const samples = ranked.find(({ axes }) => axes.flat().includes('batch')) ?? first;
  const axes = alike ? parts[0].axes : (parts.find((_, at) => ranked[at] === samples) ?? parts[0]).axes;
  const inputs = parts.map(({ ref }) => ref());
  return live(add(building, node, { kind: 'merge', operation }, inputs), shape, axes);
}

/** Every axis one of the lab's but the batch, which where another tensor has it a length of 1 does not count. */
function spread(building: Building, node: NodeProto, part: Live, all: readonly Live[]): Live {
  const batchAxis = all[0].axes.findIndex((_, axis) => all.some(({ axes }) => axes[axis].includes('batch')));
  if (batchAxis < 0 || part.axes[batchAxis].includes('batch')) return settled(building, node, part);
  if (shapeOf(building, part)[batchAxis] !== 1) throw cannot('it joins samples with timesteps or features.');
  const without = live(part.ref, part.shape, part.axes.toSpliced(batchAxis, 1));
  if (part.axes[batchAxis].length > 0) throw cannot('it joins samples with timesteps or features.');
  const whole = settled(building, node, without);
  return live(whole.ref, whole.shape, whole.axes.toSpliced(batchAxis, 0, []));
}
