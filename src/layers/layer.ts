import type { LazyRows, Tensor } from '../math/tensor.ts';
import type { Attending } from './specs/attention.ts';
import type { Windowed } from './specs/convolution.ts';
import type { Moving } from './specs/moving.ts';
import type { Mask, Named, Shape } from './specs/named.ts';
import type { Scaling } from './specs/normalization.ts';
import type { Pointwise } from './specs/pointwise.ts';
import type { RecurrentLayer, Stepped } from './specs/recurrent.ts';

export type * from './specs/attention.ts';
export type * from './specs/convolution.ts';
export type * from './specs/moving.ts';
export type { Mask, Shape } from './specs/named.ts';
export type * from './specs/normalization.ts';
export type * from './specs/pointwise.ts';
export type * from './specs/recurrent.ts';

/** Keras's TimeDistributed around another layer than Dense: every timestep goes through `inner`. Its weights are those of `inner`, by the same names. */
export interface TimeDistributedLayer extends Named {
  readonly kind: 'time_distributed';
  readonly inner: Omit<Layer, 'weights'>;
  /** It is a layer of a model that stands in TimeDistributed. */
  readonly withinModel?: true;
  readonly weights: Readonly<Record<string, Tensor>>;
}

/** A layer is plain data. What a kind of layer does stands in its own file, as a `LayerKind`. */
export type Layer = Pointwise | Stepped | TimeDistributedLayer | Scaling | Moving | Windowed | Attending;

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
  /** Where only a piece of what the layer computes is wanted: see engines/layer-in-pieces.ts. */
  readonly piece?: Piece;
}

/** Rows `from` to `to` (not included) of what an attention, a convolution or a pooling computes. An attention is given these rows of the query only. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  /** What all pieces of a call need is made once. */
  shared<T>(name: string, make: () => T): T;
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
