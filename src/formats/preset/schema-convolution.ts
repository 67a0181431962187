import * as v from 'valibot';
import {
  activation,
  atLeastZero,
  count,
  dataFormat,
  flag,
  given,
  inferenceOnly,
  initializer,
  inputDim,
  layer,
  one,
  rate,
  regularized,
  seed,
  two,
} from './fields.ts';

/* Convolutions other than Conv1D, and layers over images. */

const imageFormat = { data_format: v.nullish(dataFormat) };
const valid = v.optional(v.picklist(['valid', 'same']), 'valid');

const convolving = {
  ...imageFormat,
  activation: v.optional(activation, null),
  use_bias: v.optional(flag, true),
  bias_initializer: v.optional(initializer, 'zeros'),
  ...regularized,
  ...given,
  lora_rank: v.optional(v.unknown()),
  lora_alpha: v.optional(v.unknown()),
  quantization_config: v.optional(v.unknown()),
};

const depthwise = {
  ...inputDim,
  kernel_size: one,
  strides: v.optional(one, 1),
  padding: v.optional(v.picklist(['valid', 'same', 'causal']), 'valid'),
  dilation_rate: v.optional(one, 1),
  depth_multiplier: v.optional(count, 1),
  groups: v.optional(inferenceOnly),
  ...convolving,
  depthwise_initializer: v.optional(initializer, 'glorot_uniform'),
  depthwise_regularizer: v.optional(inferenceOnly),
  depthwise_constraint: v.optional(inferenceOnly),
  kernel_initializer: v.optional(inferenceOnly),
};

const pooling2d = () =>
  layer({ pool_size: v.optional(two, 2), strides: v.nullish(two), padding: valid, ...imageFormat });
const globalPooling2d = () => layer({ ...imageFormat, keepdims: v.optional(flag, false) });

export const convolutionSchemas = {
  DepthwiseConv1D: () => layer(depthwise),
  SeparableConv1D: () =>
    layer({
      filters: count,
      ...depthwise,
      pointwise_initializer: v.optional(initializer, 'glorot_uniform'),
      pointwise_regularizer: v.optional(inferenceOnly),
      pointwise_constraint: v.optional(inferenceOnly),
    }),
  Conv1DTranspose: () =>
    layer({
      ...inputDim,
      filters: count,
      kernel_size: one,
      strides: v.optional(one, 1),
      padding: valid,
      output_padding: v.nullish(v.union([atLeastZero, v.strictTuple([atLeastZero])])),
      dilation_rate: v.optional(one, 1),
      groups: v.optional(inferenceOnly),
      kernel_initializer: v.optional(initializer, 'glorot_uniform'),
      ...convolving,
    }),
  Conv2D: () =>
    layer({
      filters: count,
      kernel_size: two,
      strides: v.optional(two, 1),
      padding: valid,
      dilation_rate: v.optional(two, 1),
      groups: v.optional(count, 1),
      kernel_initializer: v.optional(initializer, 'glorot_uniform'),
      ...convolving,
    }),
  MaxPooling2D: pooling2d,
  AveragePooling2D: pooling2d,
  GlobalMaxPooling2D: globalPooling2d,
  GlobalAveragePooling2D: globalPooling2d,
  SpatialDropout2D: () => layer({ rate, seed, ...imageFormat }),
};
