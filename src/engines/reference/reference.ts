import type { EvalFunction, MathNode, Matrix, SymbolNode } from 'mathjs';
import { kindOf } from '../../layers/kinds.ts';
import {
  type Bindings,
  type Equation,
  isRecurrent,
  type Layer,
  type Quantities,
  type RecurrentLayer,
  type StepContext,
  type Rows as StepRows,
} from '../../layers/layer.ts';
import { movesByName } from '../../layers/moves.ts';
import { columnMaximum } from '../../layers/pooling.ts';
import { stateNames, zeroState } from '../../layers/recurrent.ts';
import { placeOfLargest } from '../../layers/reduction.ts';
import { type Activation, activations, sparsemaxThreshold } from '../../math/activations.ts';
import { erf } from '../../math/erf.ts';
import { type Rows, row, rowsOf, type Tensor, tensor, toNested, whole, widthOf } from '../../math/tensor.ts';
import type { Compute, Engine } from '../engine.ts';
import { graphEngine } from '../run-graph.ts';
import { mathematics as math } from './mathematics.ts';

// mathjs's types do not list the class among what create() returns.
const Dense = (
  math as unknown as { DenseMatrix: new (value: { data: unknown; size: number[] }, datatype: 'number') => Matrix }
).DenseMatrix;

type Value = number | Matrix;
type Scope = Map<string, unknown>;

/** Evaluates the very equations that the layers state and the screen prints, with mathjs, one timestep after the other, float64. */
export const reference: Engine = graphEngine('reference', (layers) => {
  const prepared = new Map(layers.map((layer) => [layer, prepareLayer(layer)]));
  return (layer, x, context) => (prepared.get(layer) as ReturnType<typeof prepareLayer>)(layer, x, context);
});

/** The equations of one step, to be evaluated one by one. */
export interface StepEquations {
  /** Binds what the step sees. */
  see(bindings: Bindings): void;
  /** The value of equation number `at`; the equations after it see that value. */
  evaluate(at: number): Tensor;
  /** Lets the equations see another value of a symbol that was evaluated before. */
  bind(symbol: string, value: Tensor): void;
}

/** Equations that may name these constants, for one step at a time: what evaluates them is what the engine evaluates them with. */
export function prepareEquations(
  equations: readonly Equation[],
  constants: Readonly<Record<string, Rows | number>>,
): StepEquations {
  const scope = scopeOf(constants);
  const seen = new Map<string, Tensor | number>();
  let compiled: readonly EvalFunction[] | undefined;
  return {
    see(bindings) {
      for (const [name, value] of Object.entries(bindings)) {
        if (seen.get(name) === value) continue;
        seen.set(name, value);
        scope.set(name, typeof value === 'number' ? value : asMatrix(value));
      }
      compiled ??= compileEquations(equations, [...scope.keys()]);
    },
    evaluate: (at) => asTensor((compiled as readonly EvalFunction[])[at].evaluate(scope)),
    bind(symbol, value) {
      scope.set(symbol, typeof scope.get(symbol) === 'number' ? value.data[0] : asMatrix(value));
    },
  };
}

/** What every equation of a layer sees: functions, and the layer's constants. */
function scopeOf(constants: Readonly<Record<string, Rows | number>>): Scope {
  // mathjs knows Infinity, but every symbol of an equation must be bound.
  const scope: Scope = new Map<string, unknown>([['Infinity', Number.POSITIVE_INFINITY]]);
  for (const [name, activation] of Object.entries(activations)) scope.set(name, activationFunction(activation));
  bindFunctions(scope, constants);
  for (const [name, value] of Object.entries(constants))
    if (!scope.has(name)) scope.set(name, typeof value === 'number' ? value : asMatrix(whole(value)));
  return scope;
}

