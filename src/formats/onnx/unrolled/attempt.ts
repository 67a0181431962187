import { LabError } from '../../../math/lab-error.ts';

/** Null where a node is not as its operator wants it: it is none of a loop's. */
export function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof LabError) return null;
    throw error;
  }
}
