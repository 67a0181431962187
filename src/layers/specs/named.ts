/** Lengths without the batch axis; null where the length is not known before an input comes (Keras's None). */
export type Shape = readonly (number | null)[];

/** One byte a timestep, in the input's order: 1 use, 0 skip. Null: every timestep is used. */
export type Mask = Uint8Array | null;

/** What every layer has. */
export interface Named {
  readonly name: string;
  readonly trainable: boolean;
  /** The wrapper or nested model that it is part of (`Wrapper.name` in the model), where there is one. */
  readonly within?: string;
  /** No mask goes on from here, whatever this kind of layer does otherwise: it is an operation on tensors, which Keras does not tell of masks. */
  readonly endsMask?: true;
}
