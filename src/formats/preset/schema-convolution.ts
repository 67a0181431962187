import * as z from 'zod';
import {
  activation,
  count,
  flag,
  given,
  inferenceOnly,
  initializer,
  inputDim,
  layer,
  MAX_LENGTH,
  rate,
  regularized,
  seed,
} from './fields.ts';

/* Convolutions other than Conv1D, and layers over images. */

const dataFormat = { data_format: z.enum(['channels_last', 'channels_first']).nullish() };
const timesteps = z.int().positive().max(MAX_LENGTH);
const one = z.union([timesteps, z.tuple([timesteps])]);
const two = z.union([timesteps, z.tuple([timesteps, timesteps])]).meta({ id: 'two_lengths' });
const atLeastZero = z.int().min(0).max(MAX_LENGTH);
const valid = z.enum(['valid', 'same']).default('valid');

const convolving = {
  ...dataFormat,
  activation: activation.default(null),
  use_bias: flag.default(true),
  bias_initializer: initializer.default('zeros'),
  ...regularized,
  ...given,
  lora_rank: z.unknown().optional(),
  lora_alpha: z.unknown().optional(),
  quantization_config: z.unknown().optional(),
};

const depthwise = {
  ...inputDim,
  kernel_size: one,
  strides: one.default(1),
  padding: z.enum(['valid', 'same', 'causal']).default('valid'),
  dilation_rate: one.default(1),
  depth_multiplier: count.default(1),
  groups: inferenceOnly.optional(),
  ...convolving,
  depthwise_initializer: initializer.default('glorot_uniform'),
  depthwise_regularizer: inferenceOnly.optional(),
  depthwise_constraint: inferenceOnly.optional(),
  kernel_initializer: inferenceOnly.optional(),
};

const pooling2d = () => layer({ pool_size: two.default(2), strides: two.nullish(), padding: valid, ...dataFormat });
const globalPooling2d = () => layer({ ...dataFormat, keepdims: flag.default(false) });

export const convolutionSchemas = {
  DepthwiseConv1D: () => layer(depthwise),
  SeparableConv1D: () =>
    layer({
      filters: count,
      ...depthwise,
      pointwise_initializer: initializer.default('glorot_uniform'),
      pointwise_regularizer: inferenceOnly.optional(),
      pointwise_constraint: inferenceOnly.optional(),
    }),
  Conv1DTranspose: () =>
    layer({
      ...inputDim,
      filters: count,
      kernel_size: one,
      strides: one.default(1),
      padding: valid,
      output_padding: z.union([atLeastZero, z.tuple([atLeastZero])]).nullish(),
      dilation_rate: one.default(1),
      groups: inferenceOnly.optional(),
      kernel_initializer: initializer.default('glorot_uniform'),
      ...convolving,
    }),
  Conv2D: () =>
    layer({
      filters: count,
      kernel_size: two,
      strides: two.default(1),
      padding: valid,
      dilation_rate: two.default(1),
      groups: count.default(1),
      kernel_initializer: initializer.default('glorot_uniform'),
      ...convolving,
    }),
  MaxPooling2D: pooling2d,
  AveragePooling2D: pooling2d,
  GlobalMaxPooling2D: globalPooling2d,
  GlobalAveragePooling2D: globalPooling2d,
  SpatialDropout2D: () => layer({ rate, seed, ...dataFormat }),
};
