import * as v from 'valibot';
import {
  about,
  axes,
  axis,
  count,
  epsilon,
  flag,
  given,
  inferenceOnly,
  initializer,
  int,
  layer,
  list,
  MAX_LENGTH,
  number,
  numbers,
} from './fields.ts';

/* Layers that centre and scale. */

/** What centres and scales afterwards. */
const scaled = {
  epsilon: v.optional(epsilon, 0.001),
  center: v.optional(flag, true),
  scale: v.optional(flag, true),
  beta_initializer: v.optional(initializer, 'zeros'),
  gamma_initializer: v.optional(initializer, 'ones'),
  beta_regularizer: v.optional(inferenceOnly),
  gamma_regularizer: v.optional(inferenceOnly),
  beta_constraint: v.optional(inferenceOnly),
  gamma_constraint: v.optional(inferenceOnly),
  ...given,
};

export const normalizationSchemas = {
  BatchNormalization: () =>
    layer({
      axis: v.optional(axes, -1),
      momentum: v.optional(number),
      moving_mean_initializer: v.optional(initializer, 'zeros'),
      moving_variance_initializer: v.optional(initializer, 'ones'),
      ...scaled,
      synchronized: v.optional(flag),
      renorm: v.nullish(flag),
      renorm_clipping: v.optional(v.unknown()),
      renorm_momentum: v.nullish(number),
      mode: about(v.optional(int()), 'Keras 1: 0, each feature by its moving mean and variance.'),
    }),
  LayerNormalization: () =>
    layer({
      axis: v.optional(axes, -1),
      rms_scaling: v.nullish(flag),
      ...scaled,
    }),
  GroupNormalization: () =>
    layer({
      groups: about(v.optional(v.union([count, v.literal(-1)]), 32), 'Groups of features; −1: each by itself.'),
      axis: v.optional(axis, -1),
      ...scaled,
    }),
  RMSNormalization: () => layer({ axis: v.optional(axes, -1), epsilon: v.optional(epsilon, 1e-6), ...given }),
  UnitNormalization: () => layer({ axis: v.optional(axes, -1) }),
  Normalization: () =>
    layer({
      axis: about(
        v.optional(v.union([axis, list(axis, 0, 7)]), -1),
        'Axes whose places have a mean each; []: one for all.',
      ),
      mean: about(v.nullish(v.union([number, numbers])), 'Given instead of adapted, with variance.'),
      variance: v.nullish(v.union([number, numbers])),
      invert: v.optional(flag, false),
      ...given,
    }),
  Rescaling: () =>
    layer({
      scale: v.union([number, list(number, 1, MAX_LENGTH)]),
      offset: v.optional(v.union([number, list(number, 1, MAX_LENGTH)]), 0),
    }),
};
