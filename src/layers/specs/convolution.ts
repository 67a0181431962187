import type { ActivationRef } from '../../math/activations.ts';
import type { Tensor } from '../../math/tensor.ts';
import type { Named } from './named.ts';

/* Layers over windows of timesteps or pixels. */

export interface Conv1dLayer extends Named {
  readonly kind: 'conv1d';
  readonly filters: number;
  readonly kernelSize: number;
  readonly strides: number;
  readonly padding: 'valid' | 'same' | 'causal';
  readonly dilationRate: number;
  readonly groups: number;
  readonly dataFormat: 'channels_last' | 'channels_first';
  readonly activation: ActivationRef;
  readonly useBias: boolean;
  /** kernel [kernelSize, inputDim / groups, filters], bias [filters] */
  readonly weights: { readonly kernel: Tensor; readonly bias?: Tensor };
}

/** DepthwiseConv1D, or with `filters` SeparableConv1D. */
export interface DepthwiseConv1dLayer extends Named {
  readonly kind: 'depthwise_conv1d';
  /** How many a SeparableConv1D makes of what the kernels of the features give. */
  readonly filters: number | null;
  readonly kernelSize: number;
  readonly strides: number;
  readonly padding: 'valid' | 'same' | 'causal';
  readonly dilationRate: number;
  readonly depthMultiplier: number;
  readonly dataFormat: 'channels_last' | 'channels_first';
  readonly activation: ActivationRef;
  readonly useBias: boolean;
  /** depthwiseKernel [kernelSize, features, depthMultiplier], pointwiseKernel [1, features · depthMultiplier, filters], bias */
  readonly weights: { readonly depthwiseKernel: Tensor; readonly pointwiseKernel?: Tensor; readonly bias?: Tensor };
}

export interface Conv1dTransposeLayer extends Named {
  readonly kind: 'conv1d_transpose';
  readonly filters: number;
  readonly kernelSize: number;
  readonly strides: number;
  readonly padding: 'valid' | 'same';
  readonly dilationRate: number;
  /** Places added at the end; null: as many as the padding wants. */
  readonly outputPadding: number | null;
  readonly dataFormat: 'channels_last' | 'channels_first';
  readonly activation: ActivationRef;
  readonly useBias: boolean;
  /** kernel [kernelSize, filters, features], bias [filters] */
  readonly weights: { readonly kernel: Tensor; readonly bias?: Tensor };
}

/** Over images (rows, columns, channels), as models have it before their LSTM. Pairs are of rows and columns. */
export interface Conv2dLayer extends Named {
  readonly kind: 'conv2d';
  readonly filters: number;
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: 'valid' | 'same';
  readonly dilationRate: readonly [number, number];
  readonly groups: number;
  readonly dataFormat: 'channels_last' | 'channels_first';
  readonly activation: ActivationRef;
  readonly useBias: boolean;
  /** kernel [rows, columns, features / groups, filters], bias [filters] */
  readonly weights: { readonly kernel: Tensor; readonly bias?: Tensor };
}

export interface Pooling2dLayer extends Named {
  readonly kind: 'pooling2d';
  readonly operation: 'max' | 'average';
  readonly poolSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: 'valid' | 'same';
  readonly dataFormat: 'channels_last' | 'channels_first';
}

export interface GlobalPooling2dLayer extends Named {
  readonly kind: 'global_pooling2d';
  readonly operation: 'max' | 'average';
  readonly keepdims: boolean;
  readonly dataFormat: 'channels_last' | 'channels_first';
}

export interface Pooling1dLayer extends Named {
  readonly kind: 'pooling1d';
  readonly operation: 'max' | 'average';
  readonly poolSize: number;
  readonly strides: number;
  readonly padding: 'valid' | 'same';
  readonly dataFormat: 'channels_last' | 'channels_first';
}

/** So many windows that cover the sequence evenly, whatever its length. */
export interface AdaptivePooling1dLayer extends Named {
  readonly kind: 'adaptive_pooling1d';
  readonly operation: 'max' | 'average';
  readonly outputSize: number;
  readonly dataFormat: 'channels_last' | 'channels_first';
}

export interface GlobalPooling1dLayer extends Named {
  readonly kind: 'global_pooling1d';
  readonly operation: 'max' | 'average';
  readonly keepdims: boolean;
  readonly dataFormat: 'channels_last' | 'channels_first';
}

export type Windowed =
  | Conv1dLayer
  | DepthwiseConv1dLayer
  | Conv1dTransposeLayer
  | Conv2dLayer
  | Pooling2dLayer
  | GlobalPooling2dLayer
  | Pooling1dLayer
  | AdaptivePooling1dLayer
  | GlobalPooling1dLayer;
