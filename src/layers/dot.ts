/*
 * Dot: one axis of x_1 is multiplied with one axis of x_2 and summed, for every place along the other axes.
 *
 *   y = x * Y        x: a row of x_1 along its axis [n]; Y: x_2 with its axis first [n, places]
 *   y = x * Y ./ (‖x‖ ‖Y‖)   normalize: the cosine
 *
 * Part of merge.ts. Sources: keras/src/layers/merging/dot.py, keras/src/ops/nn.py (normalize).
 */
import { axesLast, permuted } from '../math/axes.ts';
import { LabError } from '../math/lab-error.ts';
import { addVectorMatrix, norm } from '../math/linear.ts';
import { row, sizeOf, type Tensor, tensor } from '../math/tensor.ts';
import { axisIndex, batchShape } from './axes.ts';
import type { Equation, MergeLayer, Quantities, Rows, Shape, StepContext } from './layer.ts';

/** What Keras divides by at least. */
const LEAST_NORM = 1e-12;

type Spec = Omit<MergeLayer, 'weights'>;

function axesOf({ axes = [-1] }: Spec, a: Shape, b: Shape): [number, number] {
  return [axisIndex(axes[0], a), axisIndex(axes[1] ?? axes[0], b)];
}

/** x_1 with its axis last, x_2 with its axis first, as matrices. */
function matrices(layer: Spec, [a, b]: readonly Tensor[]): [Tensor, Tensor] {
  const [p, q] = axesOf(layer, a.shape, b.shape);
  const n = a.shape[p];
  const left = permuted(a, axesLast(a.shape.length, [p]));
  const right = permuted(b, [q, ...b.shape.map((_, axis) => axis).filter((axis) => axis !== q)]);
  return [tensor([a.data.length / n, n], left.data), tensor([n, b.data.length / n], right.data)];
}

export const dotProduct = {
  equations({ normalize }: Spec): Equation[] {
    const product = 'x * Y';
    if (!normalize) return [{ symbol: 'y', meaning: 'products, summed', expression: `y = ${product}` }];
    return [
      { symbol: 'u', meaning: 'x, scaled to length 1', expression: `u = x / max(sqrt(sum(x .^ 2)), ${LEAST_NORM})` },
      {
        symbol: 'n',
        meaning: 'lengths of the columns of Y',
        expression: `n = maximum(sqrt(ones * Y .^ 2), ${LEAST_NORM})`,
      },
      { symbol: 'y', meaning: 'cosine', expression: 'y = u * Y ./ n' },
    ];
  },

  outputShapes(layer: Spec, a: Shape, b: Shape): Shape[] {
    if (a.length === 0 || b.length === 0 || a.length > 7 || b.length > 7)
      throw new LabError({
        problem: 'Dot wants inputs with axes besides the batch.',
        received: `${batchShape(a)} and ${batchShape(b)}`,
      });
    const [p, q] = axesOf(layer, a, b);
    if (a[p] !== b[q]) {
      throw new LabError({
        problem: `Incompatible input shapes: axis values ${a[p]} (at axis ${p + 1}) != ${b[q]} (at axis ${q + 1}).`,
        received: `${batchShape(a)} and ${batchShape(b)}`,
      });
    }
    const rest = [...a.filter((_, axis) => axis !== p), ...b.filter((_, axis) => axis !== q)];
    return [rest.length === 0 ? [1] : rest];
  },

  rows(layer: Spec, { inputs }: StepContext): Rows {
    const [left, right] = matrices(layer, inputs);
    const [n] = right.shape;
    const ones = tensor([n], new Float64Array(n).fill(1));
    return {
      count: left.shape[0],
      bindings: (at) => ({ x: tensor([n], row(left, at)), Y: right, ...(layer.normalize && { ones }) }),
    };
  },

  forward(layer: Spec, { inputs }: StepContext): Quantities {
    const [left, right] = matrices(layer, inputs);
    const [count, n] = left.shape;
    const [, width] = right.shape;
    const y = tensor([count, width]);
    const u = tensor([count, n], Float64Array.from(left.data));
    const lengths = tensor([count, width]);
    if (layer.normalize) {
      for (let p = 0; p < count; p++) {
        const length = Math.max(norm(row(left, p)), LEAST_NORM);
        const scaled = row(u, p);
        for (let k = 0; k < n; k++) scaled[k] /= length;
      }
      const squares = new Float64Array(width);
      for (let at = 0; at < right.data.length; at++) squares[at % width] += right.data[at] ** 2;
      for (let at = 0; at < sizeOf(lengths.shape); at++)
        lengths.data[at] = Math.max(Math.sqrt(squares[at % width]), LEAST_NORM);
    }
    for (let p = 0; p < count; p++) addVectorMatrix(row(y, p) as Float64Array, row(u, p), right);
    if (!layer.normalize) return { y };
    for (let at = 0; at < y.data.length; at++) y.data[at] /= lengths.data[at];
    return { u, n: lengths, y };
  },
};
