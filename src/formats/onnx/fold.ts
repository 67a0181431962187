import { type Building, cannot } from './building.ts';
import { type Dim, times } from './dim.ts';
import { foldMove } from './fold-moves.ts';
import { computed } from './fold-numbers.ts';
import { isKnown, type Known, lengths, listOf, reserve, sizeOf } from './known.ts';
import type { NodeProto } from './model-proto.ts';
import { intOf, intsOf } from './node.ts';
import { shapeOf } from './shaping.ts';
import { numbersOf, type ReadExternal, type TensorProto } from './tensor-proto.ts';
import type { Constant, Value } from './value.ts';

/** What a node computes of numbers that are known, and of lengths. Null: it needs the input, or is not known. */
export function fold(
  building: Building,
  node: NodeProto,
  inputs: readonly (Value | null)[],
  readExternal: ReadExternal,
): readonly Value[] | null {
  if (node.domain !== '') return null;
  if (node.opType === 'Constant') return [constantOf(node, readExternal)];
  const [x] = inputs;
  if (node.opType === 'Shape' || node.opType === 'Size') {
    const shape = onnxShape(building, x);
    if (shape === null) return null;
    if (node.opType === 'Size') return [lengths([], [shape.reduce(times, 1)])];
    const part = shape.slice(intOf(node, 'start', 0), node.attributes.get('end')?.i ?? shape.length);
    return [lengths([part.length], part)];
  }
  if (node.opType === 'ConstantOfShape') return filled(building, node, x, readExternal);
  const repeated = node.opType === 'Expand' ? expanded(inputs) : null;
  if (repeated) return repeated;
  const sum = node.opType === 'Add' ? zerosPlus(inputs) : null;
  if (sum) return [sum];
  if (x?.kind === 'filled') return movedFilled(node, inputs);
  if (!inputs.every((input) => input === null || isKnown(input)) || !isKnown(x)) return null;
  return foldMove(building, node, inputs) ?? computed(building, node, inputs as readonly (Known | null)[]);
}

export function constant(tensor: TensorProto, readExternal: ReadExternal): Constant {
  const numbers = numbersOf(tensor, readExternal);
  if (numbers === null) throw cannot(`a constant of ONNX's type ${tensor.type}, which the lab does not read.`);
  return { kind: 'constant', ...numbers };
}

function constantOf({ attributes }: NodeProto, readExternal: ReadExternal): Value {
  const tensor = attributes.get('value')?.t;
  if (tensor) return constant(tensor, readExternal);
  const [[name, attribute] = ['', undefined]] = attributes;
  const number = (shape: readonly number[], data: readonly number[], whole: boolean): Constant => ({
    kind: 'constant',
    shape,
    data: Float64Array.from(data),
    whole,
  });
  if (name === 'value_float' && attribute) return number([], [attribute.f], false);
  if (name === 'value_int' && attribute) return number([], [attribute.i], true);
  if (name === 'value_floats' && attribute) return number([attribute.floats.length], attribute.floats, false);
  if (name === 'value_ints' && attribute) return number([attribute.ints.length], attribute.ints, true);
  throw cannot('a constant that is no dense tensor of numbers.');
}

/** ONNX's shape of anything. */
function onnxShape(building: Building, value: Value | null): readonly Dim[] | null {
  if (!value || value.kind === 'lost') return null;
  if (value.kind === 'live' || value.kind === 'stack') return shapeOf(building, value);
  return value.shape;
}

function filled(building: Building, node: NodeProto, x: Value | null, readExternal: ReadExternal): Value[] | null {
  const shape = listOf(x);
  if (shape === null) return null;
  const given = node.attributes.get('value')?.t;
  const one = given ? constant(given, readExternal) : null;
  const value = one?.data[0] ?? 0;
  if (!shape.every((length) => typeof length === 'number') || !(sizeOf(shape as number[]) <= 65_536))
    return [{ kind: 'filled', shape, value }];
  const data = new Float64Array(reserve(building, shape as number[])).fill(value);
  return [{ kind: 'constant', shape: shape as number[], data, whole: one?.whole ?? false }];
}

/** A constant that is repeated over lengths that only the input tells: one number everywhere stays so, others keep the length 1. */
function expanded([x, to]: readonly (Value | null)[]): Value[] | null {
  const target = listOf(to ?? null);
  if (target === null || target.every((length) => typeof length === 'number')) return null;
  if (x?.kind === 'lengths' && x.items.length === 1) return [lengths([1], x.items)];
  if (x?.kind === 'constant' && x.data.length === 1) return [{ kind: 'filled', shape: target, value: x.data[0] }];
  if (x?.kind === 'filled') return [{ ...x, shape: target }];
  if (x?.kind !== 'constant') return null;
  const lead = target.length - x.shape.length;
  const keeps = target.every(
    (length, axis) => typeof length !== 'number' || length === 1 || x.shape[axis - lead] === length,
  );
  return keeps && lead >= 0 ? [{ ...x, shape: [...new Array<number>(lead).fill(1), ...x.shape] }] : null;
}

/** Zeros in a shape that only the input tells, and a vector of the file: that vector, the same for each sample. */
function zerosPlus([a, b]: readonly (Value | null)[]): Value | null {
  const [zeros, vector] = a?.kind === 'filled' ? [a, b] : [b, a];
  if (zeros?.kind !== 'filled' || zeros.value !== 0 || zeros.shape.length !== 2 || vector?.kind !== 'constant')
    return null;
  const [length] = vector.shape.slice(-1);
  const isRow = vector.data.length === length && zeros.shape[1] === length;
  return isRow ? { ...vector, shape: [1, length] } : null;
}

/** One number everywhere stays so, wherever it is moved. Its shape is followed where something may ask for it: the states of recurrent layers. */
function movedFilled(node: NodeProto, inputs: readonly (Value | null)[]): Value[] | null {
  const x = inputs[0];
  if (x?.kind !== 'filled') return null;
  // Zeros times a matrix of the file: what a state of zeros gives.
  if (node.opType === 'MatMul' && x.value === 0 && inputs[1]?.kind === 'constant' && inputs[1].shape.length === 2)
    return [{ ...x, shape: [...x.shape.slice(0, -1), inputs[1].shape[1]] }];
  if (node.opType === 'Concat')
    return inputs.every((input) => input?.kind === 'filled' && input.value === x.value) ? [{ ...x, shape: [] }] : null;
  // The axes are moved as those of a small constant with a length for each symbol.
  const moves = [
    'Identity',
    'Dropout',
    'Cast',
    'Slice',
    'Transpose',
    'Squeeze',
    'Unsqueeze',
    'Reshape',
    'Split',
    'Tile',
    'Gather',
  ];
  if (!moves.includes(node.opType)) return null;
  if (node.opType === 'Unsqueeze') {
    const axes = intsOf(node, 'axes') ?? (listOf(inputs[1] ?? null) as number[] | null) ?? [];
    const rank = x.shape.length + axes.length;
    const at = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
    const rest = [...x.shape];
    return [
      {
        ...x,
        shape: Array.from({ length: Math.min(rank, 16) }, (_, axis) => (at.has(axis) ? 1 : (rest.shift() ?? 1))),
      },
    ];
  }
  const same = ['Identity', 'Dropout', 'Cast'].includes(node.opType);
  return node.outputs.map(() => (same ? x : { ...x, shape: [] }));
}
