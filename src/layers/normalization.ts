/*
 * Normalizations: numbers are shifted and scaled to mean 0 and variance 1, then scaled by γ and shifted by β, which were learned.
 *
 *   BatchNormalization   y = γ ⊙ (x − μ) / √(σ² + ε) + β      μ and σ² of the training data, for each feature: moving_mean, moving_variance
 *   LayerNormalization   μ = Σx / n, σ² = Σ(x − μ)² / n of x itself; y as above
 *
 * x [n] runs along the layer's axes. Without scale there is no γ, without center no β. Masks pass, and change nothing.
 * Sources: keras/src/layers/normalization/batch_normalization.py, layer_normalization.py.
 */
import { row, rowsOf, type Tensor, tensor, widthOf } from '../math/tensor.ts';
import { axisIndex } from './axes.ts';
import { groupsOf, ungrouped } from './grouped.ts';
import type { BatchNormalizationLayer, LayerKind, LayerNormalizationLayer } from './layer.ts';

function output({ scale, center }: { readonly scale: boolean; readonly center: boolean }) {
  const sum = `${scale ? 'gamma .* ' : ''}(x - mu) ./ sqrt(variance + epsilon)${center ? ' + beta' : ''}`;
  return { symbol: 'y', meaning: 'normalized', expression: `y = ${sum}` };
}

/** y = γ ⊙ (x − μ) / √(σ² + ε) + β, all of the same length. */
function normalize(
  y: Float64Array,
  x: ArrayLike<number>,
  mean: (at: number) => number,
  deviation: (at: number) => number,
  { gamma, beta }: { readonly gamma?: Tensor; readonly beta?: Tensor },
): void {
  for (let at = 0; at < y.length; at++) {
    const value = ((gamma ? gamma.data[at] : 1) * (x[at] - mean(at))) / deviation(at);
    y[at] = value + (beta ? beta.data[at] : 0);
  }
}

const learned = ({ gamma, beta }: { readonly gamma?: Tensor; readonly beta?: Tensor }) => ({
  ...(gamma && { gamma }),
  ...(beta && { beta }),
});

export const batchNormalization: LayerKind<BatchNormalizationLayer> = {
  className: () => 'BatchNormalization',
  equations: (layer) => [output(layer)],

  constants: ({ weights, epsilon }) => ({
    ...learned(weights),
    mu: weights.movingMean,
    variance: weights.movingVariance,
    epsilon,
  }),

  weightShapes({ axis, scale, center }, input) {
    const features = [input[axisIndex(axis, input)]];
    return {
      ...(scale && { gamma: features }),
      ...(center && { beta: features }),
      moving_mean: features,
      moving_variance: features,
    };
  },

  outputShapes(layer, input) {
    axisIndex(layer.axis, input);
    return [input];
  },

  rows(layer, { inputs: [x] }) {
    const rows = groupsOf(x, [layer.axis]);
    return { count: rowsOf(rows), bindings: (at) => ({ x: tensor([widthOf(rows)], row(rows, at)) }) };
  },

  forward(layer, _, { inputs: [x] }) {
    const rows = groupsOf(x, [layer.axis]);
    const { movingMean, movingVariance } = layer.weights;
    const deviations = Float64Array.from(movingVariance.data, (variance) => Math.sqrt(variance + layer.epsilon));
    const y = tensor(rows.shape);
    for (let at = 0; at < rowsOf(rows); at++) {
      const out = row(y, at) as Float64Array;
      normalize(
        out,
        row(rows, at),
        (f) => movingMean.data[f],
        (f) => deviations[f],
        layer.weights,
      );
    }
    return { y };
  },

  returns: (layer, { y }, { inputs: [x] }) => [ungrouped(y, [layer.axis], x)],
};

export const layerNormalization: LayerKind<LayerNormalizationLayer> = {
  className: () => 'LayerNormalization',

  equations: (layer) => [
    { symbol: 'mu', meaning: 'mean', expression: 'mu = sum(x) / n' },
    { symbol: 'variance', meaning: 'variance', expression: 'variance = sum((x - mu) .^ 2) / n' },
    output(layer),
  ],

  constants: ({ weights = {}, epsilon }) => ({
    ...learned({
      gamma: weights.gamma && flat(weights.gamma),
      beta: weights.beta && flat(weights.beta),
    }),
    epsilon,
  }),

  weightShapes({ axis, scale, center }, input) {
    const lengths = axis.map((one) => input[axisIndex(one, input)]);
    return { ...(scale && { gamma: lengths }), ...(center && { beta: lengths }) };
  },

  outputShapes(layer, input) {
    for (const axis of layer.axis) axisIndex(axis, input);
    return [input];
  },

  rows(layer, { inputs: [x] }) {
    const rows = groupsOf(x, layer.axis);
    const n = widthOf(rows);
    return { count: rowsOf(rows), bindings: (at) => ({ x: tensor([n], row(rows, at)), n }) };
  },

  forward(layer, _, { inputs: [x] }) {
    const rows = groupsOf(x, layer.axis);
    const count = rowsOf(rows);
    const mu = tensor([count, 1]);
    const variance = tensor([count, 1]);
    const y = tensor(rows.shape);
    for (let at = 0; at < count; at++) {
      const numbers = row(rows, at);
      const { mean, variance: spread } = moments(numbers);
      mu.data[at] = mean;
      variance.data[at] = spread;
      const deviation = Math.sqrt(spread + layer.epsilon);
      normalize(
        row(y, at) as Float64Array,
        numbers,
        () => mean,
        () => deviation,
        layer.weights ?? {},
      );
    }
    return { mu, variance, y };
  },

  returns: (layer, { y }, { inputs: [x] }) => [ungrouped(y, layer.axis, x)],
};

function flat(t: Tensor): Tensor {
  return tensor([t.data.length], t.data);
}

/** Mean and variance of some numbers, the variance of the numbers themselves (÷ n). */
export function moments(numbers: ArrayLike<number>): { mean: number; variance: number } {
  const n = numbers.length;
  let sum = 0;
  for (let k = 0; k < n; k++) sum += numbers[k];
  const mean = sum / n;
  let squares = 0;
  for (let k = 0; k < n; k++) squares += (numbers[k] - mean) ** 2;
  return { mean, variance: squares / n };
}
