import { activations } from '../../math/activations.ts';
import { row, rowsOf, type Tensor, tensor } from '../../math/tensor.ts';
import { bracketedNumber, writtenNumber } from '../notation.ts';

/** A dot product: its factors for one unit, with their names. */
export interface DotProduct {
  readonly vectorName: string;
  readonly matrixName: string;
  /** The matrix stands on the left: its rows are multiplied. */
  readonly byRows: boolean;
  vector(unit: number): ArrayLike<number>;
  column(unit: number): ArrayLike<number>;
}

/** Part of an equation with its numbers: as letters and as numbers for one unit. */
export interface Evaluated {
  readonly value: Tensor;
  label(unit: number): string;
  written(unit: number): string;
  /** The symbol, where it is one; else the whole in brackets. */
  readonly name: string;
  /** How strongly it holds together: 0 a sum, 1 a product, 2 a symbol. */
  readonly binds: number;
  readonly dots: readonly DotProduct[];
}

/** What an equation's symbols stand for; undefined where one stands for nothing known. */
export interface Names {
  value(name: string): Tensor | undefined;
  /** `f[2]`; the name alone for a single number. */
  label(name: string, unit: number): string;
  /** The symbol as it is written. */
  text(name: string): string;
}

const FUNCTIONS: Readonly<Record<string, (...numbers: number[]) => number>> = {
  max: Math.max,
  min: Math.min,
  maximum: Math.max,
  minimum: Math.min,
  sqrt: Math.sqrt,
  exp: Math.exp,
  tanh: Math.tanh,
  relu: (value) => Math.max(0, value),
  abs: Math.abs,
  where: (used, value, other) => (used ? value : other),
  clip: (value, limit) => Math.max(-limit, Math.min(limit, value)),
};

