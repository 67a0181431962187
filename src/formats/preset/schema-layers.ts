import * as v from 'valibot';
import {
  about,
  activation,
  axes,
  axis,
  bothEnds,
  common,
  count,
  dataFormat,
  flag,
  given,
  inferenceOnly,
  initializer,
  inputArguments,
  inputDim,
  int,
  layer,
  layerEntry,
  list,
  MAX_LENGTH,
  MAX_ROWS,
  number,
  numbers,
  one,
  rate,
  regularized,
  seed,
  tensorName,
  text,
  timesteps,
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
  lora_rank: v.optional(v.unknown()),
  lora_alpha: v.optional(v.unknown()),
  quantization_config: v.optional(v.unknown()),
};
const imageFormat = { data_format: v.nullish(dataFormat) };
const noiseSeed = { seed, noise_shape: v.optional(v.unknown()) };

const pooling = () =>
  layer({
    pool_size: v.optional(one, 2),
    strides: v.nullish(one),
    padding: v.optional(v.picklist(['valid', 'same']), 'valid'),
    ...imageFormat,
  });
const globalPooling = () => layer({ ...imageFormat, keepdims: v.optional(flag, false) });
const adaptivePooling = () => layer({ output_size: one, ...imageFormat });
const merging = () => layer({});
const reducing = () => layer({ axis: v.optional(axes, -1), keepdims: v.optional(flag, false) });
const model = () =>
  v.strictObject({
    ...common,
    layers: about(list(layerEntry, 1, 1000), 'The model’s own layers, wired among themselves.'),
    input_layers: about(
      v.optional(list(tensorName, 1, 64)),
      'Its Inputs in the order in which it takes them; by default as they stand.',
    ),
    output_layers: about(
      v.optional(list(tensorName, 1, 64)),
      'What it returns; by default all outputs of its last layer.',
    ),
    build_input_shape: v.optional(v.unknown()),
    weights: about(v.nullish(weights), 'The arrays of its layers in Keras’s order, or by the layers’ names.'),
  });

