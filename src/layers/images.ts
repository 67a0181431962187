/*
 * Layers over images, (rows, columns, channels), as models have them before their LSTM: Conv2D, MaxPooling2D, AveragePooling2D, and the global ones.
 * They are those of one axis (convolution.ts, pooling.ts) with windows over two.
 * Sources: keras/src/layers/convolutional/conv2d.py, keras/src/layers/pooling/.
 */
import { permuted } from '../math/axes.ts';
import { row, rowsOf, type Tensor, tensor, widthOf } from '../math/tensor.ts';
import { dropsMask, wantAxes } from './axes.ts';
import { checkGroups, convolutionEquations, convolve, flatKernel, windowOf } from './convolution.ts';
import type { Conv2dLayer, GlobalPooling2dLayer, LayerKind, Pooling2dLayer, Shape } from './layer.ts';
import { columnMaximum, columnMean, pooled, poolingEquations } from './pooling.ts';
import { windowCount, windowsOf } from './windows.ts';

type Format = { readonly dataFormat: 'channels_last' | 'channels_first' };

/** What two axes have each. */
interface Grid {
  readonly sizes: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: 'valid' | 'same';
  readonly dilationRates?: readonly [number, number];
}

const axisOf = ({ sizes, strides, padding, dilationRates }: Grid, axis: 0 | 1) => ({
  size: sizes[axis],
  strides: strides[axis],
  padding,
  dilationRate: dilationRates?.[axis] ?? 1,
});

/** [rows, columns, channels], whichever axis the channels are on. */
const channelsLast = ({ dataFormat }: Format, x: Tensor): Tensor =>
  dataFormat === 'channels_first' ? permuted(x, [1, 2, 0]) : x;
const asFormatted = ({ dataFormat }: Format, y: Tensor): Tensor =>
  dataFormat === 'channels_first' ? permuted(y, [2, 0, 1]) : y;
const lastShape = ({ dataFormat }: Format, [a, b, c]: Shape): Shape =>
  dataFormat === 'channels_first' ? [b, c, a] : [a, b, c];
const formattedShape = ({ dataFormat }: Format, [rows, columns, channels]: Shape): Shape =>
  dataFormat === 'channels_first' ? [channels, rows, columns] : [rows, columns, channels];

function gridCount(className: string, grid: Grid, [rows, columns]: Shape): [number | null, number | null] {
  return [windowCount(className, axisOf(grid, 0), rows), windowCount(className, axisOf(grid, 1), columns)];
}

/** The pixels that each window sees, row by row, as places of [rows · columns]; −1 where it sees padding. */
function gridWindows(grid: Grid, [rows, columns]: readonly number[]): number[][] {
  const across = windowsOf(axisOf(grid, 1), columns);
  return windowsOf(axisOf(grid, 0), rows).flatMap((down) =>
    across.map((along) => down.flatMap((r) => along.map((c) => (r < 0 || c < 0 ? -1 : r * columns + c)))),
  );
}

const pixels = (x: Tensor): Tensor => tensor([rowsOf(x), widthOf(x)], x.data);

const convGrid = (layer: Omit<Conv2dLayer, 'weights'>): Grid => ({
  sizes: layer.kernelSize,
  strides: layer.strides,
  padding: layer.padding,
  dilationRates: layer.dilationRate,
});

/** Kernel [rows, columns, features / groups, filters] as [places, features / groups, filters]. */
const asPlaces = ({ shape: [rows, columns, inside, filters], data }: Tensor): Tensor =>
  tensor([rows * columns, inside, filters], data);

