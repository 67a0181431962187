import * as v from 'valibot';
import {
  about,
  axis,
  count,
  flag,
  given,
  initializer,
  layer,
  length,
  list,
  rate,
  regularized,
  seed,
} from './fields.ts';

/* Layers that attend. */

const attention = {
  dropout: v.optional(rate, 0),
  seed,
  use_causal_mask: about(v.optional(flag, false), 'Each timestep sees itself and those before it only.'),
  return_attention_scores: v.optional(flag, false),
  ...given,
};

export const attentionSchemas = {
  Attention: () =>
    layer({
      use_scale: v.optional(flag, false),
      score_mode: v.optional(v.picklist(['dot', 'concat']), 'dot'),
      ...attention,
    }),
  AdditiveAttention: () => layer({ use_scale: v.optional(flag, true), ...attention }),
  MultiHeadAttention: () =>
    layer({
      num_heads: count,
      key_dim: count,
      value_dim: v.nullish(count),
      use_bias: v.optional(flag, true),
      output_shape: v.nullish(v.union([count, list(count, 0, 7)])),
      attention_axes: v.nullish(v.union([axis, list(axis, 0, 7)])),
      flash_attention: v.optional(v.unknown()),
      use_gate: v.nullish(flag),
      kernel_initializer: v.optional(initializer, 'glorot_uniform'),
      bias_initializer: v.optional(initializer, 'zeros'),
      ...regularized,
      query_shape: v.optional(list(length, 0, 8)),
      key_shape: v.nullish(list(length, 0, 8)),
      value_shape: v.optional(list(length, 0, 8)),
      ...attention,
    }),
};