/** What makes the schema of each class, a strict object: an argument that Keras does not have is refused. */
export const plainSchemas = {
  Input: () => inputArguments,
  Embedding: () =>
    layer({
      input_dim: about(int(1, MAX_ROWS), 'Rows: the largest index + 1.'),
      output_dim: count,
      embeddings_initializer: v.optional(initializer, 'uniform'),
      embeddings_regularizer: v.optional(inferenceOnly),
      activity_regularizer: v.optional(inferenceOnly),
      embeddings_constraint: v.optional(inferenceOnly),
      mask_zero: about(v.optional(v.nullable(flag), false), 'Index 0 is padding: later layers skip the timestep.'),
      ...given,
      dropout: about(v.optional(rate), 'Keras 1: drops words while training.'),
      ...lora,
      sparse: v.optional(flag),
    }),
  Dense: () =>
    layer({
      ...inputDim,
      units: count,
      activation: v.optional(activation, null),
      use_bias: v.optional(flag, true),
      kernel_initializer: v.optional(initializer, 'glorot_uniform'),
      bias_initializer: v.optional(initializer, 'zeros'),
      ...regularized,
      ...lora,
      ...given,
    }),
  EinsumDense: () =>
    layer({
      equation: about(text(100), 'Axes of the input, of the kernel and of the output, the batch first: "abc,cd->abd".'),
      output_shape: about(
        v.union([count, list(v.nullable(int(1, MAX_LENGTH)), 0, 7)]),
        'Without the batch and what "..." stands for; null where the input has the length.',
      ),
      activation: v.optional(activation, null),
      bias_axes: about(v.nullish(text(8)), 'Axes of the output that have a bias: "d".'),
      kernel_initializer: v.optional(initializer, 'glorot_uniform'),
      bias_initializer: v.optional(initializer, 'zeros'),
      ...regularized,
      gptq_unpacked_column_size: v.optional(inferenceOnly),
      ...lora,
      ...given,
    }),
  TimeDistributed: () =>
    layer({
      ...inputDim,
      layer: about(layerEntry, 'What every timestep goes through.'),
      weights: about(v.nullish(weights), 'Those of the layer inside.'),
    }),
  Dropout: () => layer({ rate: about(rate, 'The fraction that is dropped while training.'), ...noiseSeed }),
  SpatialDropout1D: () => layer({ rate, seed }),
  GaussianNoise: () => layer({ stddev: number, seed }),
  GaussianDropout: () => layer({ rate, seed }),
  AlphaDropout: () => layer({ rate, ...noiseSeed }),
  ActivityRegularization: () => layer({ l1: v.optional(number), l2: v.optional(number) }),
  Identity: () => layer({}),
  Activation: () => layer({ activation }),
  LeakyReLU: () => layer({ negative_slope: v.optional(number, 0.3) }),
  PReLU: () =>
    layer({
      alpha_initializer: v.optional(initializer, 'zeros'),
      alpha_regularizer: v.optional(inferenceOnly),
      alpha_constraint: v.optional(inferenceOnly),
      shared_axes: about(v.nullish(axes), 'Axes along which alpha is the same.'),
      ...given,
    }),
  ELU: () => layer({ alpha: v.optional(number, 1) }),
  ReLU: () =>
    layer({
      max_value: v.nullish(number),
      negative_slope: v.optional(v.nullable(number), 0),
      threshold: v.optional(v.nullable(number), 0),
    }),
  ThresholdedReLU: () => layer({ theta: v.optional(number, 1) }),
  Softmax: () => layer({ axis: v.optional(axes, -1) }),
  Flatten: () => layer({ ...imageFormat }),
  Masking: () => layer({ mask_value: v.optional(number, 0) }),
  RepeatVector: () => layer({ n: timesteps }),
  Reshape: () => layer({ target_shape: about(list(int(-1, MAX_LENGTH), 0, 7), 'One length may be −1.') }),
  Permute: () =>
    layer({
      dims: about(list(int(1, 7), 1, 7), 'Axes of the input, counted from 1.'),
    }),
  ...normalizationSchemas,
  Conv1D: () =>
    layer({
      ...inputDim,
      filters: count,
      kernel_size: one,
      strides: v.optional(one, 1),
      padding: v.optional(v.picklist(['valid', 'same', 'causal']), 'valid'),
      dilation_rate: v.optional(one, 1),
      groups: v.optional(count, 1),
      ...imageFormat,
      activation: v.optional(activation, null),
      use_bias: v.optional(flag, true),
      kernel_initializer: v.optional(initializer, 'glorot_uniform'),
      bias_initializer: v.optional(initializer, 'zeros'),
      ...regularized,
      ...lora,
      ...given,
    }),
  MaxPooling1D: pooling,
  AveragePooling1D: pooling,
  GlobalMaxPooling1D: globalPooling,
  GlobalAveragePooling1D: globalPooling,
  AdaptiveMaxPooling1D: adaptivePooling,
  AdaptiveAveragePooling1D: adaptivePooling,
  ZeroPadding1D: () => layer({ padding: v.optional(bothEnds, 1), ...imageFormat }),
  Constant: () =>
    layer({
      value: about(v.union([number, numbers]), 'Numbers beside the tensor it is called with, for every sample.'),
    }),
  GetItem: () =>
    layer({
      axis: about(v.optional(int(1, 7), 1), 'Counted from 1, as the batch is axis 0.'),
      index: about(v.optional(int()), 'One place of the axis, which goes away: -1 is y[:, -1], the last timestep.'),
      start: v.optional(int()),
      stop: v.optional(int()),
      step: v.optional(int()),
    }),
  Sum: reducing,
  Mean: reducing,
  Max: reducing,
  Min: reducing,
  Cropping1D: () => layer({ cropping: v.optional(bothEnds, [1, 1]) }),
  UpSampling1D: () => layer({ size: v.optional(one, 2) }),
  Add: merging,
  Subtract: merging,
  Multiply: merging,
  Average: merging,
  Maximum: merging,
  Minimum: merging,
  Concatenate: () => layer({ axis: v.optional(axis, -1) }),
  Dot: () => layer({ axes: v.union([axis, v.strictTuple([axis, axis])]), normalize: v.optional(flag, false) }),
  ...convolutionSchemas,
  ...attentionSchemas,
  Sequential: model,
  Functional: model,
};
