import * as z from 'zod';
import {
  activation,
  clampedRate,
  common,
  count,
  flag,
  inferenceOnly,
  initializer,
  initialState,
  innerLayer,
  inputDim,
  name,
  regularized,
  seed,
  weights,
} from './fields.ts';

/* Layers that step along time, their cells, and what wraps them. */

const cell = {
  units: count,
  activation: activation.default('tanh'),
  use_bias: flag.default(true),
  kernel_initializer: initializer.default('glorot_uniform'),
  recurrent_initializer: initializer.default('orthogonal'),
  bias_initializer: initializer.default('zeros'),
  ...regularized,
  recurrent_regularizer: inferenceOnly.optional(),
  recurrent_constraint: inferenceOnly.optional(),
  dropout: clampedRate.default(0),
  recurrent_dropout: clampedRate.default(0),
  seed,
  implementation: z.int().optional(),
  consume_less: z.enum(['cpu', 'mem', 'gpu']).optional(),
  enable_caching_device: flag.optional(),
};
const gated = {
  recurrent_activation: activation.optional().describe('Default: sigmoid; hard_sigmoid with "keras": 1.'),
};
const lstmCell = {
  ...cell,
  ...gated,
  unit_forget_bias: flag.nullable().default(true).describe('The forget gate’s part of a drawn bias is 1.'),
  forget_bias_init: initializer.optional().describe('Keras 1: how the forget gate’s part of the bias is drawn.'),
};
const gruCell = {
  ...cell,
  ...gated,
  reset_after: flag
    .nullable()
    .optional()
    .describe('The reset gate acts after the matrix product. Default: true; false with "keras": 1.'),
};

const stepped = {
  return_sequences: flag.default(false),
  return_state: flag.default(false),
  go_backwards: flag.default(false),
  stateful: flag.default(false),
  unroll: flag.default(false),
  zero_output_for_mask: flag.default(false),
  use_cudnn: z.union([flag, z.literal('auto')]).optional(),
  time_major: flag.nullable().optional(),
  initial_state: initialState.optional(),
  weights: weights.nullish(),
};
const recurrent = { ...common, ...inputDim, ...stepped };
const cellOnly = { name: name.optional(), trainable: flag.default(true), dtype: z.unknown().optional() };

export const recurrentSchemas = {
  LSTM: () => z.strictObject({ ...recurrent, ...lstmCell }),
  GRU: () => z.strictObject({ ...recurrent, ...gruCell }),
  SimpleRNN: () => z.strictObject({ ...recurrent, ...cell }),
  RNN: () =>
    z.strictObject({
      ...recurrent,
      cell: z
        .union([innerLayer, z.array(innerLayer).min(1).max(64)])
        .describe('LSTMCell, GRUCell, SimpleRNNCell, StackedRNNCells, or a list of cells, one on top of the other.'),
      activity_regularizer: inferenceOnly.optional(),
      num_constants: z.null().optional(),
    }),
  Bidirectional: () =>
    z.strictObject({
      ...common,
      ...inputDim,
      layer: innerLayer.describe('What reads the sequence forwards.'),
      backward_layer: innerLayer.nullish().describe('What reads it backwards; by default the same layer.'),
      merge_mode: z.enum(['concat', 'sum', 'mul', 'ave']).nullable().default('concat'),
      initial_state: initialState.optional(),
      return_sequences: flag.optional(),
      return_state: flag.optional(),
      num_constants: z.null().optional(),
      weights: weights
        .nullish()
        .describe('Forward, then backward arrays in Keras’s order, or {"forward": …, "backward": …}.'),
    }),
};

export const cellSchemas = {
  LSTMCell: () => z.strictObject({ ...cellOnly, ...lstmCell, weights: weights.nullish() }),
  GRUCell: () => z.strictObject({ ...cellOnly, ...gruCell, weights: weights.nullish() }),
  SimpleRNNCell: () => z.strictObject({ ...cellOnly, ...cell, weights: weights.nullish() }),
  StackedRNNCells: () => z.strictObject({ ...cellOnly, cells: z.array(innerLayer).min(1).max(64) }),
};
