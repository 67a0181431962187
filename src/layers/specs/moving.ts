import type { Named } from './named.ts';

/* Layers that only move numbers. */

export interface FlattenLayer extends Named {
  readonly kind: 'flatten';
  /** channels_first: the last axis is moved to the front before flattening. */
  readonly dataFormat: 'channels_last' | 'channels_first';
}

export interface RepeatVectorLayer extends Named {
  readonly kind: 'repeat_vector';
  readonly n: number;
}

export interface ReshapeLayer extends Named {
  readonly kind: 'reshape';
  /** Without the batch; one length may be −1. */
  readonly targetShape: readonly number[];
}

export interface PermuteLayer extends Named {
  readonly kind: 'permute';
  /** Axis `dims[n]` of the input, counted from 1, becomes axis n + 1. */
  readonly dims: readonly number[];
}

/** Part of an axis, as Python's x[:, start:stop:step]; `index` picks one and drops the axis (PyTorch's y[:, -1], ONNX's Slice and Gather). */
export interface SliceLayer extends Named {
  readonly kind: 'slice';
  /** Counted from 1. */
  readonly axis: number;
  readonly index?: number;
  readonly start?: number;
  readonly stop?: number;
  readonly step?: number;
}

export interface ZeroPadding1dLayer extends Named {
  readonly kind: 'zero_padding1d';
  /** Timesteps before and after. */
  readonly padding: readonly [number, number];
}

export interface Cropping1dLayer extends Named {
  readonly kind: 'cropping1d';
  /** Timesteps at the beginning and at the end. */
  readonly cropping: readonly [number, number];
}

export interface UpSampling1dLayer extends Named {
  readonly kind: 'up_sampling1d';
  readonly size: number;
}

/** What a length for each sample makes of a sequence (ONNX's sequence_lens). Inputs: the sequence, the lengths. See sequence-lengths.ts. */
export interface SequenceLengthsLayer extends Named {
  readonly kind: 'sequence_lengths';
  readonly operation: 'mask' | 'mask_at_end' | 'to_end' | 'reverse' | 'keep';
}

export type Moving =
  | FlattenLayer
  | RepeatVectorLayer
  | ReshapeLayer
  | PermuteLayer
  | SliceLayer
  | ZeroPadding1dLayer
  | Cropping1dLayer
  | UpSampling1dLayer
  | SequenceLengthsLayer;
