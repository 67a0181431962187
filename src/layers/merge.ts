/*
 * Keras's merging layers: several tensors become one, number by number.
 *
 *   Add       y = x_1 + x_2 + …          Average  y = (x_1 + x_2 + …) / n       Maximum  y = max(x_1, x_2, …)
 *   Subtract  y = x_1 − x_2              Multiply y = x_1 ⊙ x_2 ⊙ …             Minimum  y = min(x_1, x_2, …)
 *   Concatenate  y = [x_1, x_2, …], along an axis                               Dot: dot.ts
 *
 * Inputs of other shapes are stretched as NumPy does. In Keras 3.4 and later a masked timestep of an input counts as not there in Maximum, Minimum and
 * Multiply, where another input has it. Sources: keras/src/layers/merging/base_merge.py, multiply.py, concatenate.py.
 */
import { broadcast, concatenated } from '../math/axes.ts';
import { LabError } from '../math/lab-error.ts';
import { row, rowsOf, sizeOf, type Tensor, tensor, widthOf } from '../math/tensor.ts';
import { axisIndex, batchShape, broadcastShape } from './axes.ts';
import { dotProduct } from './dot.ts';
import type { LayerKind, Mask, MergeLayer, Shape, StepContext } from './layer.ts';

type Elementwise = Exclude<MergeLayer['operation'], 'concatenate' | 'dot'>;

const classNames = {
  add: 'Add',
  subtract: 'Subtract',
  multiply: 'Multiply',
  average: 'Average',
  maximum: 'Maximum',
  minimum: 'Minimum',
  concatenate: 'Concatenate',
  dot: 'Dot',
};

const arithmetic: Record<Elementwise, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  average: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  maximum: Math.max,
  minimum: Math.min,
};

/** Keras's axis of a Concatenate, −1 where none is given. */
const concatAxis = ({ axes }: Pick<MergeLayer, 'axes'>) => axes?.[0] ?? -1;

/** Whether the rows of the last axis can be joined row by row. */
function isLast(layer: Pick<MergeLayer, 'axes'>, rank: number): boolean {
  return axisIndex(concatAxis(layer), new Array(rank).fill(1)) === rank - 1;
}

export const merge: LayerKind<MergeLayer> = {
  className: ({ operation }) => classNames[operation],
  inputCount: [1, Number.POSITIVE_INFINITY],

  equations(layer, inputs = 2) {
    if (layer.operation === 'dot') return dotProduct.equations(layer);
    const names = Array.from({ length: inputs }, (_, at) => `x_${at + 1}`);
    // As functions of two: maximum(maximum(x_1, x_2), x_3).
    const nested = (name: string) => names.reduce((sum, x) => `${name}(${sum}, ${x})`);
    const expression = {
      add: names.join(' + '),
      subtract: names.join(' - '),
      multiply: names.join(' .* '),
      average: `(${names.join(' + ')}) / ${inputs}`,
      maximum: nested('maximum'),
      minimum: nested('minimum'),
      concatenate: `concat(${concatAxis(layer)}, ${names.join(', ')})`,
    }[layer.operation];
    const meaning =
      layer.operation === 'concatenate' ? 'the inputs, one after the other' : 'the inputs, number by number';
    return [{ symbol: 'y', meaning, expression: `y = ${expression}` }];
  },

  constants: () => ({}),
  weightShapes: () => ({}),

  outputShapes(layer, ...inputs) {
    const exactly = layer.operation === 'subtract' || layer.operation === 'dot' ? 2 : null;
    if (exactly !== null && inputs.length !== exactly) {
      throw new LabError({
        path: 'inputs',
        problem: `A \`${classNames[layer.operation]}\` layer should be called on exactly 2 inputs.`,
        received: `${inputs.length}`,
      });
    }
    if (layer.operation === 'dot') return dotProduct.outputShapes(layer, inputs[0], inputs[1]);
    if (layer.operation === 'concatenate') return [concatenatedShape(layer, inputs)];
    return [broadcastShape(inputs)];
  },

  rows(layer, context) {
    if (layer.operation === 'dot') return dotProduct.rows(layer, context);
    const names = context.inputs.map((_, at) => `x_${at + 1}`);
    const named = (parts: readonly Tensor[]) => Object.fromEntries(parts.map((part, at) => [names[at], part]));
    if (layer.operation === 'concatenate') {
      // Joined along the last axis, each row is joined by itself; along another axis, whole inputs are.
      if (!isLast(layer, context.inputs[0].shape.length)) return { count: 1, bindings: () => named(context.inputs) };
      return { count: rowsOf(context.inputs[0]), bindings: (at) => named(context.inputs.map((t) => rowAt(t, at))) };
    }
    const parts = seen(layer, context);
    return { count: rowsOf(parts[0]), bindings: (at) => named(parts.map((t) => rowAt(t, at))) };
  },

  forward(layer, _, context) {
    if (layer.operation === 'dot') return dotProduct.forward(layer, context);
    const asRows = (t: Tensor) => tensor([rowsOf(t), widthOf(t)], t.data);
    if (layer.operation === 'concatenate')
      return { y: asRows(concatenated(context.inputs, axisIndex(concatAxis(layer), context.inputs[0].shape))) };
    const f = arithmetic[layer.operation];
    const [first, ...rest] = seen(layer, context);
    const y = tensor([rowsOf(first), widthOf(first)], Float64Array.from(first.data));
    for (const { data } of rest) for (let n = 0; n < y.data.length; n++) y.data[n] = f(y.data[n], data[n]);
    if (layer.operation === 'average') for (let n = 0; n < y.data.length; n++) y.data[n] /= context.inputs.length;
    return { y };
  },

  outputMask(layer, { inputs, masks }, keras) {
    if (layer.operation === 'dot' || layer.losesMasks) return null;
    const given = masks.filter((mask) => mask !== null);
    if (given.length === 0) return null;
    if (layer.operation === 'concatenate') return concatenatedMask(layer, inputs, masks, keras);
    if (keras === 3) return given.length < masks.length ? null : combined(given, (a, b) => a | b);
    return combined(given, (a, b) => a & b);
  },
};

