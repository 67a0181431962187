/*
 * Scaling with constants: what a model does with its input first, and with its output last. Masks pass, and change nothing.
 *
 *   Normalization            y = (x − μ) / max(√σ², ε)        μ and σ² of the data that it was adapted to, or that were given; ε = 1e-7
 *   Normalization, inverted  y = μ + x max(√σ², ε)
 *   Rescaling                y = x ⊙ scale + offset
 *
 * μ and σ² have the lengths of the axes that are kept apart (−1: one for each feature; none: one for all numbers).
 * Sources: keras/src/layers/preprocessing/normalization.py, rescaling.py.
 */
import { broadcast } from '../math/axes.ts';
import { LabError } from '../math/lab-error.ts';
import { row, rowsOf, shapeText, sizeOf, type Tensor, tensor, widthOf } from '../math/tensor.ts';
import { axisIndex } from './axes.ts';
import type { LayerKind, NormalizationLayer, RescalingLayer, Shape } from './layer.ts';

const EPSILON = 1e-7;

const rowAt = (t: Tensor, at: number): Tensor => ({ shape: [widthOf(t)], data: row(t, at) });

/** The axes that are kept apart, counted from 0 without the batch, ascending. */
function keptAxes({ axis }: Pick<NormalizationLayer, 'axis'>, input: Shape): number[] {
  return axis.map((one) => axisIndex(one, input)).sort((a, b) => a - b);
}

/** μ or σ² in the shape of x. Those that are given may have fewer axes, and lengths of 1. */
function spread(t: Tensor, kept: readonly number[], x: Tensor): Tensor {
  const shape = x.shape.map(() => 1);
  t.shape.forEach((length, at) => {
    const axis = kept[kept.length - t.shape.length + at];
    if (axis === undefined || (length !== 1 && length !== x.shape[axis]))
      throw new LabError({
        path: 'mean',
        problem: 'mean and variance must have the lengths of the axes that are kept apart.',
        received: `${shapeText(t.shape)} for an input of ${shapeText(x.shape)}`,
      });
    shape[axis] = length;
  });
  return broadcast(tensor(shape, t.data), x.shape);
}

function moments(layer: NormalizationLayer, x: Tensor): { readonly mu: Tensor; readonly variance: Tensor } {
  const { mean, variance } = layer.given ?? (layer.weights as { mean: Tensor; variance: Tensor });
  const kept = keptAxes(layer, x.shape);
  return { mu: spread(mean, kept, x), variance: spread(variance, kept, x) };
}

/** One number, or a list of them, as an equation names it. */
const printable = (t: Tensor): Tensor | number => (t.data.length === 1 ? t.data[0] : tensor([sizeOf(t.shape)], t.data));

export const normalization: LayerKind<NormalizationLayer> = {
  className: () => 'Normalization',

  equations: ({ invert }) => [
    invert
      ? {
          symbol: 'y',
          meaning: 'in the scale of the data again',
          expression: 'y = mu + x .* maximum(sqrt(variance), epsilon)',
        }
      : {
          symbol: 'y',
          meaning: 'in units of the standard deviation, from the mean',
          expression: 'y = (x - mu) ./ maximum(sqrt(variance), epsilon)',
        },
  ],

  constants(layer) {
    const { mean, variance } = layer.given ?? (layer.weights as { mean: Tensor; variance: Tensor });
    return { mu: printable(mean), variance: printable(variance), epsilon: EPSILON };
  },

  weightShapes(layer, input) {
    const lengths = keptAxes(layer, input).map((axis) => input[axis]);
    const adapted: Record<string, Shape> = { mean: lengths, variance: lengths, count: [] };
    return layer.given ? {} : adapted;
  },

  outputShapes(layer, input) {
    keptAxes(layer, input);
    return [input];
  },

  rows(layer, { inputs: [x] }) {
    const parts = { x, ...moments(layer, x) };
    return {
      count: rowsOf(x),
      bindings: (at) => Object.fromEntries(Object.entries(parts).map(([name, t]) => [name, rowAt(t, at)])),
    };
  },

  forward(layer, _, { inputs: [x] }) {
    const { mu, variance } = moments(layer, x);
    const y = tensor([rowsOf(x), widthOf(x)]);
    for (let at = 0; at < y.data.length; at++) {
      const deviation = Math.max(Math.sqrt(variance.data[at]), EPSILON);
      y.data[at] = layer.invert ? mu.data[at] + x.data[at] * deviation : (x.data[at] - mu.data[at]) / deviation;
    }
    return { y };
  },
};

/** A list has the length of the last axis, or 1. */
function factor(list: readonly number[], x: Tensor): (at: number) => number {
  const width = list.length;
  if (width !== 1 && width !== widthOf(x))
    throw new LabError({
      path: 'scale',
      problem: 'scale and offset are numbers, or lists with one for each feature.',
      received: `${width} for ${widthOf(x)} features`,
    });
  return (at) => list[at % width];
}

export const rescaling: LayerKind<RescalingLayer> = {
  className: () => 'Rescaling',
  equations: () => [{ symbol: 'y', meaning: 'scaled and shifted', expression: 'y = x .* scale + offset' }],
  constants: ({ scale, offset }) => ({
    scale: printable(tensor([scale.length], Float64Array.from(scale))),
    offset: printable(tensor([offset.length], Float64Array.from(offset))),
  }),
  weightShapes: () => ({}),
  outputShapes: (_, input) => [input],

  rows(layer, { inputs: [x] }) {
    const part = (list: readonly number[]) => {
      const at = factor(list, x);
      return tensor(
        [widthOf(x)],
        Float64Array.from({ length: widthOf(x) }, (_, f) => at(f)),
      );
    };
    const [scale, offset] = [part(layer.scale), part(layer.offset)];
    return { count: rowsOf(x), bindings: (at) => ({ x: rowAt(x, at), scale, offset }) };
  },

  forward(layer, _, { inputs: [x] }) {
    const [scale, offset] = [factor(layer.scale, x), factor(layer.offset, x)];
    return {
      y: tensor(
        [rowsOf(x), widthOf(x)],
        Float64Array.from(x.data, (value, at) => value * scale(at) + offset(at)),
      ),
    };
  },
};
