import * as z from 'zod';
import {
  activation,
  axes,
  axis,
  common,
  count,
  flag,
  given,
  inferenceOnly,
  initializer,
  innerLayer,
  inputArguments,
  inputDim,
  layer,
  MAX_LENGTH,
  MAX_ROWS,
  number,
  rate,
  regularized,
  seed,
  tensorName,
  weights,
} from './fields.ts';
import { attentionSchemas } from './schema-attention.ts';
import { convolutionSchemas } from './schema-convolution.ts';
import { normalizationSchemas } from './schema-normalization.ts';

/*
 * Layers that do not step along time. Argument names are Keras 3's; aliases.ts has those of Keras 1 and 2. A class's schema is made when a layer
 * of it is read (schema.ts): making all of them is much of a start.
 */

const lora = {
  lora_rank: z.unknown().optional(),
  lora_alpha: z.unknown().optional(),
  quantization_config: z.unknown().optional(),
};
const dataFormat = { data_format: z.enum(['channels_last', 'channels_first']).nullish().meta({ id: 'data_format' }) };
const timesteps = z.int().positive().max(MAX_LENGTH);
/** One length, which Keras also writes as a list of one. */
const one = z.union([timesteps, z.tuple([timesteps])]).meta({ id: 'one_length' });
const atLeastZero = z.int().min(0).max(MAX_LENGTH);
const bothEnds = z
  .union([atLeastZero, z.tuple([atLeastZero, atLeastZero]), z.tuple([atLeastZero])])
  .meta({ id: 'both_ends' });
const noiseSeed = { seed, noise_shape: z.unknown().optional() };

const pooling = () =>
  layer({
    pool_size: one.default(2),
    strides: one.nullish(),
    padding: z.enum(['valid', 'same']).default('valid'),
    ...dataFormat,
  });
const globalPooling = () => layer({ ...dataFormat, keepdims: flag.default(false) });
const merging = () => layer({});
const reducing = () => layer({ axis: axes.default(-1), keepdims: flag.default(false) });
const model = () =>
  z.strictObject({
    ...common,
    layers: z.array(innerLayer).min(1).max(1000).describe('The model’s own layers, wired among themselves.'),
    input_layers: z
      .array(tensorName)
      .min(1)
      .max(64)
      .optional()
      .describe('Its Inputs in the order in which it takes them; by default as they stand.'),
    output_layers: z
      .array(tensorName)
      .min(1)
      .max(64)
      .optional()
      .describe('What it returns; by default all outputs of its last layer.'),
    build_input_shape: z.unknown().optional(),
    weights: weights.nullish().describe('The arrays of its layers in Keras’s order, or by the layers’ names.'),
  });

/** What makes the schema of each class, a strict object: an argument that Keras does not have is refused. */
export const plainSchemas = {
  Input: () => inputArguments,
  Embedding: () =>
    layer({
      input_dim: z.int().positive().max(MAX_ROWS).describe('Rows: the largest index + 1.'),
      output_dim: count,
      embeddings_initializer: initializer.default('uniform'),
      embeddings_regularizer: inferenceOnly.optional(),
      activity_regularizer: inferenceOnly.optional(),
      embeddings_constraint: inferenceOnly.optional(),
      mask_zero: flag.nullable().default(false).describe('Index 0 is padding: later layers skip the timestep.'),
      ...given,
      dropout: rate.optional().describe('Keras 1: drops words while training.'),
      ...lora,
      sparse: flag.optional(),
    }),
  Dense: () =>
    layer({
      ...inputDim,
      units: count,
      activation: activation.default(null),
      use_bias: flag.default(true),
      kernel_initializer: initializer.default('glorot_uniform'),
      bias_initializer: initializer.default('zeros'),
      ...regularized,
      ...lora,
      ...given,
    }),
  TimeDistributed: () =>
    layer({
      ...inputDim,
      layer: innerLayer.describe('What every timestep goes through.'),
      weights: weights.nullish().describe('Those of the layer inside.'),
    }),
  Dropout: () => layer({ rate: rate.describe('The fraction that is dropped while training.'), ...noiseSeed }),
  SpatialDropout1D: () => layer({ rate, seed }),
  GaussianNoise: () => layer({ stddev: number, seed }),
  GaussianDropout: () => layer({ rate, seed }),
  AlphaDropout: () => layer({ rate, ...noiseSeed }),
  ActivityRegularization: () => layer({ l1: number.optional(), l2: number.optional() }),
  Identity: () => layer({}),
  Activation: () => layer({ activation }),
  LeakyReLU: () => layer({ negative_slope: number.default(0.3) }),
  PReLU: () =>
    layer({
      alpha_initializer: initializer.default('zeros'),
      alpha_regularizer: inferenceOnly.optional(),
      alpha_constraint: inferenceOnly.optional(),
      shared_axes: axes.nullish().describe('Axes along which alpha is the same.'),
      ...given,
    }),
  ELU: () => layer({ alpha: number.default(1) }),
  ReLU: () =>
    layer({
      max_value: number.nullish(),
      negative_slope: number.nullable().default(0),
      threshold: number.nullable().default(0),
    }),
  ThresholdedReLU: () => layer({ theta: number.default(1) }),
  Softmax: () => layer({ axis: axes.default(-1) }),
  Flatten: () => layer({ ...dataFormat }),
  Masking: () => layer({ mask_value: number.default(0) }),
  RepeatVector: () => layer({ n: timesteps }),
  Reshape: () =>
    layer({ target_shape: z.array(z.int().min(-1).max(MAX_LENGTH)).max(7).describe('One length may be −1.') }),
  Permute: () =>
    layer({ dims: z.array(z.int().min(1).max(7)).min(1).max(7).describe('Axes of the input, counted from 1.') }),
  ...normalizationSchemas,
  Conv1D: () =>
    layer({
      ...inputDim,
      filters: count,
      kernel_size: one,
      strides: one.default(1),
      padding: z.enum(['valid', 'same', 'causal']).default('valid'),
      dilation_rate: one.default(1),
      groups: count.default(1),
      ...dataFormat,
      activation: activation.default(null),
      use_bias: flag.default(true),
      kernel_initializer: initializer.default('glorot_uniform'),
      bias_initializer: initializer.default('zeros'),
      ...regularized,
      ...lora,
      ...given,
    }),
  MaxPooling1D: pooling,
  AveragePooling1D: pooling,
  GlobalMaxPooling1D: globalPooling,
  GlobalAveragePooling1D: globalPooling,
  ZeroPadding1D: () => layer({ padding: bothEnds.default(1), ...dataFormat }),
  GetItem: () =>
    layer({
      axis: z.int().min(1).max(7).default(1).describe('Counted from 1, as the batch is axis 0.'),
      index: z.int().optional().describe('One place of the axis, which goes away: -1 is y[:, -1], the last timestep.'),
      start: z.int().optional(),
      stop: z.int().optional(),
      step: z.int().optional(),
    }),
  Sum: reducing,
  Mean: reducing,
  Max: reducing,
  Min: reducing,
  Cropping1D: () => layer({ cropping: bothEnds.default([1, 1]) }),
  UpSampling1D: () => layer({ size: one.default(2) }),
  Add: merging,
  Subtract: merging,
  Multiply: merging,
  Average: merging,
  Maximum: merging,
  Minimum: merging,
  Concatenate: () => layer({ axis: axis.default(-1) }),
  Dot: () => layer({ axes: z.union([axis, z.tuple([axis, axis])]), normalize: flag.default(false) }),
  ...convolutionSchemas,
  ...attentionSchemas,
  Sequential: model,
  Functional: model,
};
