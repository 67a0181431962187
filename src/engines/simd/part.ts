import type { Pointer } from './kernels.ts';
import type { Space } from './space.ts';

/** The fields of assembly/part.ts, which says what they are, in their order. */
const FIELDS = [
  'kind',
  'count',
  'all',
  'first',
  'units',
  'features',
  'panels',
  'kernel',
  'bias',
  'recurrentPanels',
  'recurrent',
  'recurrentBias',
  'candidatePanels',
  'candidateWeights',
  'gate',
  'candidate',
  'output',
  'sums',
  'reset',
  'quantities',
  'stride',
  'steps',
  'input',
  'projected',
  'mask',
] as const;

export type PartFields = Record<(typeof FIELDS)[number], number>;

/** The numbers by which assembly/part.ts knows the kinds of cells. */
export const KINDS = { lstm: 0, gruResetAfter: 1, gruResetBefore: 2, simpleRnn: 3 } as const;

/** A part with its fields but those of the block, which is to come. */
export function placePart(space: Space, fields: Partial<PartFields>): Pointer {
  const place = space.allocate(FIELDS.length);
  writePart(space, place, fields);
  return place;
}

/** Writes some of a part's fields. */
export function writePart(space: Space, place: Pointer, fields: Partial<PartFields>): void {
  const out = space.wholeNumbersAt(place, FIELDS.length);
  FIELDS.forEach((field, at) => {
    const value = fields[field];
    if (value !== undefined) out[at] = value;
  });
}
