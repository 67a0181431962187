import type { Tensor } from '../../math/tensor.ts';
import type { Named } from './named.ts';

/* Layers that shift and scale. */

export interface BatchNormalizationLayer extends Named {
  readonly kind: 'batch_normalization';
  /** Counted from 1, as the batch is axis 0; negative from the end. */
  readonly axis: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  /** [features] each; gamma if scale, beta if center. movingVariance is the variance in every version of Keras. */
  readonly weights: {
    readonly gamma?: Tensor;
    readonly beta?: Tensor;
    readonly movingMean: Tensor;
    readonly movingVariance: Tensor;
  };
}

export interface LayerNormalizationLayer extends Named {
  readonly kind: 'layer_normalization';
  /** Counted from 1, as the batch is axis 0; negative from the end. Ascending. */
  readonly axis: readonly number[];
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  /** gamma if scale, beta if center: the lengths of the axes */
  readonly weights: { readonly gamma?: Tensor; readonly beta?: Tensor };
}

/** Mean and variance of the features of each group, over all places: of a sequence, over all its timesteps. */
export interface GroupNormalizationLayer extends Named {
  readonly kind: 'group_normalization';
  /** −1: as many as there are features. */
  readonly groups: number;
  /** The axis of the features, counted from 1, as the batch is axis 0; negative from the end. */
  readonly axis: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  /** gamma if scale, beta if center: [features] */
  readonly weights: { readonly gamma?: Tensor; readonly beta?: Tensor };
}

/** Scaled to a mean square of 1, without a mean being taken off. */
export interface RmsNormalizationLayer extends Named {
  readonly kind: 'rms_normalization';
  /** Counted from 1, as the batch is axis 0; negative from the end. Ascending. */
  readonly axis: readonly number[];
  readonly epsilon: number;
  /** The lengths of the axes; as in Keras it meets the last axes of the input, whichever `axis` names. */
  readonly weights: { readonly scale: Tensor };
}

/** Scaled to length 1. */
export interface UnitNormalizationLayer extends Named {
  readonly kind: 'unit_normalization';
  /** Counted from 1, as the batch is axis 0; negative from the end. Ascending. */
  readonly axis: readonly number[];
  /** The least length that is divided by: 1e-12 in Keras 3, 1e-6 in tf.keras 2. */
  readonly epsilon: number;
}

/** Scales by the mean and variance of the data that it was adapted to, or that were given. */
export interface NormalizationLayer extends Named {
  readonly kind: 'normalization';
  /** The axes whose places have a mean each, counted from 1; negative from the end. None: one mean for all numbers. */
  readonly axis: readonly number[];
  /** The other way: back into the scale of the data. */
  readonly invert: boolean;
  /** Numbers that its configuration gives; then it has no weights. */
  readonly given?: { readonly mean: Tensor; readonly variance: Tensor };
  /** The lengths of the axes; count [] is how much data it has seen. */
  readonly weights: { readonly mean?: Tensor; readonly variance?: Tensor; readonly count?: Tensor };
}

/** y = x ⊙ scale + offset with constants of the configuration: one number, or one for each feature. */
export interface RescalingLayer extends Named {
  readonly kind: 'rescaling';
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

export type Scaling =
  | BatchNormalizationLayer
  | LayerNormalizationLayer
  | GroupNormalizationLayer
  | RmsNormalizationLayer
  | UnitNormalizationLayer
  | NormalizationLayer
  | RescalingLayer;
