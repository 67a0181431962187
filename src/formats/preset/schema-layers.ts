import * as z from 'zod';
import {
  activation,
  axis,
  common,
  count,
  epsilon,
  flag,
  inferenceOnly,
  initializer,
  innerLayer,
  inputArguments,
  inputDim,
  length,
  MAX_LENGTH,
  MAX_ROWS,
  numbers,
  rate,
  regularized,
  seed,
  tensorName,
  weights,
} from './fields.ts';

/* Layers that do not step along time. Argument names are Keras 3's; aliases.ts has those of Keras 1 and 2. */

const lora = {
  lora_rank: z.unknown().optional(),
  lora_alpha: z.unknown().optional(),
  quantization_config: z.unknown().optional(),
};
const dataFormat = { data_format: z.enum(['channels_last', 'channels_first']).nullish().meta({ id: 'data_format' }) };
const given = { weights: weights.nullish() };
const timesteps = z.int().positive().max(MAX_LENGTH);
/** One length, which Keras also writes as a list of one. */
const one = z.union([timesteps, z.tuple([timesteps])]).meta({ id: 'one_length' });
const atLeastZero = z.int().min(0).max(MAX_LENGTH);
const bothEnds = z
  .union([atLeastZero, z.tuple([atLeastZero, atLeastZero]), z.tuple([atLeastZero])])
  .meta({ id: 'both_ends' });
const axes = z.union([axis, z.array(axis).min(1).max(7)]).meta({ id: 'axes' });
const number = z.number();
const noiseSeed = { seed, noise_shape: z.unknown().optional() };

