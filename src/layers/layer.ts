import type { ActivationRef } from '../math/activations.ts';
import type { LazyRows, Tensor } from '../math/tensor.ts';

/** Lengths without the batch axis; null where the length is not known before an input comes (Keras's None). */
export type Shape = readonly (number | null)[];

/** One byte a timestep, in the input's order: 1 use, 0 skip. Null: every timestep is used. */
export type Mask = Uint8Array | null;

interface Named {
  readonly name: string;
  readonly trainable: boolean;
  /** The wrapper or nested model that it is part of (`Wrapper.name` in the model), where there is one. */
  readonly within?: string;
}

export interface InputLayer extends Named {
  readonly kind: 'input';
  readonly shape: Shape;
  /** The number of samples in a batch, where it is fixed (batch_shape); null: any. */
  readonly batch: number | null;
  /** Which axis of a batch counts the samples, where it is not the first (the states that an ONNX model takes: [directions, batch, units]). */
  readonly batchAxis?: number;
}

export interface EmbeddingLayer extends Named {
  readonly kind: 'embedding';
  readonly inputDim: number;
  readonly outputDim: number;
  readonly maskZero: boolean;
  /** embeddings [inputDim, outputDim]; a large matrix may wait in its file */
  readonly weights: { readonly embeddings: Tensor | LazyRows };
}

/** What every cell that is stepped along time has: Keras's arguments of RNN layers. */
interface Recurrent extends Named {
  readonly units: number;
  readonly activation: ActivationRef;
  readonly useBias: boolean;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  /** The mask that comes with its input runs the other way: a cell before it, of the same RNN, read backwards. */
  readonly maskBackwards?: true;
  readonly stateful: boolean;
  readonly unroll: boolean;
  readonly zeroOutputForMask: boolean;
  /** What a masked first timestep repeats: zeros, or (Keras 1) the state h it started from. */
  readonly maskedStart: 'zeros' | 'state';
  readonly dropout: number;
  readonly recurrentDropout: number;
  /** tf.keras 2's time_major: its batches are [timesteps, samples, features]. Here it sees one sample, as every layer; traces are written so. */
  readonly timeMajor?: true;
}

export interface LstmLayer extends Recurrent {
  readonly kind: 'lstm';
  readonly recurrentActivation: ActivationRef;
  /** What squashes c for h, where it is not `activation` (ONNX's third function). */
  readonly outputActivation?: ActivationRef;
  /** Every pre-activation is clipped to ±clip (ONNX). */
  readonly clip?: number;
  /** f = 1 − i (ONNX's input_forget). */
  readonly inputForget?: true;
  /** The gates see the cell state too: weights.peepholes. */
  readonly usePeepholes?: true;
  /** h = (o ⊙ φ(c)) P has this many units (PyTorch's proj_size). */
  readonly projectionUnits?: number;
  /**
   * kernel [inputDim, 4·units], recurrentKernel [units, 4·units], bias [4·units]; columns i | f | g | o, as Keras stores them.
   * peepholes [3·units], i | f | o; projection [units, projectionUnits], with recurrentKernel [projectionUnits, 4·units].
   */
  readonly weights: {
    readonly kernel: Tensor;
    readonly recurrentKernel: Tensor;
    readonly bias?: Tensor;
    readonly peepholes?: Tensor;
    readonly projection?: Tensor;
  };
}

export interface GruLayer extends Recurrent {
  readonly kind: 'gru';
  readonly recurrentActivation: ActivationRef;
  /** The reset gate acts after the matrix product (Keras ≥ 2.1's reset_after, ONNX's linear_before_reset, PyTorch). */
  readonly resetAfter: boolean;
  /** Every pre-activation is clipped to ±clip (ONNX). */
  readonly clip?: number;
  /** kernel [inputDim, 3·units], recurrentKernel [units, 3·units], bias [3·units], or [2, 3·units] with resetAfter; columns z | r | g, as Keras stores them */
  readonly weights: { readonly kernel: Tensor; readonly recurrentKernel: Tensor; readonly bias?: Tensor };
}

