import type { Tensor } from '../../math/tensor.ts';

/** An array of an input file, with the name of the input that it is for, where there is one. */
export interface Entry {
  readonly name: string | null;
  readonly path: string;
  /** Its first axis counts the samples, whatever the model's own tensor has: in traces, and where a fixture says so (`file_axes`). */
  readonly batchFirst: boolean;
  read(): Tensor;
}

/** One batch: an entry for each input. */
export interface EntryBatch {
  readonly entries: readonly Entry[];
  readonly path: string;
}
