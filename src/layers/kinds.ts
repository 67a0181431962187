import type { Rows } from '../math/tensor.ts';
import { adaptivePooling1d } from './adaptive-pooling.ts';
import { attention } from './attention.ts';
import { bidirectional } from './bidirectional.ts';
import { constant } from './constant.ts';
import { conv1d } from './conv1d.ts';
import { dense } from './dense.ts';
import { einsumDense } from './einsum-dense.ts';
import { affine, prelu, softmax } from './elementwise.ts';
import { embedding } from './embedding.ts';
import { groupNormalization } from './group-normalization.ts';
import { gru } from './gru.ts';
import { conv2d, globalPooling2d, pooling2d } from './images.ts';
import type { Layer, LayerKind } from './layer.ts';
import { rmsNormalization, unitNormalization } from './length-normalization.ts';
import { lstm } from './lstm.ts';
import { masking } from './masking.ts';
import { merge } from './merge.ts';
import { conv1dTranspose, depthwiseConv1d } from './more-conv1d.ts';
import { multiHeadAttention } from './multi-head-attention.ts';
import { batchNormalization, layerNormalization } from './normalization.ts';
import { activation, dropout, flatten, identity, input } from './pointwise.ts';
import { globalPooling1d, pooling1d } from './pooling.ts';
import { reduction } from './reduction.ts';
import { cropping1d, permute, repeatVector, reshape, slice, upSampling1d, zeroPadding1d } from './reshaping.ts';
import { normalization, rescaling } from './scaling.ts';
import { sequenceLengths } from './sequence-lengths.ts';
import { simpleRnn } from './simple-rnn.ts';
import { timeDistributed } from './time-distributed.ts';

type Kinds = { readonly [K in Layer['kind']]: LayerKind<Extract<Layer, { kind: K }>> };

const kinds: Kinds = {
  input,
  constant,
  embedding,
  lstm,
  gru,
  simple_rnn: simpleRnn,
  bidirectional,
  time_distributed: timeDistributed((layer) => kindOf(layer)),
  dense,
  einsum_dense: einsumDense,
  dropout,
  identity,
  activation,
  softmax,
  prelu,
  flatten,
  masking,
  repeat_vector: repeatVector,
  reshape,
  permute,
  slice,
  batch_normalization: batchNormalization,
  layer_normalization: layerNormalization,
  group_normalization: groupNormalization,
  rms_normalization: rmsNormalization,
  unit_normalization: unitNormalization,
  normalization,
  rescaling,
  reduction,
  conv1d,
  depthwise_conv1d: depthwiseConv1d,
  conv1d_transpose: conv1dTranspose,
  conv2d,
  pooling2d,
  global_pooling2d: globalPooling2d,
  pooling1d,
  adaptive_pooling1d: adaptivePooling1d,
  global_pooling1d: globalPooling1d,
  zero_padding1d: zeroPadding1d,
  cropping1d,
  up_sampling1d: upSampling1d,
  merge,
  affine,
  sequence_lengths: sequenceLengths,
  attention,
  multi_head_attention: multiHeadAttention,
};

/** What the lab knows of this layer's kind. */
export function kindOf<L extends Layer>(layer: L): LayerKind<L> {
  return kinds[layer.kind] as unknown as LayerKind<L>;
}

/** The layer's weights by Keras's names, in Keras's order; empty for a layer without. */
export function weightsOf(layer: Layer): [name: string, weights: Rows][] {
  if (!('weights' in layer)) return [];
  return Object.entries(layer.weights).map(([key, value]) => [weightName(key), value]);
}

/** `recurrentKernel` of a layer here is `recurrent_kernel` in Keras. */
export function weightName(key: string): string {
  return key.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}

/** `recurrent_kernel` of Keras is `recurrentKernel` of a layer here. */
export function weightKey(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
