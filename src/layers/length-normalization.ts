/*
 * Normalizations that take no mean off: numbers are divided by how large they are together.
 *
 *   RMSNormalization    y = γ ⊙ x / √(Σx² / n + ε)
 *   UnitNormalization   y = x / max(√Σx², ε)
 *
 * x [n] runs along the layer's axes. Sources: keras/src/layers/normalization/rms_normalization.py, unit_normalization.py, keras/src/ops/nn.py;
 * tf_keras/layers/normalization/unit_normalization.py, whose ε stands under the root.
 */
import { broadcast } from '../math/axes.ts';
import { LabError } from '../math/lab-error.ts';
import { row, rowsOf, shapeText, type Tensor, tensor, widthOf } from '../math/tensor.ts';
import { axisIndex, broadcastShape, dropsMask } from './axes.ts';
import { groupsOf, ungrouped } from './grouped.ts';
import type { LayerKind, RmsNormalizationLayer, Shape, UnitNormalizationLayer } from './layer.ts';

function sumOfSquares(numbers: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < numbers.length; k++) sum += numbers[k] ** 2;
  return sum;
}

const lengthsOf = (axis: readonly number[], input: Shape) => axis.map((one) => input[axisIndex(one, input)]);

/** The scale beside each number of x, grouped as x is. */
function groupedScale({ axis, weights }: RmsNormalizationLayer, x: Tensor): Tensor {
  return groupsOf(broadcast(weights.scale, x.shape), axis);
}

export const rmsNormalization: LayerKind<RmsNormalizationLayer> = {
  className: () => 'RMSNormalization',
  equations: () => [
    { symbol: 'q', meaning: 'mean of the squares', expression: 'q = sum(x .^ 2) / n' },
    { symbol: 'y', meaning: 'normalized', expression: 'y = scale .* x ./ sqrt(q + epsilon)' },
  ],
  constants: ({ weights, epsilon }) => ({ scale: tensor([weights.scale.data.length], weights.scale.data), epsilon }),
  weightShapes: ({ axis }, input) => ({ scale: lengthsOf(axis, input) }),

  outputShapes({ axis }, input) {
    // The scale meets the last axes: of other axes Keras computes only where that makes no other shape.
    const scale = lengthsOf(axis, input);
    const output = broadcastShape([input, scale]);
    if (output.every((length, at) => length === input[at])) return [input];
    throw new LabError({
      path: 'axis',
      problem: 'the scale of an RMSNormalization has the lengths of its axes, and meets the last axes of the input.',
      received: `a scale of ${shapeText(scale)} for ${shapeText(input)}`,
    });
  },

  rows(layer, { inputs: [x] }) {
    const rows = groupsOf(x, layer.axis);
    const scale = groupedScale(layer, x);
    const n = widthOf(rows);
    return {
      count: rowsOf(rows),
      bindings: (at) => ({ x: tensor([n], row(rows, at)), scale: tensor([n], row(scale, at)), n }),
    };
  },

  forward(layer, _, { inputs: [x] }) {
    const rows = groupsOf(x, layer.axis);
    const scale = groupedScale(layer, x);
    const n = widthOf(rows);
    const q = tensor([rowsOf(rows), 1]);
    const y = tensor(rows.shape);
    for (let at = 0; at < rowsOf(rows); at++) {
      const numbers = row(rows, at);
      q.data[at] = sumOfSquares(numbers) / n;
      const root = Math.sqrt(q.data[at] + layer.epsilon);
      for (let k = 0; k < n; k++) y.data[at * n + k] = (scale.data[at * n + k] * numbers[k]) / root;
    }
    return { q, y };
  },

  returns: (layer, { y }, { inputs: [x] }) => [ungrouped(y, layer.axis, x)],
  outputMask: dropsMask('RMSNormalization'),
};

export const unitNormalization: LayerKind<UnitNormalizationLayer> = {
  className: () => 'UnitNormalization',
  equations: () => [
    { symbol: 'l', meaning: 'length', expression: 'l = sqrt(sum(x .^ 2))' },
    { symbol: 'y', meaning: 'of length 1', expression: 'y = x / max(l, epsilon)' },
  ],
  constants: ({ epsilon }) => ({ epsilon }),
  weightShapes: () => ({}),

  outputShapes({ axis }, input) {
    lengthsOf(axis, input);
    return [input];
  },

  rows(layer, { inputs: [x] }) {
    const rows = groupsOf(x, layer.axis);
    return { count: rowsOf(rows), bindings: (at) => ({ x: tensor([widthOf(rows)], row(rows, at)) }) };
  },

  forward(layer, _, { inputs: [x] }) {
    const rows = groupsOf(x, layer.axis);
    const n = widthOf(rows);
    const l = tensor([rowsOf(rows), 1]);
    const y = tensor(rows.shape);
    for (let at = 0; at < rowsOf(rows); at++) {
      const numbers = row(rows, at);
      l.data[at] = Math.sqrt(sumOfSquares(numbers));
      for (let k = 0; k < n; k++) y.data[at * n + k] = numbers[k] / Math.max(l.data[at], layer.epsilon);
    }
    return { l, y };
  },

  returns: (layer, { y }, { inputs: [x] }) => [ungrouped(y, layer.axis, x)],
};