/** Reads an equation's right side with the actual numbers; null where it does more than arithmetic. Equations are the lab's own and short. */
export function evaluated(expression: string, names: Names): Evaluated | null {
  const tokens = expression.match(/[A-Za-z_]\w*|\d+(?:\.\d+)?(?:e[-+]?\d+)?|\.[*/^]|\S/g) ?? [];
  let at = 0;
  const next = () => tokens[at];
  const sum = (): Evaluated => {
    let left = product();
    while (next() === '+' || next() === '-') left = pair(tokens[at++], left, product());
    return left;
  };
  const product = (): Evaluated => {
    let left = power();
    while (next() === '*' || next() === '.*' || next() === '/' || next() === './')
      left = pair(tokens[at++], left, power());
    return left;
  };
  const power = (): Evaluated => {
    if (next() === '-') {
      at++;
      return negative(power());
    }
    const base = atom();
    if (next() !== '^' && next() !== '.^') return base;
    at++;
    return pair('^', base, atom());
  };
  const atom = (): Evaluated => {
    const token = tokens[at++];
    if (token === '(') {
      const inner = sum();
      if (tokens[at++] !== ')') throw new Unreadable();
      return bracketed(inner);
    }
    if (/^\d/.test(token)) return constant(Number(token));
    if (!/^[A-Za-z_]/.test(token ?? '')) throw new Unreadable();
    if (next() !== '(') return symbol(token, names);
    at++;
    const args: Evaluated[] = [];
    while (next() !== ')') {
      args.push(sum());
      if (next() === ',') at++;
      else if (next() !== ')') throw new Unreadable();
    }
    at++;
    return applied(token, args);
  };
  try {
    const result = sum();
    return at === tokens.length ? result : null;
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

/** The expression does more than the screen writes out. */
class Unreadable extends Error {}

function negative(of: Evaluated): Evaluated {
  const held = of.binds === 0 ? bracketed(of) : of;
  return {
    value: tensor(of.value.shape, of.value.data.map((value) => -value) as Float64Array),
    label: (unit) => `−${held.label(unit)}`,
    written: (unit) => `−${held.written(unit)}`,
    name: `−${held.name}`,
    binds: 1,
    dots: of.dots,
  };
}

function constant(value: number): Evaluated {
  const text = String(value);
  return { value: tensor([], [value]), label: () => text, written: () => text, name: text, binds: 2, dots: [] };
}

function symbol(name: string, names: Names): Evaluated {
  const value = names.value(name);
  if (!value) throw new Unreadable();
  return {
    value,
    label: (unit) => names.label(name, unit),
    written: (unit) => bracketedNumber(elementOf(value, unit)),
    name: names.text(name),
    binds: 2,
    dots: [],
  };
}

function elementOf({ data }: Tensor, unit: number): number {
  return data.length === 1 ? data[0] : data[unit];
}

function bracketed(inner: Evaluated): Evaluated {
  if (inner.binds === 2) return inner;
  return {
    ...inner,
    label: (unit) => `(${inner.label(unit)})`,
    // One number, as a dot product is, holds together by itself.
    written: (unit) => inner.written(unit).replace(/^.* .*$/, '($&)'),
    binds: 2,
  };
}

const SIGNS: Readonly<Record<string, string>> = {
  '.*': '×',
  '*': '×',
  './': '/',
  '/': '/',
  '+': '+',
  '-': '−',
  '^': '^',
};

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '×': (a, b) => a * b,
  '/': (a, b) => a / b,
  '+': (a, b) => a + b,
  '−': (a, b) => a - b,
  '^': (a, b) => a ** b,
};

function pair(operator: string, left: Evaluated, right: Evaluated): Evaluated {
  const sign = SIGNS[operator];
  const [a, b] = [left.value, right.value];
  if (operator === '*' && Math.max(a.shape.length, b.shape.length) === 2 && Math.min(a.data.length, b.data.length) > 1)
    return a.shape.length === 2 ? fromLeft(left, right) : dot(left, right);
  const [length, other] = [a.data.length, b.data.length];
  // A vector beside a matrix stands beside each of its rows.
  const besideRows = a.shape.length === 2 && b.shape.length === 1 && other === a.shape[1];
  if (length !== 1 && other !== 1 && length !== other && !besideRows) throw new Unreadable();
  const longer = length >= other ? a : b;
  const f = ARITHMETIC[sign];
  const join = (x: string, y: string) => (sign === '^' ? `${x}${y === '2' ? '²' : `^${y}`}` : `${x} ${sign} ${y}`);
  return {
    value: tensor(
      longer.shape,
      Float64Array.from(longer.data, (_, n) => f(elementOf(a, n), elementOf(b, besideRows ? n % other : n))),
    ),
    label: (unit) => join(left.label(unit), right.label(unit)),
    written: (unit) => join(left.written(unit), right.written(unit)),
    name: `(${join(left.name, right.name)})`,
    binds: sign === '+' || sign === '−' ? 0 : 1,
    dots: [...left.dots, ...right.dots],
  };
}

function dot(left: Evaluated, right: Evaluated): Evaluated {
  const [vector, matrix] = [left.value, right.value];
  const [count, width] = matrix.shape;
  if (vector.data.length !== count) throw new Unreadable();
  const out = new Float64Array(width);
  for (let k = 0; k < count; k++) for (let n = 0; n < width; n++) out[n] += vector.data[k] * row(matrix, k)[n];
  return {
    value: tensor([width], out),
    label: (unit) => `${left.name} · ${right.name}[:,${width === 1 ? 0 : unit}]`,
    written: (unit) => bracketedNumber(out[width === 1 ? 0 : unit]),
    name: `(${left.name} · ${right.name})`,
    binds: 1,
    dots: [
      ...left.dots,
      {
        vectorName: left.name,
        matrixName: right.name,
        byRows: false,
        vector: () => vector.data,
        column: (unit) => Array.from({ length: count }, (_, k) => row(matrix, k)[width === 1 ? 0 : unit]),
      },
    ],
  };
}

/** A matrix times a vector: a number for each row. Times a matrix: only its name can be told. */
function fromLeft(left: Evaluated, right: Evaluated): Evaluated {
  const [matrix, other] = [left.value, right.value];
  const [count, inner] = matrix.shape;
  if (rowsOf(other.shape.length === 2 ? other : tensor([other.data.length, 1], other.data)) !== inner)
    throw new Unreadable();
  const columns = other.shape.length === 2 ? other.shape[1] : 1;
  const out = tensor(other.shape.length === 2 ? [count, columns] : [count]);
  for (let r = 0; r < count; r++)
    for (let k = 0; k < inner; k++)
      for (let n = 0; n < columns; n++)
        out.data[r * columns + n] += matrix.data[r * inner + k] * other.data[k * columns + n];
  const name = `(${left.name} · ${right.name})`;
  if (columns > 1) return { value: out, label: () => name, written: () => name, name, binds: 2, dots: [] };
  return {
    value: out,
    label: (unit) => `${left.name}[${unit},:] · ${right.name}`,
    written: (unit) => bracketedNumber(out.data[unit]),
    name,
    binds: 1,
    dots: [
      {
        vectorName: right.name,
        matrixName: left.name,
        byRows: true,
        vector: () => other.data,
        column: (unit) => row(matrix, unit),
      },
    ],
  };
}

function softmaxOf(of: Evaluated): Evaluated {
  const value = Float64Array.from(of.value.data);
  activations.softmax.apply(value);
  return {
    value: tensor(of.value.shape, value),
    label: (unit) => `softmax(${of.name})[${unit}]`,
    written: (unit) => writtenNumber(value[unit]),
    name: `softmax(${of.name})`,
    binds: 2,
    dots: [],
  };
}

function applied(name: string, args: readonly Evaluated[]): Evaluated {
  const dots = args.flatMap((arg) => arg.dots);
  if (name === 'sum' && args.length === 1) {
    const [of] = args;
    const value = Array.from(of.value.data).reduce((total, number) => total + number, 0);
    return {
      value: tensor([], [value]),
      label: () => `Σ ${of.name}`,
      written: () => writtenNumber(value),
      name: `Σ ${of.name}`,
      binds: 2,
      dots,
    };
  }
  if (name === 'softmax' && args.length === 1) return softmaxOf(args[0]);
  const f = FUNCTIONS[name];
  if (!f || args.length === 0) throw new Unreadable();
  const longest = args.reduce(
    (best, { value }) => (value.data.length > best.data.length ? value : best),
    args[0].value,
  );
  if (args.some(({ value }) => value.data.length !== 1 && value.data.length !== longest.data.length))
    throw new Unreadable();
  const written = name === 'sqrt' ? '√' : name === 'maximum' ? 'max' : name === 'minimum' ? 'min' : name;
  const join = (texts: readonly string[]) => {
    // An argument stands by itself: a number needs no brackets.
    const alone = texts.map((text) => text.replace(/^\((−[^()]*)\)$/, '$1'));
    return `${written}(${alone.join(', ').replace(/^\((.*)\)$/, '$1')})`;
  };
  return {
    value: tensor(
      longest.shape,
      Float64Array.from(longest.data, (_, n) => f(...args.map(({ value }) => elementOf(value, n)))),
    ),
    label: (unit) => join(args.map((arg) => arg.label(unit))),
    written: (unit) => join(args.map((arg) => arg.written(unit))),
    name: join(args.map((arg) => arg.name)),
    binds: 2,
    dots,
  };
}
