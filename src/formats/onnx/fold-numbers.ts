import { type Building, cannot } from './building.ts';
import { type Dim, over, same, times } from './dim.ts';
import { broadcast, type Known, lengths, listOf, reserve, stretched } from './known.ts';
import type { NodeProto } from './model-proto.ts';
import { floatOf, intOf } from './node.ts';
import type { Constant, Value } from './value.ts';

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

/** What operators compute of known numbers and lengths, one by one. Null: the operator is none of these. */
export function computed(building: Building, node: NodeProto, inputs: readonly (Known | null)[]): Value[] | null {
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
