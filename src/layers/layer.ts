import type { ActivationName } from '../math/activations.ts';
import type { Tensor } from '../math/tensor.ts';

/** Lengths without the batch axis; null where the length is not known before an input comes (Keras's None). */
export type Shape = readonly (number | null)[];

/** One byte a timestep, in the input's order: 1 use, 0 skip. Null: every timestep is used. */
export type Mask = Uint8Array | null;

interface Named {
  readonly name: string;
  readonly trainable: boolean;
}

export interface InputLayer extends Named {
  readonly kind: 'input';
  readonly shape: Shape;
  /** The number of samples in a batch, where it is fixed (batch_shape); null: any. */
  readonly batch: number | null;
}

export interface EmbeddingLayer extends Named {
  readonly kind: 'embedding';
  readonly inputDim: number;
  readonly outputDim: number;
  readonly maskZero: boolean;
  /** embeddings [inputDim, outputDim] */
  readonly weights: { readonly embeddings: Tensor };
}

export interface LstmLayer extends Named {
  readonly kind: 'lstm';
  readonly units: number;
  readonly activation: ActivationName;
  readonly recurrentActivation: ActivationName;
  readonly useBias: boolean;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly stateful: boolean;
  readonly unroll: boolean;
  readonly zeroOutputForMask: boolean;
  /** What a masked first timestep repeats: zeros, or (Keras 1) the state h it started from. */
  readonly maskedStart: 'zeros' | 'state';
  readonly dropout: number;
  readonly recurrentDropout: number;
  /** kernel [inputDim, 4·units], recurrentKernel [units, 4·units], bias [4·units]; columns i | f | g | o, as Keras stores them */
  readonly weights: { readonly kernel: Tensor; readonly recurrentKernel: Tensor; readonly bias?: Tensor };
}

export interface DenseLayer extends Named {
  readonly kind: 'dense';
  readonly units: number;
  readonly activation: ActivationName;
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

export interface ActivationLayer extends Named {
  readonly kind: 'activation';
  readonly activation: ActivationName;
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

/** A layer is plain data. What a kind of layer does stands in its own file, as a `LayerKind`. */
export type Layer =
  | InputLayer
  | EmbeddingLayer
  | LstmLayer
  | DenseLayer
  | DropoutLayer
  | ActivationLayer
  | FlattenLayer
  | MaskingLayer;

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

/** The state an LSTM starts from: h [units] and c [units]. */
export interface LstmState {
  readonly h: Float64Array;
  readonly c: Float64Array;
}

/** What a step needs besides x. `mask` is in processing order. */
export interface StepContext {
  readonly mask: Mask;
  readonly initialState: LstmState | null;
}

/** What the lab knows of one kind of layer. */
export interface LayerKind<L extends Layer> {
  /** Keras's class name, as summary() prints it. */
  className(layer: L): string;
  /** The mathematics, once, in order. */
  equations(layer: L): readonly Equation[];
  /** The constants that the equations name (weights, cut per gate): matrices [n, m], vectors [m], numbers. */
  constants(layer: L): Readonly<Record<string, Tensor | number>>;
  /** Where a step sees the whole input instead of one row of it. */
  readonly wholeInput?: true;
  /** Shapes of the weights by Keras's names, in Keras's order, for an input of this shape. */
  weightShapes(layer: Omit<L, 'weights'>, input: Shape): Readonly<Record<string, readonly (number | null)[]>>;
  /** Shapes of what it returns for an input of this shape. Throws a LabError where the input does not fit. */
  outputShapes(layer: Omit<L, 'weights'>, input: Shape): readonly Shape[];
  /** The same mathematics as loops over typed arrays. x [steps, width] in processing order. */
  forward(layer: L, x: Tensor, context: StepContext): Quantities;
}
