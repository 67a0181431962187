/*
 * Constants that a model's file holds where one of its layers takes a tensor, as Keras writes a positional table that is added to a sequence.
 * y is the constant itself, the same for every sample. No mask comes with it.
 */
import { LabError } from '../math/lab-error.ts';
import { row, rowsOf, shapeText, tensor, widthOf } from '../math/tensor.ts';
import { batchShape } from './axes.ts';
import type { ConstantLayer, LayerKind } from './layer.ts';

export const constant: LayerKind<ConstantLayer> = {
  className: () => 'Constant',
  equations: () => [{ symbol: 'y', meaning: 'constants of the file, whatever the input is', expression: 'y = value' }],
  constants: () => ({}),
  weightShapes: () => ({}),

  outputShapes({ value }, input) {
    if (value.shape.length <= input.length) return [value.shape];
    throw new LabError({
      problem: 'an array of constants has a row for each sample, or more axes than the tensor that it stands beside.',
      received: `${shapeText(value.shape)} beside ${batchShape(input)}`,
    });
  },

  rows: ({ value }) => ({
    count: rowsOf(value),
    bindings: (at) => ({ value: { shape: [widthOf(value)], data: row(value, at) } }),
  }),

  forward: ({ value }) => ({ y: tensor([rowsOf(value), widthOf(value)], Float64Array.from(value.data)) }),
  returns: ({ value }, { y }) => [tensor(value.shape, y.data)],
  outputMask: () => null,
};
