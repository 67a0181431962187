import type { Layer, LstmState } from '../layers/layer.ts';
import type { Initializer } from '../math/initializers.ts';
import type { Tensor } from '../math/tensor.ts';

/** A layer without its weights. */
export type LayerSpec = Layer extends infer L ? (L extends Layer ? Omit<L, 'weights'> : never) : never;

/** One use of a layer: names of tensors, `lstm_1`, `lstm_1:1` (its second output), `lstm_1#2` (its second call). */
export interface CallPlan {
  readonly inputs: readonly string[];
  /** h0 and c0: names of tensors, or their numbers. */
  readonly initialState?: readonly string[] | LstmState;
}

/** Where a layer's weights come from: given numbers where there are any, else drawn. By Keras's names. */
export interface WeightPlan {
  readonly given?: Readonly<Record<string, Tensor>>;
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
  /** A name without `:n` means all outputs of that call. */
  readonly outputs: readonly string[];
}
