import type { Tensor } from '../../math/tensor.ts';
import type { Named } from './named.ts';

/* Layers that attend. */

/** Keras's Attention and AdditiveAttention. Inputs: query, value, key (value where it is not given). */
export interface AttentionLayer extends Named {
  readonly kind: 'attention';
  readonly score: 'dot' | 'concat' | 'additive';
  readonly useScale: boolean;
  readonly causal: boolean;
  readonly returnScores: boolean;
  /** scale: [] for dot and concat, [features] for additive; conceptWeight [] for concat */
  readonly weights: { readonly scale?: Tensor; readonly conceptWeight?: Tensor };
}

/** Keras's MultiHeadAttention. Inputs: query, value, key (value where it is not given). */
export interface MultiHeadAttentionLayer extends Named {
  readonly kind: 'multi_head_attention';
  readonly numHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
  readonly useBias: boolean;
  readonly causal: boolean;
  readonly returnScores: boolean;
  /** Features of the output; null: as many as the query has. */
  readonly outputDim: number | null;
  /** Kernels [features, heads, dim], biases [heads, dim]; outputKernel [heads, valueDim, outputDim], outputBias [outputDim] */
  readonly weights: {
    readonly queryKernel: Tensor;
    readonly queryBias?: Tensor;
    readonly keyKernel: Tensor;
    readonly keyBias?: Tensor;
    readonly valueKernel: Tensor;
    readonly valueBias?: Tensor;
    readonly outputKernel: Tensor;
    readonly outputBias?: Tensor;
  };
}

export type Attending = AttentionLayer | MultiHeadAttentionLayer;
