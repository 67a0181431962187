import type { Layer, RecurrentState } from '../layers/layer.ts';
import type { Initializer } from '../math/initializers.ts';
import type { Rows } from '../math/tensor.ts';
import type { Incomplete } from './graph.ts';
import type { OutputAxes } from './output-axes.ts';

/** A layer of a file that the lab does not know. It is left out, with everything that needs what it returns. */
export interface UnknownSpec {
  readonly kind: 'unknown';
  readonly name: string;
  readonly trainable: boolean;
  readonly within?: string;
  readonly className: string;
  /** Why, as a person reads it: "a custom layer: its code is not in the file". */
  readonly reason: string;
}

/** A layer without its weights. */
export type LayerSpec = (Layer extends infer L ? (L extends Layer ? Omit<L, 'weights'> : never) : never) | UnknownSpec;

/** Layers that a file has as one: a Bidirectional, an RNN of several cells, a nested model. Its layers name it in `within`. */
export interface WrapperPlan {
  readonly name: string;
  readonly className: string;
  /** The wrapper that it is part of itself. */
  readonly within?: string;
  /** What it returns: names of tensors. */
  readonly outputs: readonly string[];
}

/** One use of a layer: names of tensors, `lstm_1`, `lstm_1:1` (its second output), `lstm_1#2` (its second call). */
export interface CallPlan {
  readonly inputs: readonly string[];
  /** h0 (and c0): names of tensors, or their numbers. */
  readonly initialState?: readonly string[] | RecurrentState;
  /** The mask it is given, a tensor's name, instead of the one that comes with its input (ONNX's sequence_lens). 0 skips. */
  readonly mask?: string;
  /** The mask of its input is used beside wired states, which in Keras 3 it is only where the call says so. */
  readonly maskPassed?: boolean;
}

/** Where a layer's weights come from: given numbers where there are any, else drawn. By Keras's names. */
export interface WeightPlan {
  readonly given?: Readonly<Record<string, Rows>>;
  readonly initializers: Readonly<Record<string, Initializer>>;
  /** What the forget gate's part of a drawn bias is set to. */
  readonly forgetBias?: Initializer;
  /** Keras 1 drew each gate's block by itself, with that block's fans. */
  readonly perGate?: boolean;
}

export interface LayerPlan {
  readonly spec: LayerSpec;
  readonly weights: WeightPlan;
  readonly calls: readonly CallPlan[];
  /** Its place in the file: "layers[1] (lstm_1)". */
  readonly path: string;
}

/** A model as it is described, before shapes are known. */
export interface ModelPlan {
  readonly name: string;
  readonly keras: 1 | 2 | 3;
  readonly seed: number;
  readonly layers: readonly LayerPlan[];
  readonly wrappers?: readonly WrapperPlan[];
  /** Layers of the file that are not among `layers`: what the model begins behind. */
  readonly incomplete?: readonly Incomplete[];
  /** A name without `:n` means all outputs of that call. */
  readonly outputs: readonly string[];
  /** For each of `outputs` the axis that counts the samples, where it is not the first (ONNX's Y: [timesteps, directions, batch, units] has 2). */
  readonly outputBatchAxes?: readonly number[];
  /** For each of `outputs` its axes as the file has them, where the samples are no axis of their own there. */
  readonly outputAxes?: readonly (OutputAxes | null)[];
}