function prepareLayer(layer: Layer): Compute {
  const scope = scopeOf(kindOf(layer).constants(layer));
  const states = isRecurrent(layer) ? stateNames(layer).map((name) => `${name}_prev`) : [];
  // How many inputs there are, and what rows bind, is known when the first of them runs.
  const compiled = new Map<number, readonly EvalFunction[]>();
  const compile = (equations: readonly Equation[], inputs: number, bound: readonly string[]) => {
    const found = compiled.get(inputs) ?? compileEquations(equations, [...scope.keys(), ...bound]);
    compiled.set(inputs, found);
    return found;
  };

  return (_, x, context) => {
    const inputs = context.inputs.length;
    const equations = kindOf(layer).equations(layer, inputs);
    if (isRecurrent(layer))
      return recurrent(equations, compile(equations, inputs, ['x', ...states]), scope, x, context, layer);
    const rows = kindOf(layer).rows?.(layer, context) ?? defaultRows(layer, x, context);
    // What all rows see is made into a matrix once.
    const matrices = new Map<Tensor, Matrix>();
    return collect(equations, rows.count, (at) => {
      for (const [name, value] of Object.entries(rows.bindings(at))) {
        if (typeof value === 'number' || value.shape.length === 1) {
          scope.set(name, typeof value === 'number' ? value : asMatrix(value));
          continue;
        }
        const matrix = matrices.get(value) ?? asMatrix(value);
        matrices.set(value, matrix);
        scope.set(name, matrix);
      }
      return evaluate(compile(equations, inputs, []), scope);
    });
  };
}

/** The whole input; or row by row of it, and of every input where there are several. An Embedding's rows are single numbers. */
function defaultRows(layer: Layer, x: Tensor, { inputs }: StepContext): StepRows {
  if (kindOf(layer).wholeInput) return { count: 1, bindings: () => ({ x }) };
  const rowAt = (t: Tensor, at: number) => ({ shape: [widthOf(t)], data: row(t, at) });
  return {
    count: rowsOf(x),
    bindings(at): Bindings {
      if (layer.kind === 'embedding') return { x: row(x, at)[0] };
      if (inputs.length < 2) return { x: rowAt(x, at) };
      return Object.fromEntries(inputs.map((input, number) => [`x_${number + 1}`, rowAt(input, at)]));
    },
  };
}

function recurrent(
  equations: readonly Equation[],
  compiled: readonly EvalFunction[],
  scope: Scope,
  x: Tensor,
  { mask, initialState }: StepContext,
  layer: RecurrentLayer,
): Quantities {
  const start = initialState ?? zeroState(layer);
  const state = new Map<string, Value>(stateNames(layer).map((name) => [name, asVector(start[name] as Float64Array)]));
  const skipped = asVector(new Float64Array(layer.units).fill(Number.NaN));
  return collect(equations, rowsOf(x), (t) => {
    if (mask && !mask[t]) return equations.map(({ symbol }) => state.get(symbol) ?? skipped);
    scope.set('x', asVector(row(x, t)));
    for (const [name, value] of state) scope.set(`${name}_prev`, value);
    const values = evaluate(compiled, scope);
    for (const name of state.keys()) state.set(name, scope.get(name) as Value);
    return values;
  });
}

function evaluate(compiled: readonly EvalFunction[], scope: Scope): Value[] {
  return compiled.map((equation) => equation.evaluate(scope));
}

/** Runs `step` for each step and keeps what each equation gave: a tensor [steps, width] for each symbol; of a matrix, every row. */
function collect(equations: readonly Equation[], steps: number, step: (t: number) => Value[]): Quantities {
  const kept: Record<string, Tensor> = {};
  for (let t = 0; t < steps; t++) {
    const values = step(t);
    equations.forEach(({ symbol }, at) => {
      const value = asTensor(values[at]);
      const rows = rowsOf(value);
      kept[symbol] ??= tensor([steps * rows, widthOf(value)]);
      kept[symbol].data.set(value.data, t * value.data.length);
    });
  }
  return kept;
}

/** mathjs reads an unknown `i`, `g` or `h` as the imaginary unit, gram or hour, so every symbol is checked before it is evaluated. */
function compileEquations(equations: readonly Equation[], known: readonly string[]): EvalFunction[] {
  const bound = new Set(known);
  return equations.map(({ symbol, expression }) => {
    const node = math.parse(expression) as MathNode;
    node.traverse((part, path, parent) => {
      if (part.type !== 'SymbolNode' || path === 'fn') return;
      const { name } = part as SymbolNode;
      const isTarget = parent?.type === 'AssignmentNode' && path === 'object';
      if (!isTarget && !bound.has(name))
        throw new Error(`the equation "${expression}" uses ${name}, which is not defined before it`);
    });
    bound.add(symbol);
    return node.compile();
  });
}

