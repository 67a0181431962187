/*
 * Adaptive pooling along time: outputSize windows cover the sequence evenly, whatever its length. Window k reaches from ⌊k L / n⌋ to ⌈(k + 1) L / n⌉.
 * y is the largest of each feature, or m x / Σm, as in pooling.ts. Masks end here.
 * Source: keras/src/layers/pooling/base_adaptive_pooling.py, keras/src/backend/tensorflow/nn.py.
 */
import { row, rowsOf, tensor, widthOf } from '../math/tensor.ts';
import { dropsMask, wantAxes } from './axes.ts';
import type { AdaptivePooling1dLayer, LayerKind } from './layer.ts';
import { columnMaximum, columnMean, formatted, pooled, poolingEquations, timeFirst } from './pooling.ts';
import { refuseMany } from './reshaping.ts';

const classNames = { max: 'AdaptiveMaxPooling1D', average: 'AdaptiveAveragePooling1D' };

function windowsOf(count: number, timesteps: number): number[][] {
  return Array.from({ length: count }, (_, at) => {
    const from = Math.floor((at * timesteps) / count);
    const to = Math.ceil(((at + 1) * timesteps) / count);
    return Array.from({ length: to - from }, (_, k) => from + k);
  });
}

export const adaptivePooling1d: LayerKind<AdaptivePooling1dLayer> = {
  className: ({ operation }) => classNames[operation],
  equations: ({ operation }) => poolingEquations(operation),
  constants: () => ({}),
  weightShapes: () => ({}),

  outputShapes(layer, input) {
    wantAxes(classNames[layer.operation], input, 2, '(timesteps, features)');
    const [, features] = formatted(layer, input);
    refuseMany('output_size', [layer.outputSize, features]);
    return [formatted(layer, [layer.outputSize, features])];
  },

  rows(layer, { inputs }) {
    const x = timeFirst(layer, inputs[0]);
    const windows = windowsOf(layer.outputSize, rowsOf(x));
    return { count: windows.length, bindings: (at) => pooled(x, windows[at]) };
  },

  forward(layer, _, { inputs }) {
    const x = timeFirst(layer, inputs[0]);
    const y = tensor([layer.outputSize, widthOf(x)]);
    windowsOf(layer.outputSize, rowsOf(x)).forEach((places, at) => {
      const window = pooled(x, places);
      row(y, at).set(layer.operation === 'max' ? columnMaximum(window.x) : columnMean(window.x, window.m.data));
    });
    return { y };
  },

  returns: (layer, { y }) => [timeFirst(layer, y)],
  outputMask: (layer, context, keras) => dropsMask(classNames[layer.operation])(layer, context, keras),
};
