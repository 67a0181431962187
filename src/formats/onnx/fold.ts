import { type Building, cannot } from './building.ts';
import { type Dim, over, same, times } from './dim.ts';
import { foldMove } from './fold-moves.ts';
import { broadcast, isKnown, type Known, lengths, listOf, reserve, sizeOf, stretched } from './known.ts';
import type { NodeProto } from './model-proto.ts';
import { floatOf, intOf, intsOf } from './node.ts';
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

/** C's and ONNX's way of division of whole numbers. */
const divide = (a: number, b: number, whole: boolean) => (whole ? Math.trunc(a / b) : a / b);

const binary: Readonly<Record<string, (a: number, b: number, whole: boolean) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: divide,
  Pow: (a, b) => a ** b,
  Mod: (a, b) => a - b * Math.floor(a / b),
  Min: (a, b) => Math.min(a, b),
  Max: (a, b) => Math.max(a, b),
  Equal: (a, b) => Number(a === b),
  Less: (a, b) => Number(a < b),
  LessOrEqual: (a, b) => Number(a <= b),
  Greater: (a, b) => Number(a > b),
  GreaterOrEqual: (a, b) => Number(a >= b),
  And: (a, b) => Number(a !== 0 && b !== 0),
  Or: (a, b) => Number(a !== 0 || b !== 0),
};

const unary: Readonly<Record<string, (a: number) => number>> = {
  Neg: (a) => -a,
  Abs: Math.abs,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Sqrt: Math.sqrt,
  Reciprocal: (a) => 1 / a,
  Exp: Math.exp,
  Log: Math.log,
  Not: (a) => Number(a === 0),
  Tanh: Math.tanh,
  Sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  Relu: (a) => Math.max(0, a),
};

