import type { ActivationRef } from '../../math/activations.ts';
import type { Tensor } from '../../math/tensor.ts';
import type { Named } from './named.ts';

/* Layers that are stepped along time, without their equations: those stand in lstm.ts, gru.ts, simple-rnn.ts and bidirectional.ts. */

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

export type Stepped = RecurrentLayer | BidirectionalLayer;
