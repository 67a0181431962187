import * as v from 'valibot';
import {
  about,
  activation,
  clampedRate,
  common,
  count,
  flag,
  inferenceOnly,
  initializer,
  initialState,
  inputDim,
  int,
  layerEntry,
  list,
  name,
  regularized,
  seed,
  weights,
} from './fields.ts';

/* Layers that step along time, their cells, and what wraps them. */

const cell = {
  units: count,
  activation: v.optional(activation, 'tanh'),
  use_bias: v.optional(flag, true),
  kernel_initializer: v.optional(initializer, 'glorot_uniform'),
  recurrent_initializer: v.optional(initializer, 'orthogonal'),
  bias_initializer: v.optional(initializer, 'zeros'),
  ...regularized,
  recurrent_regularizer: v.optional(inferenceOnly),
  recurrent_constraint: v.optional(inferenceOnly),
  dropout: v.optional(clampedRate, 0),
  recurrent_dropout: v.optional(clampedRate, 0),
  seed,
  implementation: v.optional(int()),
  consume_less: v.optional(v.picklist(['cpu', 'mem', 'gpu'])),
  enable_caching_device: v.optional(flag),
};
const gated = {
  recurrent_activation: about(v.optional(activation), 'Default: sigmoid; hard_sigmoid with "keras": 1.'),
};
const lstmCell = {
  ...cell,
  ...gated,
  unit_forget_bias: about(v.optional(v.nullable(flag), true), 'The forget gate’s part of a drawn bias is 1.'),
  forget_bias_init: about(v.optional(initializer), 'Keras 1: how the forget gate’s part of the bias is drawn.'),
};
const gruCell = {
  ...cell,
  ...gated,
  reset_after: about(
    v.optional(v.nullable(flag)),
    'The reset gate acts after the matrix product. Default: true; false with "keras": 1.',
  ),
};

const stepped = {
  return_sequences: v.optional(flag, false),
  return_state: v.optional(flag, false),
  go_backwards: v.optional(flag, false),
  stateful: v.optional(flag, false),
  unroll: v.optional(flag, false),
  zero_output_for_mask: v.optional(flag, false),
  use_cudnn: v.optional(v.union([flag, v.literal('auto')])),
  time_major: v.optional(v.nullable(flag)),
  initial_state: v.optional(initialState),
  weights: v.nullish(weights),
};
const recurrent = { ...common, ...inputDim, ...stepped };
const cellOnly = { name: v.optional(name), trainable: v.optional(flag, true), dtype: v.optional(v.unknown()) };

export const recurrentSchemas = {
  LSTM: () => v.strictObject({ ...recurrent, ...lstmCell }),
  GRU: () => v.strictObject({ ...recurrent, ...gruCell }),
  SimpleRNN: () => v.strictObject({ ...recurrent, ...cell }),
  RNN: () =>
    v.strictObject({
      ...recurrent,
      cell: about(
        v.union([layerEntry, list(layerEntry, 1, 64)]),
        'LSTMCell, GRUCell, SimpleRNNCell, StackedRNNCells, or a list of cells, one on top of the other.',
      ),
      activity_regularizer: v.optional(inferenceOnly),
      num_constants: v.optional(v.null()),
    }),
  Bidirectional: () =>
    v.strictObject({
      ...common,
      ...inputDim,
      layer: about(layerEntry, 'What reads the sequence forwards.'),
      backward_layer: about(v.nullish(layerEntry), 'What reads it backwards; by default the same layer.'),
      merge_mode: v.optional(v.nullable(v.picklist(['concat', 'sum', 'mul', 'ave'])), 'concat'),
      initial_state: v.optional(initialState),
      return_sequences: v.optional(flag),
      return_state: v.optional(flag),
      num_constants: v.optional(v.null()),
      weights: about(
        v.nullish(weights),
        'Forward, then backward arrays in Keras’s order, or {"forward": …, "backward": …}.',
      ),
    }),
};

export const cellSchemas = {
  LSTMCell: () => v.strictObject({ ...cellOnly, ...lstmCell, weights: v.nullish(weights) }),
  GRUCell: () => v.strictObject({ ...cellOnly, ...gruCell, weights: v.nullish(weights) }),
  SimpleRNNCell: () => v.strictObject({ ...cellOnly, ...cell, weights: v.nullish(weights) }),
  StackedRNNCells: () => v.strictObject({ ...cellOnly, cells: list(layerEntry, 1, 64) }),
};
