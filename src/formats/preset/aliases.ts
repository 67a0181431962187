import type { ClassName } from './schema.ts';

/* Older names of classes and arguments → today's. Source: keras 2.3.1, keras/legacy/interfaces.py and keras/legacy/layers.py. */

export const classAliases: Readonly<Record<string, ClassName>> = {
  InputLayer: 'Input',
  TimeDistributedDense: 'TimeDistributed',
  Model: 'Functional',
  UnifiedLSTM: 'LSTM',
  UnifiedGRU: 'GRU',
  CuDNNLSTM: 'LSTM',
  CuDNNGRU: 'GRU',
  BatchNormalizationV1: 'BatchNormalization',
  BatchNormalizationV2: 'BatchNormalization',
  'Addons>GroupNormalization': 'GroupNormalization',
  Convolution1D: 'Conv1D',
  AtrousConvolution1D: 'Conv1D',
  SeparableConvolution1D: 'SeparableConv1D',
  Convolution1DTranspose: 'Conv1DTranspose',
  Convolution2D: 'Conv2D',
  MaxPool2D: 'MaxPooling2D',
  AvgPool2D: 'AveragePooling2D',
  GlobalMaxPool2D: 'GlobalMaxPooling2D',
  GlobalAvgPool2D: 'GlobalAveragePooling2D',
  MaxPool1D: 'MaxPooling1D',
  AvgPool1D: 'AveragePooling1D',
  GlobalMaxPool1D: 'GlobalMaxPooling1D',
  GlobalAvgPool1D: 'GlobalAveragePooling1D',
};

/** Every class's. */
export const commonAliases: Readonly<Record<string, string>> = { input_dtype: 'dtype' };

const kernelAliases = {
  init: 'kernel_initializer',
  W_regularizer: 'kernel_regularizer',
  b_regularizer: 'bias_regularizer',
  W_constraint: 'kernel_constraint',
  b_constraint: 'bias_constraint',
};
const recurrent = {
  ...kernelAliases,
  output_dim: 'units',
  inner_init: 'recurrent_initializer',
  U_regularizer: 'recurrent_regularizer',
  dropout_W: 'dropout',
  dropout_U: 'recurrent_dropout',
};
const gated = { ...recurrent, inner_activation: 'recurrent_activation' };
const normalization = { gamma_init: 'gamma_initializer', beta_init: 'beta_initializer' };
const pooling = { pool_length: 'pool_size', stride: 'strides', border_mode: 'padding', dim_ordering: 'data_format' };

export const argumentAliases: Readonly<Partial<Record<ClassName, Readonly<Record<string, string>>>>> = {
  LSTM: gated,
  GRU: gated,
  SimpleRNN: recurrent,
  Embedding: {
    init: 'embeddings_initializer',
    W_regularizer: 'embeddings_regularizer',
    W_constraint: 'embeddings_constraint',
  },
  Dense: { ...kernelAliases, output_dim: 'units', bias: 'use_bias' },
  Dropout: { p: 'rate' },
  SpatialDropout1D: { p: 'rate' },
  GaussianDropout: { p: 'rate' },
  GaussianNoise: { sigma: 'stddev' },
  LeakyReLU: { alpha: 'negative_slope' },
  PReLU: { init: 'alpha_initializer' },
  BatchNormalization: {
    ...normalization,
    running_mean_initializer: 'moving_mean_initializer',
    running_std_initializer: 'moving_variance_initializer',
  },
  LayerNormalization: normalization,
  Conv1D: {
    ...kernelAliases,
    nb_filter: 'filters',
    filter_length: 'kernel_size',
    border_mode: 'padding',
    subsample_length: 'strides',
    atrous_rate: 'dilation_rate',
    bias: 'use_bias',
    dim_ordering: 'data_format',
  },
  MaxPooling1D: pooling,
  AveragePooling1D: pooling,
  GlobalMaxPooling1D: { dim_ordering: 'data_format' },
  GlobalAveragePooling1D: { dim_ordering: 'data_format' },
  UpSampling1D: { length: 'size' },
  Attention: { causal: 'use_causal_mask' },
  AdditiveAttention: { causal: 'use_causal_mask' },
};

/** Weights that Keras 1 called by other names. Its running_std is the variance. */
export const weightAliases: Readonly<Record<string, string>> = {
  running_mean: 'moving_mean',
  running_std: 'moving_variance',
  concat_score_weight: 'concept_weight',
};
