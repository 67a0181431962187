import * as z from 'zod';
import { axis, count, flag, given, initializer, layer, length, rate, regularized, seed } from './fields.ts';

/* Layers that attend. */

const attention = {
  dropout: rate.default(0),
  seed,
  use_causal_mask: flag.default(false).describe('Each timestep sees itself and those before it only.'),
  return_attention_scores: flag.default(false),
  ...given,
};

export const attentionSchemas = {
  Attention: () =>
    layer({
      use_scale: flag.default(false),
      score_mode: z.enum(['dot', 'concat']).default('dot'),
      ...attention,
    }),
  AdditiveAttention: () => layer({ use_scale: flag.default(true), ...attention }),
  MultiHeadAttention: () =>
    layer({
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
};