function rowAt(t: Tensor, at: number): Tensor {
  return { shape: [widthOf(t)], data: row(t, at) };
}

function combined(masks: readonly Uint8Array[], join: (a: number, b: number) => number): Mask {
  return masks.reduce((sum, mask) => sum.map((used, at) => join(used, mask[at])));
}

/**
 * The inputs, all in the output's shape, and without what masks hide. In Keras 3 a masked row of Multiply is 1, and 0 where all inputs are masked;
 * in Maximum and Minimum it is what the inputs before it gave, or else the one after it.
 */
function seen(layer: MergeLayer, { inputs, masks, keras = 3 }: StepContext): Tensor[] {
  const shape = broadcastShape(inputs.map((t) => t.shape)) as number[];
  const parts = inputs.map((t) => broadcast(t, shape));
  const hides = layer.operation === 'multiply' || layer.operation === 'maximum' || layer.operation === 'minimum';
  if (!hides || keras < 3 || layer.losesMasks || shape.length < 2 || masks.every((mask) => mask === null)) return parts;
  const copies = parts.map((t) => tensor(t.shape, Float64Array.from(t.data)));
  const block = sizeOf(shape.slice(1));
  const rowOf = (part: number, t: number) => copies[part].data.subarray(t * block, (t + 1) * block);
  const hidden = (part: number, t: number) => masks[part] !== null && masks[part][t] === 0;
  for (let t = 0; t < shape[0]; t++) {
    if (layer.operation === 'multiply') {
      const all = copies.every((_, part) => hidden(part, t));
      copies.forEach((_, part) => {
        if (hidden(part, t)) rowOf(part, t).fill(all ? 0 : 1);
      });
      continue;
    }
    // Keras keeps a mask of what was merged so far only as long as every input brought one.
    let before: boolean | null = masks[0] === null ? null : !hidden(0, t);
    for (let part = 1; part < copies.length; part++) {
      if (hidden(part, t)) rowOf(part, t).set(rowOf(0, t));
      if (before === false) for (let earlier = 0; earlier < part; earlier++) rowOf(earlier, t).set(rowOf(part, t));
      before = before === null || masks[part] === null ? null : before || !hidden(part, t);
    }
  }
  return copies;
}

function concatenatedShape(layer: Omit<MergeLayer, 'weights'>, inputs: readonly Shape[]): Shape {
  const [first] = inputs;
  const axis = axisIndex(concatAxis(layer), first);
  const fits = inputs.every(
    (shape) =>
      shape.length === first.length &&
      shape.every((length, at) => at === axis || length === null || first[at] === null || length === first[at]),
  );
  if (!fits) {
    throw new LabError({
      problem: 'A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis.',
      received: `${inputs.map(batchShape).join(' and ')}, axis=${concatAxis(layer)}`,
    });
  }
  return first.map((length, at) => {
    const lengths = inputs.map((shape) => shape[at]);
    if (at !== axis) return length ?? lengths.find((other) => other !== null) ?? null;
    return lengths.includes(null) ? null : (lengths as number[]).reduce((sum, other) => sum + other, 0);
  });
}

/** Joined in time, masks are joined too; joined otherwise, a timestep is used if any input uses it (Keras 1 and 2: if all do). */
function concatenatedMask(
  layer: MergeLayer,
  inputs: readonly Tensor[],
  masks: readonly Mask[],
  keras: 1 | 2 | 3,
): Mask {
  const whole = masks.map((mask, at) => mask ?? new Uint8Array(inputs[at].shape[0]).fill(1));
  if (axisIndex(concatAxis(layer), inputs[0].shape) === 0)
    return Uint8Array.from(whole.flatMap((mask) => Array.from(mask)));
  return combined(whole, keras === 3 ? (a, b) => a | b : (a, b) => a & b);
}
