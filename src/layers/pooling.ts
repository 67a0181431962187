/*
 * Pooling along time: of the timesteps in a window one number is left for each feature.
 *
 *   y = max of the columns of x        MaxPooling1D, GlobalMaxPooling1D
 *   y = m x / Σm                       AveragePooling1D, GlobalAveragePooling1D
 *
 * x [window, features] is the window (for a global pooling the whole sequence), m [window] is 1 where a timestep counts: padding="same" adds
 * timesteps that do not, and neither does a masked timestep in GlobalAveragePooling1D (all masked: 0/0). GlobalMaxPooling1D knows no masks.
 * Sources: keras/src/layers/pooling/, keras/src/backend/tensorflow/nn.py.
 */
import { permuted } from '../math/axes.ts';
import { row, rowsOf, type Tensor, tensor, widthOf } from '../math/tensor.ts';
import { dropsMask, wantAxes } from './axes.ts';
import type {
  AdaptivePooling1dLayer,
  Equation,
  GlobalPooling1dLayer,
  LayerKind,
  Mask,
  Piece,
  Pooling1dLayer,
  Shape,
} from './layer.ts';
import { windowCount, windowsOf } from './windows.ts';

type Format = { readonly dataFormat: 'channels_last' | 'channels_first' };

const classNames = { max: 'MaxPooling1D', average: 'AveragePooling1D' };
const globalNames = { max: 'GlobalMaxPooling1D', average: 'GlobalAveragePooling1D' };

/** The equation of a pooling, global or of windows. */
export const poolingEquations = (operation: 'max' | 'average'): Equation[] => [
  operation === 'max'
    ? { symbol: 'y', meaning: 'the largest of each feature', expression: 'y = column_max(x)' }
    : { symbol: 'y', meaning: 'the mean of each feature', expression: 'y = m * x / sum(m)' },
];

/** [timesteps, features], whichever axis the features are on. */
export function timeFirst({ dataFormat }: Format, x: Tensor): Tensor {
  return dataFormat === 'channels_first' ? permuted(x, [1, 0]) : x;
}

/** A shape (timesteps, features) as the layer's data format has it, and the other way round. */
export function formatted({ dataFormat }: Format, shape: Shape): Shape {
  return dataFormat === 'channels_first' ? [shape[1], shape[0]] : shape;
}

export function columnMaximum(x: Tensor): Float64Array {
  const width = widthOf(x);
  const out = new Float64Array(width).fill(Number.NEGATIVE_INFINITY);
  for (let at = 0; at < x.data.length; at++) out[at % width] = Math.max(out[at % width], x.data[at]);
  return out;
}

export function columnMean(x: Tensor, m: ArrayLike<number>): Float64Array {
  const width = widthOf(x);
  const out = new Float64Array(width);
  let count = 0;
  for (let t = 0; t < m.length; t++) {
    count += m[t];
    for (let f = 0; f < width; f++) out[f] += m[t] * x.data[t * width + f];
  }
  return out.map((sum) => sum / count);
}

/** A pooling of windows: which places each window holds (of a piece, where it is computed in pieces), and how many windows a sequence has. */
export function poolingKind<L extends Pooling1dLayer | AdaptivePooling1dLayer>(
  classNames: Readonly<Record<'max' | 'average', string>>,
  places: (layer: L, timesteps: number, piece?: Piece) => number[][],
  count: (layer: Omit<L, 'weights'>, timesteps: number | null, features: number | null) => number | null,
): LayerKind<L> {
  return {
    className: ({ operation }) => classNames[operation],
    equations: ({ operation }) => poolingEquations(operation),
    constants: () => ({}),
    weightShapes: () => ({}),

    outputShapes(layer, input) {
      wantAxes(classNames[layer.operation], input, 2, '(timesteps, features)');
      const [timesteps, features] = formatted(layer, input);
      return [formatted(layer, [count(layer, timesteps, features), features])];
    },

    rows(layer, { inputs, piece }) {
      const x = timeFirst(layer, inputs[0]);
      const windows = places(layer, rowsOf(x), piece);
      return { count: windows.length, bindings: (at) => pooled(x, windows[at]) };
    },

    forward(layer, _, { inputs, piece }) {
      const x = timeFirst(layer, inputs[0]);
      const windows = places(layer, rowsOf(x), piece);
      const y = tensor([windows.length, widthOf(x)]);
      windows.forEach((inside, at) => {
        const window = pooled(x, inside);
        row(y, at).set(layer.operation === 'max' ? columnMaximum(window.x) : columnMean(window.x, window.m.data));
      });
      return { y };
    },

    returns: (layer, { y }) => [timeFirst(layer, y)],
    outputMask: (layer, context, keras) => dropsMask(classNames[layer.operation])(layer, context, keras),
  };
}

export const pooling1d = poolingKind<Pooling1dLayer>(
  classNames,
  (layer, timesteps, piece) => windowsOf({ ...layer, size: layer.poolSize }, timesteps, piece),
  (layer, timesteps) => windowCount(classNames[layer.operation], { ...layer, size: layer.poolSize }, timesteps),
);

/** What a window holds: of places outside the sequence nothing. */
export function pooled(x: Tensor, places: readonly number[]): { x: Tensor; m: Tensor } {
  const inside = places.filter((place) => place >= 0);
  const window = tensor([inside.length, widthOf(x)]);
  inside.forEach((place, at) => {
    row(window, at).set(row(x, place));
  });
  return { x: window, m: tensor([inside.length], new Float64Array(inside.length).fill(1)) };
}

export const globalPooling1d: LayerKind<GlobalPooling1dLayer> = {
  className: ({ operation }) => globalNames[operation],
  equations: ({ operation }) => poolingEquations(operation),
  constants: () => ({}),
  weightShapes: () => ({}),

  outputShapes(layer, input) {
    wantAxes(globalNames[layer.operation], input, 2, '(timesteps, features)');
    const [, features] = formatted(layer, input);
    return [layer.keepdims ? formatted(layer, [1, features]) : [features]];
  },

  rows: (layer, { inputs, mask }) => ({ count: 1, bindings: () => whole(layer, inputs[0], mask) }),

  forward(layer, _, { inputs, mask }) {
    const { x, m } = whole(layer, inputs[0], mask);
    const y = layer.operation === 'max' ? columnMaximum(x) : columnMean(x, m.data);
    return { y: tensor([1, y.length], y) };
  },

  outputMask: () => null,
};

/** The whole sequence; for an average masked timesteps are 0 and do not count. */
function whole(layer: GlobalPooling1dLayer, input: Tensor, mask: Mask): { x: Tensor; m: Tensor } {
  const x = timeFirst(layer, input);
  const m = tensor([rowsOf(x)], new Float64Array(rowsOf(x)).fill(1));
  if (mask === null || layer.operation === 'max') return { x, m };
  const used = tensor(x.shape, Float64Array.from(x.data));
  mask.forEach((byte, t) => {
    m.data[t] = byte;
    if (!byte) row(used, t).fill(0);
  });
  return { x: used, m };
}
