/*
 * Layers that only move numbers: RepeatVector, Reshape, Permute, ZeroPadding1D, Cropping1D, UpSampling1D, and a slice of an axis.
 * x is the whole input without the batch. None of them hands a mask on, but a slice. Sources: keras/src/layers/reshaping/.
 */
import { LabError } from '../math/lab-error.ts';
import { rowsOf, shapeText, sizeOf, type Tensor, tensor, widthOf } from '../math/tensor.ts';
import { axisIndex, batchShape, dropsMask, wantAxes } from './axes.ts';
import type {
  Cropping1dLayer,
  Layer,
  LayerKind,
  PermuteLayer,
  RepeatVectorLayer,
  ReshapeLayer,
  Shape,
  SliceLayer,
  UpSampling1dLayer,
  ZeroPadding1dLayer,
} from './layer.ts';
import { moves, slicePlaces } from './moves.ts';

/** As many numbers as a layer may make of its input. */
const MAX_NUMBERS = 2 ** 26;

/** What all of them have in common: no weights, the whole input, one equation. */
function mover<L extends Layer>(
  className: string,
  meaning: string,
  expression: (layer: L) => string,
  shape: (layer: Omit<L, 'weights'>, input: Shape) => Shape,
  move: (layer: L, x: Tensor) => Tensor,
  outputMask: LayerKind<L>['outputMask'] = dropsMask(className) as LayerKind<L>['outputMask'],
): LayerKind<L> {
  return {
    className: () => className,
    equations: (layer) => [{ symbol: 'y', meaning, expression: `y = ${expression(layer)}` }],
    constants: () => ({}),
    weightShapes: () => ({}),
    wholeInput: true,
    outputShapes: (layer, input) => [shape(layer, input)],
    forward(layer, x) {
      const y = move(layer, x);
      return { y: tensor([rowsOf(y), widthOf(y)], y.data) };
    },
    outputMask,
  };
}

/** Refuses an output of more numbers than that; a length that is open counts once. */
export function refuseMany(path: string, lengths: Shape): void {
  const size = sizeOf(lengths.map((length) => length ?? 1));
  if (size <= MAX_NUMBERS) return;
  throw new LabError({
    path,
    problem: `a layer here makes at most ${MAX_NUMBERS} numbers of its input.`,
    received: `${size}`,
  });
}

export const repeatVector = mover<RepeatVectorLayer>(
  'RepeatVector',
  'x, n times one after the other',
  ({ n }) => `repeat(x, ${n})`,
  ({ n }, input) => {
    wantAxes('RepeatVector', input, 1, '(features,)');
    if (!(n > 0))
      throw new LabError({ path: 'n', problem: 'Argument `n` should be a positive integer.', received: `n=${n}` });
    refuseMany('n', [n, input[0]]);
    return [n, input[0]];
  },
  ({ n }, x) => moves.repeat(x, n),
);

export const reshape = mover<ReshapeLayer>(
  'Reshape',
  'the same numbers in another shape',
  // A single number, which ONNX has as a shape of no axes, is a row of one here.
  ({ targetShape }) => `reshape(x, ${targetShape.join(', ') || 1})`,
  reshaped,
  ({ targetShape }, x) => moves.reshape(x, ...targetShape),
);

/** The target shape with its −1 resolved. Throws a LabError where the numbers do not fill it. */
function reshaped({ targetShape }: Pick<ReshapeLayer, 'targetShape'>, input: Shape): Shape {
  const open = targetShape.filter((length) => length === -1).length;
  const known = targetShape.reduce((product, length) => (length === -1 ? product : product * length), 1);
  const refuse = (problem: string) => {
    throw new LabError({
      path: 'target_shape',
      problem,
      received: `input_shape=${shapeText(input)}, target_shape=${shapeText(targetShape)}`,
    });
  };
  if (open > 1) refuse('There must be at most one unknown dimension (-1) in target_shape.');
  if (targetShape.some((length) => length !== -1 && !(length > 0)))
    refuse('target_shape has lengths over 0, or one -1.');
  if (input.includes(null)) return targetShape.map((length) => (length === -1 ? null : length));
  const size = sizeOf(input as number[]);
  if (open === 0 ? size !== known : size % known !== 0) refuse('The total size of the tensor must be unchanged.');
  return targetShape.map((length) => (length === -1 ? size / known : length));
}

