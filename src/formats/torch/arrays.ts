import type { StoredArray } from '../stored-type.ts';

/** What a PyTorch file says about a module besides its arrays, where it does: a whole module was saved. */
export interface ModuleFacts {
  /** "LSTM", "ReLU", "Net" */
  readonly className: string;
  /** Its plain attributes: eps, stride, nonlinearity, batch_first, … */
  readonly attributes: ReadonlyMap<string, string | number | boolean | readonly number[] | null>;
}

/** The arrays of a file by PyTorch's names, in the file's order. */
export interface TorchArrays {
  readonly arrays: ReadonlyMap<string, StoredArray>;
  readonly metadata: ReadonlyMap<string, string>;
  /** What a person should know: where in the file the arrays were found, what was left out. */
  readonly notes: readonly string[];
  /** "PyTorch .safetensors", "PyTorch state dict", … */
  readonly format: string;
  /** The modules that the file names, also those without arrays; empty where it names none. Null: only the name is known. */
  readonly modules: ReadonlyMap<string, ModuleFacts | null>;
}
