import { type NumberType, numberBytes } from '../numbers.ts';
import type { Claims } from './claims.ts';
import { dataspace } from './dataspace.ts';
import { datatype } from './datatype.ts';
import { type Fields, UNDEFINED } from './fields.ts';
import { MESSAGE } from './object-header.ts';
import { must } from './other-layout.ts';

/** An array whose numbers lie one after the other in the file, from `at` on. */
export interface PlainArray {
  readonly shape: readonly number[];
  readonly type: NumberType;
  readonly at: number;
  readonly count: number;
}

/** Source: HDF5 file format specification 3.0, IV.A.2.b, d, e, f, i. */
export function plainArray(messages: ReadonlyMap<number, readonly Fields[]>, claims: Claims): PlainArray {
  const one = (kind: number) => {
    const found = messages.get(kind) ?? [];
    must(found.length === 1, 'an array that is not described once');
    return found[0];
  };
  const [shaped, typed, placed] = [one(MESSAGE.dataspace), one(MESSAGE.datatype), one(MESSAGE.layout)];
  const shape = dataspace(shaped);
  const type = datatype(typed);
  must(type.kind === 'number', 'an array without numbers');
  const count = shape.reduce((product, length) => product * length, 1);
  // Version 3, contiguous.
  placed.exactly(3, 1);
  const [at, bytes] = [placed.u64(), placed.u64()];
  must(bytes === count * numberBytes(type.type), 'an array of another size than its shape');
  // Numbers that were never written are not in the file.
  must((at === UNDEFINED) === (bytes === 0), 'an array that was not written');
  if (bytes > 0) claims.claim(at, bytes);
  for (const fill of messages.get(MESSAGE.fillValue) ?? []) fillValue(fill, type.size);
  for (const fill of messages.get(MESSAGE.oldFillValue) ?? []) oneValue(fill, type.size);
  for (const rest of [shaped, typed, placed]) must(rest.left < 8, 'an array with more than it needs');
  return { shape, type: type.type, at, count };
}

/** What numbers would be that were not written: not read, but nothing else may stand there. Version 2. */
function fillValue(fields: Fields, size: number): void {
  fields.exactly(2);
  const [allocated, written, isDefined] = [fields.u8(), fields.u8(), fields.u8()];
  must(allocated <= 3 && written <= 2 && isDefined <= 1, 'an unusual fill value');
  if (isDefined === 1) oneValue(fields, size);
}

/** None, or one number. */
function oneValue(fields: Fields, size: number): void {
  const bytes = fields.u32();
  must(bytes === 0 || bytes === size, 'an unusual fill value');
  fields.bytes(bytes);
}
