import type { Tensor } from '../../math/tensor.ts';
import type { Unknowns } from './parse.ts';
import type { Version } from './schema.ts';

/** Constants read from elsewhere (word vectors), by index of the layer whose embeddings they are. */
type ReadMatrices = ReadonlyMap<number, Tensor>;

/** What a configuration leaves to the version that reads it. */
export interface PlanOptions {
  readonly matrices?: ReadMatrices;
  /**
   * 'refuse' (the default) tells a person's mistakes. 'leave out' is for files: classes that the lab does not know, and arguments of known ones that
   * it cannot compute, become unknown layers; arguments that it never heard of are passed over; nulls are as if not given; names are made safe.
   */
  readonly unknowns?: Unknowns;
  /** Bidirectional returns zeros at masked timesteps (tf.keras 2, Keras 3), or carries on (Keras 1, stand-alone Keras 2, TensorFlow.js). Default: not with Keras 1. */
  readonly zeroOutputForMaskInBidirectional?: boolean;
  /** GRU where reset_after is not given and its bias does not tell. Default: not with Keras 1. */
  readonly resetAfter?: boolean;
  /** What a masked first timestep repeats (keras-semantics: Keras 1 and stand-alone Keras ≤ 2.2.4 the state). Default: 'state' with Keras 1, unless unrolled. */
  readonly maskedStart?: 'zeros' | 'state';
  /** Masks end at merging layers, as in Keras 3.0 to 3.3. */
  readonly losesMasks?: boolean;
  /** Is told of arguments of known classes that the lab does not know, where 'leave out' passes over them. */
  readonly passedOver?: (className: string, argument: string) => void;
  /** StackedRNNCells lists the states of its last cell first (Keras 2.0 to 2.2.2). */
  readonly statesReversed?: boolean;
  /** What the model returns; by default all outputs of the last layer. */
  readonly outputs?: readonly string[];
}

/** What a class's defaults depend on. */
export interface Defaults extends PlanOptions {
  readonly keras: Version;
}
