/*
 * Number by number, with weights: PReLU, and scale and offset that a file holds as constants. And softmax along an axis.
 *
 *   PReLU    y = max(0, x) − α ⊙ max(0, −x)        α was learned, and may be shared along axes
 *   affine   y = scale ⊙ x + offset
 *   Softmax  y = eˣ / Σeˣ along the axis
 *
 * Sources: keras/src/layers/activations/prelu.py, softmax.py.
 */
import { activationLoop } from '../math/activations.ts';
import { broadcast } from '../math/axes.ts';
import { LabError } from '../math/lab-error.ts';
import { row, rowsOf, shapeText, type Tensor, tensor, widthOf } from '../math/tensor.ts';
import { axisIndex, batchShape, broadcastShape } from './axes.ts';
import { groupsOf, ungrouped } from './grouped.ts';
import type { AffineLayer, LayerKind, PreluLayer, SoftmaxLayer } from './layer.ts';

const rowAt = (t: Tensor, at: number): Tensor => ({ shape: [widthOf(t)], data: row(t, at) });

/** A weight of any rank as a constant: a number, a vector or a matrix. A row's equation sees its own part of it. */
function printable(t: Tensor): Tensor | number {
  if (t.shape.length === 0) return t.data[0];
  return t.shape.length > 2 ? tensor([rowsOf(t), widthOf(t)], t.data) : t;
}

export const prelu: LayerKind<PreluLayer> = {
  className: () => 'PReLU',
  equations: () => [{ symbol: 'y', meaning: 'output', expression: 'y = relu(x) - alpha .* relu(-x)' }],
  constants: ({ weights }) => ({ alpha: printable(weights.alpha) }),

  weightShapes({ sharedAxes }, input) {
    const shared = sharedAxes.map((axis) => axisIndex(axis, input));
    return { alpha: input.map((length, axis) => (shared.includes(axis) ? 1 : length)) };
  },

  outputShapes: (_, input) => [input],

  rows(layer, { inputs: [x] }) {
    const alpha = broadcast(layer.weights.alpha, x.shape);
    return { count: rowsOf(x), bindings: (at) => ({ x: rowAt(x, at), alpha: rowAt(alpha, at) }) };
  },

  forward(layer, _, { inputs: [x] }) {
    const alpha = broadcast(layer.weights.alpha, x.shape);
    const y = tensor([rowsOf(x), widthOf(x)]);
    for (let at = 0; at < y.data.length; at++)
      y.data[at] = Math.max(0, x.data[at]) - alpha.data[at] * Math.max(0, -x.data[at]);
    return { y };
  },
};

export const affine: LayerKind<AffineLayer> = {
  className: () => 'Affine',
  equations: ({ weights: { scale, offset } = {} }) => [
    {
      symbol: 'y',
      meaning: 'scaled and shifted',
      expression: `y = ${scale ? 'scale .* ' : ''}x${offset ? ' + offset' : ''}`,
    },
  ],
  constants: ({ weights: { scale, offset } = {} }) => ({
    ...(scale && { scale: printable(scale) }),
    ...(offset && { offset: printable(offset) }),
  }),
  weightShapes: ({ scaleShape, offsetShape }) => ({
    ...(scaleShape && { scale: scaleShape }),
    ...(offsetShape && { offset: offsetShape }),
  }),
  outputShapes: ({ scaleShape, offsetShape }, input) => [
    broadcastShape([input, scaleShape, offsetShape].filter((shape) => shape !== undefined)),
  ],

  rows(layer, { inputs: [x] }) {
    const parts = affineParts(layer, x);
    return {
      count: rowsOf(parts.x),
      bindings: (at) => Object.fromEntries(Object.entries(parts).map(([name, t]) => [name, rowAt(t, at)])),
    };
  },

  forward(layer, _, { inputs: [input] }) {
    const { x, scale, offset } = affineParts(layer, input);
    const y = tensor([rowsOf(x), widthOf(x)]);
    for (let at = 0; at < y.data.length; at++)
      y.data[at] = (scale ? scale.data[at] * x.data[at] : x.data[at]) + (offset ? offset.data[at] : 0);
    return { y };
  },

  returns(layer, { y }, { inputs: [x] }) {
    return [tensor(affineShape(layer, x), y.data)];
  },
};

function affineShape({ weights: { scale, offset } = {} }: AffineLayer, x: Tensor): number[] {
  return broadcastShape([x, scale, offset].flatMap((t) => (t ? [t.shape] : []))) as number[];
}

/** x, scale and offset, all in the output's shape. */
function affineParts(layer: AffineLayer, x: Tensor): { x: Tensor; scale?: Tensor; offset?: Tensor } {
  const { scale, offset } = layer.weights ?? {};
  const shape = affineShape(layer, x);
  return {
    x: broadcast(x, shape),
    ...(scale && { scale: broadcast(scale, shape) }),
    ...(offset && { offset: broadcast(offset, shape) }),
  };
}

export const softmax: LayerKind<SoftmaxLayer> = {
  className: () => 'Softmax',
  equations: () => [{ symbol: 'y', meaning: 'shares of 1', expression: 'y = softmax(x)' }],
  constants: () => ({}),
  weightShapes: () => ({}),
  outputShapes(layer, input) {
    if (input.length === 0)
      throw new LabError({
        problem: 'Softmax wants an axis.',
        received: `${batchShape(input)}, axis ${shapeText([layer.axis])}`,
      });
    axisIndex(layer.axis, input);
    return [input];
  },

  rows(layer, { inputs: [x] }) {
    const rows = groupsOf(x, [layer.axis]);
    return { count: rowsOf(rows), bindings: (at) => ({ x: rowAt(rows, at) }) };
  },

  forward(layer, _, { inputs: [x] }) {
    const rows = groupsOf(x, [layer.axis]);
    const y = tensor(rows.shape, Float64Array.from(rows.data));
    const apply = activationLoop('softmax');
    for (let at = 0; at < rowsOf(y); at++) apply(row(y, at) as Float64Array);
    return { y };
  },

  returns: (layer, { y }, { inputs: [x] }) => [ungrouped(y, [layer.axis], x)],
};
