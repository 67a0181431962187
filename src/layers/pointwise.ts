/*
 * Layers without weights: Input and Dropout (which at inference passes everything on), Activation, Flatten.
 * Sources: keras/src/layers/core/input_layer.py, regularization/dropout.py, activations/activation.py, reshaping/flatten.py.
 */
import { activationCall, activationLoop } from '../math/activations.ts';
import { row, rowsOf, sizeOf, type Tensor, tensor, widthOf } from '../math/tensor.ts';
import { dropsMask } from './axes.ts';
import type {
  ActivationLayer,
  DropoutLayer,
  FlattenLayer,
  IdentityLayer,
  InputLayer,
  LayerKind,
  Shape,
} from './layer.ts';
import { moves } from './moves.ts';

const asRows = (x: Tensor): Tensor => tensor([rowsOf(x), widthOf(x)], x.data.slice());

export const input: LayerKind<InputLayer> = {
  className: () => 'InputLayer',
  equations: () => [],
  constants: () => ({}),
  weightShapes: () => ({}),
  outputShapes: (layer) => [layer.shape],
  forward: () => ({}),
};

export const dropout: LayerKind<DropoutLayer> = {
  className: () => 'Dropout',
  equations: () => [{ symbol: 'y', meaning: 'x itself: nothing is dropped at inference', expression: 'y = x' }],
  constants: () => ({}),
  weightShapes: () => ({}),
  outputShapes: (_, shape) => [shape],
  forward: (_, x) => ({ y: asRows(x) }),
};

export const identity: LayerKind<IdentityLayer> = {
  className: (layer) => layer.className,
  equations: () => [{ symbol: 'y', meaning: 'x itself: this layer acts in training only', expression: 'y = x' }],
  constants: () => ({}),
  weightShapes: () => ({}),
  outputShapes: (_, shape) => [shape],
  forward: (_, x) => ({ y: asRows(x) }),
};

export const activation: LayerKind<ActivationLayer> = {
  className: (layer) => layer.className ?? 'Activation',
  equations: (layer) => [
    { symbol: 'y', meaning: 'output', expression: `y = ${activationCall(layer.activation, 'x')}` },
  ],
  constants: () => ({}),
  weightShapes: () => ({}),
  outputShapes: (_, shape) => [shape],
  forward(layer, x) {
    const y = asRows(x);
    const activate = activationLoop(layer.activation);
    for (let t = 0; t < rowsOf(y); t++) activate(row(y, t) as Float64Array);
    return { y };
  },
};

export const flatten: LayerKind<FlattenLayer> = {
  className: () => 'Flatten',
  equations: (layer) => [
    {
      symbol: 'y',
      meaning: 'all rows, one after the other',
      expression: layer.dataFormat === 'channels_first' ? 'y = flatten(channels_last(x))' : 'y = flatten(x)',
    },
  ],
  constants: () => ({}),
  weightShapes: () => ({}),
  wholeInput: true,
  outputShapes: (_, shape): Shape[] => [[shape.includes(null) ? null : sizeOf(shape as number[])]],
  forward: (layer, x) => ({
    y: tensor([1, x.data.length], (layer.dataFormat === 'channels_first' ? moves.channels_last(x) : x).data.slice()),
  }),

  outputMask: dropsMask('Flatten'),
};
