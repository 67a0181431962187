import type { EvalFunction, MathNode, Matrix, SymbolNode } from 'mathjs';
import { kindOf } from '../../layers/kinds.ts';
import type { Equation, Layer, Quantities, StepContext } from '../../layers/layer.ts';
import { zeroState } from '../../layers/lstm.ts';
import { channelsLast } from '../../layers/pointwise.ts';
import { type Activation, activations, sparsemaxThreshold } from '../../math/activations.ts';
import { erf } from '../../math/erf.ts';
import { row, rowsOf, type Tensor, tensor, toNested, widthOf } from '../../math/tensor.ts';
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

function prepareLayer(layer: Layer): Compute {
  const equations = kindOf(layer).equations(layer);
  const constants = kindOf(layer).constants(layer);
  const scope: Scope = new Map();
  for (const [name, activation] of Object.entries(activations)) scope.set(name, activationFunction(activation));
  for (const [name, value] of Object.entries(constants))
    scope.set(name, typeof value === 'number' ? value : asMatrix(value));
  bindFunctions(scope, constants);
  const compiled = compileEquations(equations, [...scope.keys(), 'x', 'h_prev', 'c_prev']);

  return (_, x, context) => {
    if (kindOf(layer).wholeInput) {
      scope.set('x', asMatrix(x));
      return collect(equations, 1, () => evaluate(compiled, scope));
    }
    return layer.kind === 'lstm'
      ? recurrent(equations, compiled, scope, x, context, layer.units)
      : rowByRow(equations, compiled, scope, x, layer);
  };
}

function rowByRow(
  equations: readonly Equation[],
  compiled: readonly EvalFunction[],
  scope: Scope,
  x: Tensor,
  layer: Layer,
): Quantities {
  return collect(equations, rowsOf(x), (t) => {
    scope.set('x', layer.kind === 'embedding' ? row(x, t)[0] : asVector(row(x, t)));
    return evaluate(compiled, scope);
  });
}

function recurrent(
  equations: readonly Equation[],
  compiled: readonly EvalFunction[],
  scope: Scope,
  x: Tensor,
  { mask, initialState }: StepContext,
  units: number,
): Quantities {
  const start = initialState ?? zeroState(units);
  let h: Value = asVector(start.h);
  let c: Value = asVector(start.c);
  const skipped = asVector(new Float64Array(units).fill(Number.NaN));
  return collect(equations, rowsOf(x), (t) => {
    if (mask && !mask[t]) return equations.map(({ symbol }) => (symbol === 'h' ? h : symbol === 'c' ? c : skipped));
    scope.set('x', asVector(row(x, t)));
    scope.set('h_prev', h);
    scope.set('c_prev', c);
    const values = evaluate(compiled, scope);
    h = scope.get('h') as Value;
    c = scope.get('c') as Value;
    return values;
  });
}

function evaluate(compiled: readonly EvalFunction[], scope: Scope): Value[] {
  return compiled.map((equation) => equation.evaluate(scope));
}

/** Runs `step` for each step and keeps what each equation gave: a tensor [steps, width] for each symbol. */
function collect(equations: readonly Equation[], steps: number, step: (t: number) => Value[]): Quantities {
  const kept: Record<string, Tensor> = {};
  for (let t = 0; t < steps; t++) {
    const values = step(t);
    equations.forEach(({ symbol }, at) => {
      const value = values[at];
      const numbers = typeof value === 'number' ? [value] : (value.valueOf() as number[]);
      kept[symbol] ??= tensor([steps, numbers.length]);
      row(kept[symbol], t).set(numbers);
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
function activationFunction({ expression, wholeVector }: Activation): (z: Matrix) => Value {
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
  return wholeVector ? of : (z) => asVector((z.valueOf() as number[]).map(of));
}

/** The few functions that equations use and mathjs lacks. */
function bindFunctions(scope: Scope, constants: Readonly<Record<string, Tensor | number>>): void {
  const table = constants.E;
  if (typeof table === 'object') {
    // mathjs counts rows from 1; Keras, and so this lab, from 0. Rows are cut from the array, which may be large.
    scope.set('E', table);
    scope.set('row', (E: Tensor, index: number) => asVector(row(E, index)));
  }
  scope.set('differs', (x: Matrix, value: number) =>
    (x.valueOf() as number[]).some((number) => number !== value) ? 1 : 0,
  );
  scope.set('channels_last', (x: Matrix) => {
    const nested = x.valueOf() as number[][];
    return asMatrix(channelsLast(tensor(x.size(), nested.flat(Number.POSITIVE_INFINITY) as unknown as number[])));
  });
}

function asVector(numbers: ArrayLike<number>): Matrix {
  return new Dense({ data: Array.from(numbers), size: [numbers.length] }, 'number');
}

function asMatrix(t: Tensor): Matrix {
  return widthOf(t) === t.data.length && t.shape.length === 1
    ? asVector(t.data)
    : new Dense({ data: toNested(t), size: [...t.shape] }, 'number');
}