/** An activation's own expression, for each number of a vector or for the vector as a whole. */
function activationFunction({
  expression,
  wholeVector,
  parameters = {},
}: Activation): (z: Matrix, ...given: number[]) => Value {
  let compiled: EvalFunction | undefined;
  const scope: Scope = new Map<string, unknown>([
    // mathjs's own erf is right to 1e-15 only, and deep models amplify that.
    ['erf', erf],
    ['sparsemax_threshold', (z: Matrix) => sparsemaxThreshold(z.valueOf() as number[])],
  ]);
  const of = (x: unknown) => {
    compiled ??= math.compile(expression);
    scope.set('x', x);
    return compiled.evaluate(scope);
  };
  return (z, ...given) => {
    Object.entries(parameters).forEach(([name, value], at) => {
      scope.set(name, given[at] ?? value);
    });
    const deep = (part: unknown): unknown => (Array.isArray(part) ? part.map(deep) : of(part));
    return wholeVector ? of(z) : new Dense({ data: deep(z.valueOf()), size: z.size() }, 'number');
  };
}

/** The few functions that equations use and mathjs lacks, or has for single numbers only. */
function bindFunctions(scope: Scope, constants: Readonly<Record<string, Rows | number>>): void {
  for (const [name, move] of Object.entries(movesByName))
    scope.set(name, (...args: Value[]) =>
      asMatrix(move(...args.map((arg) => (typeof arg === 'number' ? arg : asTensor(arg))))),
    );
  const table = constants.E;
  if (typeof table === 'object') {
    // mathjs counts rows from 1; Keras, and so this lab, from 0. Rows are cut from the array, which may be large.
    scope.set('E', table);
    scope.set('row', (E: Rows, index: number) => asVector(row(E, index)));
  }
  scope.set('differs', (x: Matrix, value: number) =>
    (x.valueOf() as number[]).some((number) => number !== value) ? 1 : 0,
  );
  const pairs = (f: (a: number, b: number) => number) => (a: Matrix, b: Value) => {
    const other = typeof b === 'number' ? null : asTensor(b).data;
    return asVector(Float64Array.from(asTensor(a).data, (value, at) => f(value, other ? other[at] : (b as number))));
  };
  scope.set('argmax', (a: Matrix) => placeOfLargest(asTensor(a).data, 1));
  scope.set('argmin', (a: Matrix) => placeOfLargest(asTensor(a).data, -1));
  scope.set('maximum', pairs(Math.max));
  scope.set('minimum', pairs(Math.min));
  scope.set('sqrt', (a: Value) => (typeof a === 'number' ? Math.sqrt(a) : asMatrix(mapped(asTensor(a), Math.sqrt))));
  scope.set('column_max', (a: Matrix) => asVector(columnMaximum(asTensor(a))));
  // Where m is 0, `other` stands instead of the number.
  scope.set('where', (m: Matrix, a: Matrix, other: number) => {
    const used = asTensor(m).data;
    return asVector(Float64Array.from(asTensor(a).data, (value, at) => (used[at] ? value : other)));
  });
}

function mapped({ shape, data }: Tensor, f: (value: number) => number): Tensor {
  return tensor(shape, Float64Array.from(data, f));
}

function asTensor(value: Value): Tensor {
  if (typeof value === 'number') return tensor([1], [value]);
  const nested = value.valueOf() as number[];
  const shape = value.size();
  return tensor(shape, Float64Array.from(shape.length === 1 ? nested : (nested.flat(shape.length as 2) as number[])));
}

function asVector(numbers: ArrayLike<number>): Matrix {
  return new Dense({ data: Array.from(numbers), size: [numbers.length] }, 'number');
}

function asMatrix(t: Tensor): Matrix {
  // A single number, as a slice may leave, is a vector of one: mathjs has no array without an axis.
  return t.shape.length < 2 ? asVector(t.data) : new Dense({ data: toNested(t), size: [...t.shape] }, 'number');
}
