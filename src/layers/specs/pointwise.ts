import type { ActivationRef } from '../../math/activations.ts';
import type { LazyRows, Tensor } from '../../math/tensor.ts';
import type { Named, Shape } from './named.ts';

/* Inputs, and layers that work number by number or row by row. */

export interface InputLayer extends Named {
  readonly kind: 'input';
  readonly shape: Shape;
  /** The number of samples in a batch, where it is fixed (batch_shape); null: any. */
  readonly batch: number | null;
  /** Which axis of a batch counts the samples, where it is not the first (the states that an ONNX model takes: [directions, batch, units]). */
  readonly batchAxis?: number;
}

/** Numbers that a file gives as an input of one of its layers: a positional table. Its input is a tensor of the same call, which it does not look at. */
export interface ConstantLayer extends Named {
  readonly kind: 'constant';
  /** Without a batch: every sample sees the same. */
  readonly value: Tensor;
}

export interface EmbeddingLayer extends Named {
  readonly kind: 'embedding';
  readonly inputDim: number;
  readonly outputDim: number;
  readonly maskZero: boolean;
  /** embeddings [inputDim, outputDim]; a large matrix may wait in its file */
  readonly weights: { readonly embeddings: Tensor | LazyRows };
}

export interface DenseLayer extends Named {
  readonly kind: 'dense';
  readonly units: number;
  readonly activation: ActivationRef;
  readonly useBias: boolean;
  /** Keras's TimeDistributed(Dense): the same numbers, another name in the summary. */
  readonly timeDistributed: boolean;
  /** kernel [inputDim, units], bias [units] */
  readonly weights: { readonly kernel: Tensor; readonly bias?: Tensor };
}

/** Keras's EinsumDense: a product along the axes that an einsum equation names, "abc,cd->abd". */
export interface EinsumDenseLayer extends Named {
  readonly kind: 'einsum_dense';
  readonly equation: string;
  /** Of the output, without the batch and what an ellipsis stands for; null where the input has the length. */
  readonly outputShape: readonly (number | null)[];
  /** Axes of the output that have a bias of their own: "d". */
  readonly biasAxes: string | null;
  readonly activation: ActivationRef;
  /** kernel and bias by the axes of the equation */
  readonly weights: { readonly kernel: Tensor; readonly bias?: Tensor };
}

export interface DropoutLayer extends Named {
  readonly kind: 'dropout';
  readonly rate: number;
}

/** What Keras does in training only: at inference x goes through. */
export interface IdentityLayer extends Named {
  readonly kind: 'identity';
  readonly className:
    | 'SpatialDropout1D'
    | 'SpatialDropout2D'
    | 'GaussianNoise'
    | 'GaussianDropout'
    | 'AlphaDropout'
    | 'ActivityRegularization'
    | 'Identity';
}

export interface ActivationLayer extends Named {
  readonly kind: 'activation';
  readonly activation: ActivationRef;
  /** Keras's class, where the activation is a layer of its own. */
  readonly className?: 'LeakyReLU' | 'ELU' | 'ReLU' | 'Softmax' | 'ThresholdedReLU';
}

/** Softmax over another axis than the last. */
export interface SoftmaxLayer extends Named {
  readonly kind: 'softmax';
  /** Counted from 1, as the batch is axis 0; negative from the end. */
  readonly axis: number;
}

export interface PreluLayer extends Named {
  readonly kind: 'prelu';
  /** Axes (counted from 1) along which alpha is shared. */
  readonly sharedAxes: readonly number[];
  /** alpha: the input's shape, 1 along shared axes */
  readonly weights: { readonly alpha: Tensor };
}

export interface MaskingLayer extends Named {
  readonly kind: 'masking';
  readonly maskValue: number;
}

/** One number of all numbers along some axes (Keras's ops.sum, ops.mean, ops.max, ops.min, ops.argmax, ops.argmin). */
export interface ReductionLayer extends Named {
  readonly kind: 'reduction';
  readonly operation: 'sum' | 'mean' | 'max' | 'min' | 'argmax' | 'argmin';
  /** Counted from 1; negative from the end. */
  readonly axis: readonly number[];
  readonly keepdims: boolean;
}

/** Several tensors become one: Keras's merging layers. */
export interface MergeLayer extends Named {
  readonly kind: 'merge';
  readonly operation: 'add' | 'subtract' | 'multiply' | 'average' | 'maximum' | 'minimum' | 'concatenate' | 'dot';
  /** concatenate: the axis, dot: one for each input; counted from 1, as the batch is axis 0; negative from the end. */
  readonly axes?: readonly number[];
  /** Keras 3.0 to 3.3: masks end at a layer that takes a list of tensors. */
  readonly losesMasks?: true;
  /** dot: both are scaled to length 1 first, so that the result is their cosine. */
  readonly normalize?: boolean;
}

/** y = scale ⊙ x + offset with constants of a file (ONNX's Mul, Add, Sub, Div with an initializer). Both broadcast against the last axes. */
export interface AffineLayer extends Named {
  readonly kind: 'affine';
  /** The shapes of the constants, [] for one number; absent where there is no such constant. */
  readonly scaleShape?: readonly number[];
  readonly offsetShape?: readonly number[];
  readonly weights: { readonly scale?: Tensor; readonly offset?: Tensor };
}

export type Pointwise =
  | InputLayer
  | ConstantLayer
  | EmbeddingLayer
  | DenseLayer
  | EinsumDenseLayer
  | DropoutLayer
  | IdentityLayer
  | ActivationLayer
  | SoftmaxLayer
  | PreluLayer
  | MaskingLayer
  | AffineLayer
  | MergeLayer
  | ReductionLayer;