const layer = <S extends z.ZodRawShape>(shape: S) => z.strictObject({ ...common, ...shape });
const pooling = layer({
  pool_size: one.default(2),
  strides: one.nullish(),
  padding: z.enum(['valid', 'same']).default('valid'),
  ...dataFormat,
});
const globalPooling = layer({ ...dataFormat, keepdims: flag.default(false) });
const merging = layer({});
const reducing = layer({ axis: axes.default(-1), keepdims: flag.default(false) });
const attention = {
  dropout: rate.default(0),
  seed,
  use_causal_mask: flag.default(false).describe('Each timestep sees itself and those before it only.'),
  return_attention_scores: flag.default(false),
  ...given,
};
const model = z.strictObject({
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

/** One strict object for each class: an argument that Keras does not have is refused. */
export const plainSchemas = {
  Input: inputArguments,
  Embedding: layer({
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
  Dense: layer({
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
  TimeDistributed: layer({
    ...inputDim,
    layer: innerLayer.describe('What every timestep goes through.'),
    weights: weights.nullish().describe('Those of the layer inside.'),
  }),
  Dropout: layer({ rate: rate.describe('The fraction that is dropped while training.'), ...noiseSeed }),
  SpatialDropout1D: layer({ rate, seed }),
  GaussianNoise: layer({ stddev: number, seed }),
  GaussianDropout: layer({ rate, seed }),
  AlphaDropout: layer({ rate, ...noiseSeed }),
  ActivityRegularization: layer({ l1: number.optional(), l2: number.optional() }),
  Identity: layer({}),
  Activation: layer({ activation }),
  LeakyReLU: layer({ negative_slope: number.default(0.3) }),
  PReLU: layer({
    alpha_initializer: initializer.default('zeros'),
    alpha_regularizer: inferenceOnly.optional(),
    alpha_constraint: inferenceOnly.optional(),
    shared_axes: axes.nullish().describe('Axes along which alpha is the same.'),
    ...given,
  }),
  ELU: layer({ alpha: number.default(1) }),
  ReLU: layer({
    max_value: number.nullish(),
    negative_slope: number.nullable().default(0),
    threshold: number.nullable().default(0),
  }),
  ThresholdedReLU: layer({ theta: number.default(1) }),
  Softmax: layer({ axis: axes.default(-1) }),
  Flatten: layer({ ...dataFormat }),
  Masking: layer({ mask_value: number.default(0) }),
  RepeatVector: layer({ n: timesteps }),
  Reshape: layer({ target_shape: z.array(z.int().min(-1).max(MAX_LENGTH)).max(7).describe('One length may be −1.') }),
  Permute: layer({ dims: z.array(z.int().min(1).max(7)).min(1).max(7).describe('Axes of the input, counted from 1.') }),
  BatchNormalization: layer({
    axis: axes.default(-1),
    momentum: number.optional(),
    epsilon: epsilon.default(0.001),
    center: flag.default(true),
    scale: flag.default(true),
    beta_initializer: initializer.default('zeros'),
    gamma_initializer: initializer.default('ones'),
    moving_mean_initializer: initializer.default('zeros'),
    moving_variance_initializer: initializer.default('ones'),
    beta_regularizer: inferenceOnly.optional(),
    gamma_regularizer: inferenceOnly.optional(),
    beta_constraint: inferenceOnly.optional(),
    gamma_constraint: inferenceOnly.optional(),
    synchronized: flag.optional(),
    renorm: flag.nullish(),
    renorm_clipping: z.unknown().optional(),
    renorm_momentum: number.nullish(),
    mode: z.int().optional().describe('Keras 1: 0, each feature by its moving mean and variance.'),
    ...given,
  }),
  LayerNormalization: layer({
    axis: axes.default(-1),
    epsilon: epsilon.default(0.001),
    center: flag.default(true),
    scale: flag.default(true),
    rms_scaling: flag.nullish(),
    beta_initializer: initializer.default('zeros'),
    gamma_initializer: initializer.default('ones'),
    beta_regularizer: inferenceOnly.optional(),
    gamma_regularizer: inferenceOnly.optional(),
    beta_constraint: inferenceOnly.optional(),
    gamma_constraint: inferenceOnly.optional(),
    ...given,
  }),
  Normalization: layer({
    axis: z
      .union([axis, z.array(axis).max(7)])
      .default(-1)
      .describe('Axes whose places have a mean each; []: one for all.'),
    mean: z.union([number, numbers]).nullish().describe('Given instead of adapted, with variance.'),
    variance: z.union([number, numbers]).nullish(),
    invert: flag.default(false),
    ...given,
  }),
  Rescaling: layer({
    scale: z.union([number, z.array(number).min(1).max(MAX_LENGTH)]),
    offset: z.union([number, z.array(number).min(1).max(MAX_LENGTH)]).default(0),
  }),
  Conv1D: layer({
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
  ZeroPadding1D: layer({ padding: bothEnds.default(1), ...dataFormat }),
  GetItem: layer({
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
  Cropping1D: layer({ cropping: bothEnds.default([1, 1]) }),
  UpSampling1D: layer({ size: one.default(2) }),
  Add: merging,
  Subtract: merging,
  Multiply: merging,
  Average: merging,
  Maximum: merging,
  Minimum: merging,
  Concatenate: layer({ axis: axis.default(-1) }),
  Dot: layer({ axes: z.union([axis, z.tuple([axis, axis])]), normalize: flag.default(false) }),
  Attention: layer({
    use_scale: flag.default(false),
    score_mode: z.enum(['dot', 'concat']).default('dot'),
    ...attention,
  }),
  AdditiveAttention: layer({ use_scale: flag.default(true), ...attention }),
  MultiHeadAttention: layer({
    num_heads: count,
    key_dim: count,
    value_dim: count.nullish(),
    use_bias: flag.default(true),
    output_shape: z.union([count, z.array(count).max(7)]).nullish(),
    attention_axes: z.union([axis, z.array(axis).max(7)]).nullish(),
    flash_attention: z.unknown().optional(),
    use_gate: flag.nullish(),
    kernel_initializer: initializer.default('glorot_uniform'),
    bias_initializer: initializer.default('zeros'),
    ...regularized,
    query_shape: z.array(length).max(8).optional(),
    key_shape: z.array(length).max(8).nullish(),
    value_shape: z.array(length).max(8).optional(),
    ...attention,
  }),
  Sequential: model,
  Functional: model,
};