export const permute = mover<PermuteLayer>(
  'Permute',
  'the axes in another order',
  ({ dims }) => `permute(x, ${dims.join(', ')})`,
  ({ dims }, input) => {
    if ([...dims].sort((a, b) => a - b).some((axis, at) => axis !== at + 1)) {
      throw new LabError({
        path: 'dims',
        problem: 'Invalid permutation argument `dims` for Permute Layer.',
        received: `dims=${shapeText(dims)}`,
        hint: 'the set of indices in `dims` must be consecutive and start from 1.',
      });
    }
    wantAxes('Permute', input, dims.length, `an axis for each of dims=${shapeText(dims)}`);
    return dims.map((axis) => input[axis - 1]);
  },
  ({ dims }, x) => moves.permute(x, ...dims),
);

export const zeroPadding1d = mover<ZeroPadding1dLayer>(
  'ZeroPadding1D',
  'zeros before and after',
  ({ padding }) => `pad(x, ${padding.join(', ')})`,
  ({ padding }, input) => {
    wantAxes('ZeroPadding1D', input, 2, '(timesteps, features)');
    const [before, after] = padding;
    if (!(before >= 0 && after >= 0))
      throw new LabError({ path: 'padding', problem: 'padding counts timesteps.', received: shapeText(padding) });
    refuseMany('padding', [before + after, input[1]]);
    return [input[0] === null ? null : input[0] + before + after, input[1]];
  },
  ({ padding }, x) => moves.pad(x, ...padding),
);

export const cropping1d = mover<Cropping1dLayer>(
  'Cropping1D',
  'timesteps cut off at both ends',
  ({ cropping }) => `crop(x, ${cropping.join(', ')})`,
  ({ cropping }, input) => {
    wantAxes('Cropping1D', input, 2, '(timesteps, features)');
    const [before, after] = cropping;
    const length = input[0] === null ? null : input[0] - before - after;
    if (!(before >= 0 && after >= 0) || (length !== null && length <= 0)) {
      throw new LabError({
        path: 'cropping',
        problem: '`cropping` parameter of `Cropping1D` layer must be smaller than the input length.',
        received: `input_shape=${batchShape(input)}, cropping=${shapeText(cropping)}`,
      });
    }
    return [length, input[1]];
  },
  ({ cropping }, x) => moves.crop(x, ...cropping),
);

export const upSampling1d = mover<UpSampling1dLayer>(
  'UpSampling1D',
  'every timestep several times',
  ({ size }) => `repeat(x, ${size})`,
  ({ size }, input) => {
    wantAxes('UpSampling1D', input, 2, '(timesteps, features)');
    if (!(size > 0))
      throw new LabError({
        path: 'size',
        problem: 'Argument `size` should be a positive integer.',
        received: `size=${size}`,
      });
    refuseMany('size', [size, ...input]);
    return [input[0] === null ? null : input[0] * size, input[1]];
  },
  ({ size }, x) => moves.repeat(x, size),
);

/** start, stop and step, infinite where Python leaves them out. */
function bounds({ start, stop, step = 1 }: Omit<SliceLayer, 'weights'>): [number, number, number] {
  const far = Number.POSITIVE_INFINITY;
  return [start ?? (step > 0 ? 0 : far), stop ?? (step > 0 ? far : -far), step];
}

export const slice = mover<SliceLayer>(
  'Slice',
  'part of an axis',
  (layer) =>
    layer.index === undefined
      ? `slice(x, ${[layer.axis, ...bounds(layer)].join(', ')})`
      : `pick(x, ${layer.axis}, ${layer.index})`,
  (layer, input) => {
    const axis = axisIndex(layer.axis, input);
    const length = input[axis];
    if (layer.index !== undefined) {
      const outside = length !== null && (layer.index >= length || layer.index < -length);
      if (outside) {
        throw new LabError({
          problem: `index ${layer.index} is out of bounds for axis ${layer.axis} with size ${length}.`,
          received: batchShape(input),
        });
      }
      return input.filter((_, other) => other !== axis);
    }
    const [start, stop, step] = bounds(layer);
    if (step === 0) throw new LabError({ path: 'step', problem: 'slice step cannot be zero.', received: '0' });
    const places = length === null ? null : slicePlaces(length, start, stop, step).length;
    if (places === 0) {
      throw new LabError({
        problem: 'the slice holds nothing of its input.',
        received: `${start}:${stop}:${step} of axis ${layer.axis}, ${batchShape(input)}`,
      });
    }
    return input.map((other, at) => (at === axis ? places : other));
  },
  (layer, x) =>
    layer.index === undefined ? moves.slice(x, layer.axis, ...bounds(layer)) : moves.pick(x, layer.axis, layer.index),
  (layer, { mask, inputs: [x] }) => {
    if (mask === null || axisIndex(layer.axis, x.shape) > 0) return mask;
    if (layer.index !== undefined) return null;
    return Uint8Array.from(slicePlaces(mask.length, ...bounds(layer)), (place) => mask[place]);
  },
);
