import { LabError } from '../../math/lab-error.ts';

/** As deep as dictionaries of a checkpoint lie within each other. */
export const MAX_DEPTH = 12;

/** Counts a value that is looked at, and the `size` values in it. Throws a LabError where there are too many, or they lie too deep. */
export function spend(budget: { left: number }, depth: number, size = 0): void {
  if (depth > MAX_DEPTH)
    throw new LabError({ problem: `dictionaries lie more than ${MAX_DEPTH} deep within each other.` });
  budget.left -= 1 + size;
  if (budget.left < 0) throw new LabError({ problem: 'the file has more parts than the lab reads.' });
}
