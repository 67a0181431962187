import type { ModelPlan } from '../model/plan.ts';
import type { Vocabulary } from './vocabulary/vocabulary.ts';

/** What an importer makes of a file: a model that is not built yet, with its weights, and what is to be said about it. */
export interface OpenedFile {
  readonly plan: ModelPlan;
  /** What a person should know: what was assumed, what the file does not say, in which precision the lab computes. */
  readonly notes: readonly string[];
  /** "Keras 3 .keras", "PyTorch state dict", … */
  readonly format: string;
  /** "Keras 3.15.0"; null where the file does not say. */
  readonly madeWith: string | null;
  /** How text becomes indices, where the file holds a vocabulary. */
  readonly vocabulary: Vocabulary | null;
}