const TRUTHS = ['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'And', 'Or', 'Not'];
const FLOAT_TYPES = [1, 10, 11, 16];

function computed(building: Building, node: NodeProto, inputs: readonly (Known | null)[]): Value[] | null {
  const { opType } = node;
  const [x, y] = inputs as readonly [Known, Known | null];
  if (opType === 'Cast') {
    const whole = !FLOAT_TYPES.includes(intOf(node, 'to', 1));
    if (x.kind === 'lengths') return [x];
    if (!whole || x.whole) return [{ ...x, whole }];
    reserve(building, x.shape);
    return [{ ...x, data: x.data.map(Math.trunc), whole }];
  }
  if (Object.hasOwn(unary, opType) && x.kind === 'constant') {
    reserve(building, x.shape);
    return [{ ...x, data: new Float64Array(x.data).map(unary[opType]), whole: x.whole || opType === 'Not' }];
  }
  if (Object.hasOwn(binary, opType) && y) return [combined(building, opType, x, y)];
  if (opType === 'Where' && y && inputs[2]) return chosen(building, x, y, inputs[2]);
  if (opType === 'Range' && inputs.every((input) => input?.kind === 'constant')) {
    const [start, limit, step] = (inputs as readonly Constant[]).map(({ data }) => data[0]);
    const count = Math.max(0, Math.ceil((limit - start) / step));
    if (!Number.isFinite(count)) throw cannot('a range without end.');
    reserve(building, [count]);
    return [
      { ...(x as Constant), shape: [count], data: Float64Array.from({ length: count }, (_, n) => start + n * step) },
    ];
  }
  if (opType === 'ReduceProd' && x.shape.length === 1) {
    const total = (listOf(x) ?? [Number.NaN]).reduce(times, 1);
    return [lengths(intOf(node, 'keepdims', 1) === 1 ? [1] : [], [total])];
  }
  if (opType === 'Trilu' && x.kind === 'constant') return [triangle(building, node, x, y ?? null)];
  if ((opType === 'MatMul' || opType === 'Gemm') && x.kind === 'constant' && y?.kind === 'constant')
    return multiplied(building, node, x, y, inputs[2] ?? null);
  if (opType === 'DequantizeLinear' && x.kind === 'constant') return null;
  if (opType === 'Pow' && x.kind === 'constant') {
    reserve(building, x.shape);
    return [{ ...x, data: x.data.map((a) => a ** floatOf(node, 'exponent', 1)) }];
  }
  return null;
}

/** The upper or lower triangle of each matrix; 0 elsewhere. */
function triangle(building: Building, node: NodeProto, x: Constant, k: Known | null): Constant {
  const [rows, columns] = x.shape.slice(-2);
  const shift = k?.kind === 'constant' ? k.data[0] : 0;
  if (columns === undefined || (k !== null && k.kind !== 'constant')) throw cannot('a triangle of what is no matrix.');
  reserve(building, x.shape);
  const isUpper = intOf(node, 'upper', 1) !== 0;
  const data = x.data.map((value, at) => {
    const over = (at % columns) - (Math.floor(at / columns) % rows) - shift;
    return isUpper === over >= 0 || over === 0 ? value : 0;
  });
  return { ...x, data };
}

/** As many multiplications as one product of constants may take. */
const MAX_WORK = 2 ** 26;

/** A product of matrices of the file: what a state of zeros makes of a cell's first timestep. */
function multiplied(building: Building, node: NodeProto, x: Constant, y: Constant, c: Known | null): Value[] | null {
  const isTurned = intOf(node, 'transB', 0) !== 0;
  const isPlain = floatOf(node, 'alpha', 1) === 1 && floatOf(node, 'beta', 1) === 1 && intOf(node, 'transA', 0) === 0;
  if (x.shape.length !== 2 || y.shape.length !== 2 || !isPlain || c?.kind === 'lengths') return null;
  const [[rows, inner], [first, second]] = [x.shape, y.shape];
  const [own, columns] = isTurned ? [second, first] : [first, second];
  if (own !== inner || rows * inner * columns > MAX_WORK) return null;
  const data = new Float64Array(reserve(building, [rows, columns]));
  const [along, across] = isTurned ? [1, inner] : [columns, 1];
  for (let r = 0; r < rows; r++)
    for (let k = 0; k < inner; k++) {
      const factor = x.data[r * inner + k];
      if (factor !== 0)
        for (let column = 0; column < columns; column++)
          data[r * columns + column] += factor * y.data[k * along + column * across];
    }
  const product: Constant = { kind: 'constant', shape: [rows, columns], data, whole: false };
  return [c ? combined(building, 'Add', product, c) : product];
}

function combined(building: Building, opType: string, x: Known, y: Known): Known {
  const shape = broadcast(x.shape, y.shape);
  const size = reserve(building, shape);
  const [p, q] = [stretched(shape, x.shape), stretched(shape, y.shape)];
  const f = binary[opType];
  if (x.kind === 'constant' && y.kind === 'constant') {
    const data = Float64Array.from({ length: size }, (_, at) => f(x.data[p(at)], y.data[q(at)], x.whole));
    return { kind: 'constant', shape, data, whole: x.whole || TRUTHS.includes(opType) };
  }
  const item = (value: Known, at: number): Dim => (value.kind === 'lengths' ? value.items[at] : value.data[at]);
  return lengths(
    shape,
    Array.from({ length: size }, (_, at) => ofLengths(opType, item(x, p(at)), item(y, q(at)))),
  );
}

function ofLengths(opType: string, a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return binary[opType](a, b, true);
  const unknown = () => cannot(`it computes ${opType} of a length that only the input tells.`);
  if (opType === 'Mul') return times(a, b);
  if (opType === 'Div') {
    const quotient = over(a, b);
    if (quotient === null) throw unknown();
    return quotient;
  }
  if ((opType === 'Add' || opType === 'Sub') && b === 0) return a;
  if (opType === 'Add' && a === 0) return b;
  // A length is never negative, and one that the file leaves open is taken for another than a particular one.
  if (opType === 'Equal') return Number(same(a, b));
  throw unknown();
}

function chosen(building: Building, condition: Known, x: Known, y: Known): Value[] | null {
  if (condition.kind !== 'constant') return null;
  const shape = broadcast(broadcast(condition.shape, x.shape), y.shape);
  const size = reserve(building, shape);
  const [c, p, q] = [condition, x, y].map((value) => stretched(shape, value.shape));
  const items = Array.from({ length: size }, (_, at): Dim => {
    const [from, place] = condition.data[c(at)] === 0 ? [y, q] : [x, p];
    return from.kind === 'lengths' ? from.items[place(at)] : from.data[place(at)];
  });
  if (x.kind === 'lengths' || y.kind === 'lengths') return [lengths(shape, items)];
  return [{ kind: 'constant', shape, data: Float64Array.from(items as number[]), whole: x.whole }];
}
