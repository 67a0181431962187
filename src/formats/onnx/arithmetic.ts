import { tensor } from '../../math/tensor.ts';
import { inOrder, settled } from './axes.ts';
import { add, type Building, cannot, draftBehind } from './building.ts';
import { computedInput, isComputed } from './computed.ts';
import { affine } from './fitted.ts';
import { reserve } from './known.ts';
import type { NodeProto } from './model-proto.ts';
import { activated } from './pointwise.ts';
import { asLive, sameShape, shapeOf } from './shaping.ts';
import { type Constant, type Live, live, type Stack, type Value } from './value.ts';

type Inputs = readonly (Value | null)[];

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
