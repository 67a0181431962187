import { MAX_RANK } from '../limits.ts';
import type { Fields } from './fields.ts';
import { must } from './other-layout.ts';

/** A shape that cannot grow. Source: HDF5 file format specification 3.0, IV.A.2.b, version 1. */
export function dataspace(fields: Fields): readonly number[] {
  fields.exactly(1);
  const rank = fields.u8();
  const flags = fields.u8();
  fields.exactly(0, 0, 0, 0, 0);
  must(rank <= MAX_RANK && flags <= 1, 'an unusual shape');
  const lengths = () => Array.from({ length: rank }, () => fields.u64());
  const shape = lengths();
  const count = shape.reduce((product, length) => product * Math.max(1, length), 1);
  must(shape.every((length) => length >= 0) && Number.isSafeInteger(count), 'an absurd shape');
  if (flags === 1) must(String(lengths()) === String(shape), 'an array that may grow');
  return shape;
}