export interface SimpleRnnLayer extends Recurrent {
  readonly kind: 'simple_rnn';
  /** Every pre-activation is clipped to ±clip (ONNX). */
  readonly clip?: number;
  /** kernel [inputDim, units], recurrentKernel [units, units], bias [units] */
  readonly weights: { readonly kernel: Tensor; readonly recurrentKernel: Tensor; readonly bias?: Tensor };
}

export type RecurrentLayer = LstmLayer | GruLayer | SimpleRnnLayer;

/**
 * What joins the two directions of a Bidirectional, which are recurrent layers of their own within it (forward_…, backward_…).
 * Its inputs are the forward and the backward output, then the forward and the backward states; it returns the merged output (mergeMode null: both), then the states.
 */
export interface BidirectionalLayer extends Named {
  readonly kind: 'bidirectional';
  readonly mergeMode: 'concat' | 'sum' | 'mul' | 'ave' | null;
  /** The backward output is a sequence: it is turned around before it is merged. */
  readonly returnSequences: boolean;
}

/** Keras's TimeDistributed around another layer than Dense: every timestep goes through `inner`. Its weights are those of `inner`, by the same names. */
export interface TimeDistributedLayer extends Named {
  readonly kind: 'time_distributed';
  readonly inner: Omit<Layer, 'weights'>;
  /** It is a layer of a model that stands in TimeDistributed. */
  readonly withinModel?: true;
  readonly weights: Readonly<Record<string, Tensor>>;
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

export interface FlattenLayer extends Named {
  readonly kind: 'flatten';
  /** channels_first: the last axis is moved to the front before flattening. */
  readonly dataFormat: 'channels_last' | 'channels_first';
}

export interface MaskingLayer extends Named {
  readonly kind: 'masking';
  readonly maskValue: number;
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

/** One number of all numbers along some axes (Keras's ops.sum, ops.mean, ops.max, ops.min). */
export interface ReductionLayer extends Named {
  readonly kind: 'reduction';
  readonly operation: 'sum' | 'mean' | 'max' | 'min';
  /** Counted from 1; negative from the end. */
  readonly axis: readonly number[];
  readonly keepdims: boolean;
}

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

export interface GlobalPooling1dLayer extends Named {
  readonly kind: 'global_pooling1d';
  readonly operation: 'max' | 'average';
  readonly keepdims: boolean;
  readonly dataFormat: 'channels_last' | 'channels_first';
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

/** What a length for each sample makes of a sequence (ONNX's sequence_lens). Inputs: the sequence, the lengths. See sequence-lengths.ts. */
export interface SequenceLengthsLayer extends Named {
  readonly kind: 'sequence_lengths';
  readonly operation: 'mask' | 'mask_at_end' | 'to_end' | 'reverse' | 'keep';
}

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

/** A layer is plain data. What a kind of layer does stands in its own file, as a `LayerKind`. */
export type Layer =
  | InputLayer
  | EmbeddingLayer
  | RecurrentLayer
  | BidirectionalLayer
  | TimeDistributedLayer
  | DenseLayer
  | DropoutLayer
  | IdentityLayer
  | ActivationLayer
  | SoftmaxLayer
  | PreluLayer
  | FlattenLayer
  | MaskingLayer
  | RepeatVectorLayer
  | ReshapeLayer
  | PermuteLayer
  | SliceLayer
  | BatchNormalizationLayer
  | LayerNormalizationLayer
  | NormalizationLayer
  | RescalingLayer
  | ReductionLayer
  | Conv1dLayer
  | DepthwiseConv1dLayer
  | Conv1dTransposeLayer
  | Conv2dLayer
  | Pooling2dLayer
  | GlobalPooling2dLayer
  | Pooling1dLayer
  | GlobalPooling1dLayer
  | ZeroPadding1dLayer
  | Cropping1dLayer
  | UpSampling1dLayer
  | MergeLayer
  | AffineLayer
  | SequenceLengthsLayer
  | AttentionLayer
  | MultiHeadAttentionLayer;

export function isRecurrent<L extends { readonly kind: string }>(layer: L): layer is L & RecurrentLayer {
  return layer.kind === 'lstm' || layer.kind === 'gru' || layer.kind === 'simple_rnn';
}

/** One equation of a layer, a *stage* of the screen. */
export interface Equation {
  /** The symbol it defines: `z_i`, `c`. */
  readonly symbol: string;
  /** In words: "forget gate". */
  readonly meaning: string;
  /** The whole equation as mathjs reads it: `c = f .* c_prev + i .* g`. The reference engine evaluates this very string. */
  readonly expression: string;
}

/** What a call computed: for each symbol a tensor [steps, width], in processing order; NaN where a masked step was skipped. */
export type Quantities = Readonly<Record<string, Tensor>>;

/** The state a recurrent layer starts from: h [units], and for an LSTM c [units]. */
export interface RecurrentState {
  readonly h: Float64Array;
  readonly c?: Float64Array;
}

/** What a layer gets besides its first input. */
export interface StepContext {
  /** Of the first input; for a recurrent layer in processing order. */
  readonly mask: Mask;
  readonly initialState: RecurrentState | null;
  /** All inputs, the first among them, and the mask of each. */
  readonly inputs: readonly Tensor[];
  readonly masks: readonly Mask[];
  /** The version of Keras whose behaviour is wanted; without, the latest. */
  readonly keras?: 1 | 2 | 3;
}

/** What the equations of one row see besides the constants: `x`, or `x_1`, `x_2`, …. */
export type Bindings = Readonly<Record<string, Tensor | number>>;

/** The rows that a layer computes one after the other, each a stage-by-stage step of the screen. */
export interface Rows {
  readonly count: number;
  /** What row `at` sees. */
  bindings(at: number): Bindings;
}

/** What the lab knows of one kind of layer. */
export interface LayerKind<L extends Layer> {
  /** Keras's class name, as summary() prints it. */
  className(layer: L): string;
  /** The mathematics, once, in order; of a layer of several inputs, for this many of them. */
  equations(layer: L, inputs?: number): readonly Equation[];
  /** The constants that the equations name (weights, cut per gate): matrices [n, m], vectors [m], numbers. */
  constants(layer: L): Readonly<Record<string, Tensor | LazyRows | number>>;
  /** What each step sees. Without: row by row of x, and of every input where there are several (`x_1`, `x_2`, …). Not for recurrent layers. */
  rows?(layer: L, context: StepContext): Rows;
  /** Where a step sees the whole input instead of one row of it. */
  readonly wholeInput?: true;
  /** Shapes of the weights by Keras's names, in Keras's order, for inputs of these shapes. */
  weightShapes(
    layer: Omit<L, 'weights'>,
    ...inputs: readonly Shape[]
  ): Readonly<Record<string, readonly (number | null)[]>>;
  /** Shapes of what it returns for inputs of these shapes. Throws a LabError where an input does not fit. */
  outputShapes(layer: Omit<L, 'weights'>, ...inputs: readonly Shape[]): readonly Shape[];
  /** What the outputs are called, where it is not output, state_h, state_c. */
  outputNames?(layer: L, count: number): readonly string[];
  /** How many inputs it takes, at least and at most; without, one. */
  readonly inputCount?: readonly [number, number];
  /** The same mathematics as loops over typed arrays. x [steps, width] in processing order, unless `rows` or `wholeInput` say otherwise. */
  forward(layer: L, x: Tensor, context: StepContext): Quantities;
  /** What it returns, where that is not `y` alone in the output's shape. Not for recurrent layers. */
  returns?(layer: L, quantities: Quantities, context: StepContext): Tensor[];
  /** The mask that goes on with its (first) output, where it is not the first input's. Not for recurrent layers. */
  outputMask?(layer: L, context: StepContext, keras: 1 | 2 | 3): Mask;
}