export const conv2d: LayerKind<Conv2dLayer> = {
  className: () => 'Conv2D',
  equations: convolutionEquations,
  constants: ({ weights, groups }) => ({
    W: flatKernel(asPlaces(weights.kernel), groups),
    ...(weights.bias && { b: weights.bias }),
  }),

  weightShapes(layer, input) {
    const features = lastShape(layer, input)[2];
    checkGroups(layer, features, input);
    return {
      kernel: [...layer.kernelSize, features === null ? null : features / layer.groups, layer.filters],
      ...(layer.useBias && { bias: [layer.filters] }),
    };
  },

  outputShapes(layer, input) {
    wantAxes('Conv2D', input, 3, '(rows, columns, channels)');
    const shape = lastShape(layer, input);
    checkGroups(layer, shape[2], input);
    return [formattedShape(layer, [...gridCount('Conv2D', convGrid(layer), shape), layer.filters])];
  },

  rows(layer, { inputs }) {
    const x = channelsLast(layer, inputs[0]);
    const windows = gridWindows(convGrid(layer), x.shape);
    return { count: windows.length, bindings: (at) => ({ x: windowOf(pixels(x), windows[at]) }) };
  },

  forward(layer, _, { inputs }) {
    const x = channelsLast(layer, inputs[0]);
    const { kernel, bias } = layer.weights;
    return convolve(layer, pixels(x), gridWindows(convGrid(layer), x.shape), asPlaces(kernel), bias);
  },

  returns(layer, { y }, { inputs: [x] }) {
    const [rows, columns] = gridCount('Conv2D', convGrid(layer), lastShape(layer, x.shape)) as [number, number];
    return [asFormatted(layer, tensor([rows, columns, layer.filters], y.data))];
  },
  outputMask: dropsMask('Conv2D'),
};

const poolNames = { max: 'MaxPooling2D', average: 'AveragePooling2D' };

const poolGrid = ({ poolSize, strides, padding }: Omit<Pooling2dLayer, 'weights'>): Grid => ({
  sizes: poolSize,
  strides,
  padding,
});

export const pooling2d: LayerKind<Pooling2dLayer> = {
  className: ({ operation }) => poolNames[operation],
  equations: ({ operation }) => poolingEquations(operation),
  constants: () => ({}),
  weightShapes: () => ({}),

  outputShapes(layer, input) {
    wantAxes(poolNames[layer.operation], input, 3, '(rows, columns, channels)');
    const shape = lastShape(layer, input);
    return [formattedShape(layer, [...gridCount(poolNames[layer.operation], poolGrid(layer), shape), shape[2]])];
  },

  rows(layer, { inputs }) {
    const x = channelsLast(layer, inputs[0]);
    const windows = gridWindows(poolGrid(layer), x.shape);
    return { count: windows.length, bindings: (at) => pooled(pixels(x), windows[at]) };
  },

  forward(layer, _, { inputs }) {
    const x = channelsLast(layer, inputs[0]);
    const windows = gridWindows(poolGrid(layer), x.shape);
    const y = tensor([windows.length, widthOf(x)]);
    windows.forEach((places, at) => {
      const window = pooled(pixels(x), places);
      row(y, at).set(layer.operation === 'max' ? columnMaximum(window.x) : columnMean(window.x, window.m.data));
    });
    return { y };
  },

  returns(layer, { y }, { inputs: [x] }) {
    const shape = lastShape(layer, x.shape) as number[];
    const [rows, columns] = gridCount(poolNames[layer.operation], poolGrid(layer), shape) as [number, number];
    return [asFormatted(layer, tensor([rows, columns, shape[2]], y.data))];
  },
  outputMask: (layer, context, keras) => dropsMask(poolNames[layer.operation])(layer, context, keras),
};

const globalNames = { max: 'GlobalMaxPooling2D', average: 'GlobalAveragePooling2D' };

export const globalPooling2d: LayerKind<GlobalPooling2dLayer> = {
  className: ({ operation }) => globalNames[operation],
  equations: ({ operation }) => poolingEquations(operation),
  constants: () => ({}),
  weightShapes: () => ({}),

  outputShapes(layer, input) {
    wantAxes(globalNames[layer.operation], input, 3, '(rows, columns, channels)');
    const channels = lastShape(layer, input)[2];
    return [layer.keepdims ? formattedShape(layer, [1, 1, channels]) : [channels]];
  },

  rows: (layer, { inputs }) => ({ count: 1, bindings: () => allPixels(layer, inputs[0]) }),

  forward(layer, _, { inputs }) {
    const { x, m } = allPixels(layer, inputs[0]);
    const y = layer.operation === 'max' ? columnMaximum(x) : columnMean(x, m.data);
    return { y: tensor([1, y.length], y) };
  },
  outputMask: () => null,
};

function allPixels(layer: GlobalPooling2dLayer, input: Tensor): { x: Tensor; m: Tensor } {
  const x = pixels(channelsLast(layer, input));
  return { x, m: tensor([rowsOf(x)], new Float64Array(rowsOf(x)).fill(1)) };
}
