import * as z from 'zod';
import {
  axes,
  axis,
  epsilon,
  flag,
  given,
  inferenceOnly,
  initializer,
  layer,
  MAX_LENGTH,
  number,
  numbers,
} from './fields.ts';

/* Layers that centre and scale. */

export const normalizationSchemas = {
  BatchNormalization: () =>
    layer({
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
  LayerNormalization: () =>
    layer({
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
  Normalization: () =>
    layer({
      axis: z
        .union([axis, z.array(axis).max(7)])
        .default(-1)
        .describe('Axes whose places have a mean each; []: one for all.'),
      mean: z.union([number, numbers]).nullish().describe('Given instead of adapted, with variance.'),
      variance: z.union([number, numbers]).nullish(),
      invert: flag.default(false),
      ...given,
    }),
  Rescaling: () =>
    layer({
      scale: z.union([number, z.array(number).min(1).max(MAX_LENGTH)]),
      offset: z.union([number, z.array(number).min(1).max(MAX_LENGTH)]).default(0),
    }),
};
