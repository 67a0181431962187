import type { Source } from '../../source.ts';
import { type Fields, fieldsOf } from './fields.ts';
import { must } from './other-layout.ts';

/**
 * What of the file belongs to which structure. No byte belongs to two: so no structure is read twice, nothing goes in a circle, and all that is read is no
 * more than the file.
 */
export interface Claims {
  /** The bytes of a structure. */
  read(at: number, length: number): Uint8Array;
  fields(at: number, length: number): Fields;
  /** Without reading it. */
  claim(at: number, length: number): void;
  /** To be called when all is claimed. */
  refuseOverlap(): void;
}

export function claimsOn(source: Source): Claims {
  const claimed = new Map<number, number>();
  const claim = (at: number, length: number) => {
    must(at >= 0 && length > 0 && at + length <= source.size, 'a structure lies outside the file');
    must(!claimed.has(at), 'two structures begin at one place');
    claimed.set(at, length);
  };
  const read = (at: number, length: number) => {
    claim(at, length);
    return source.read(at, length);
  };
  return {
    read,
    fields: (at, length) => fieldsOf(read(at, length)),
    claim,
    refuseOverlap() {
      let end = 0;
      for (const [at, length] of [...claimed].sort(([a], [b]) => a - b)) {
        must(at >= end, 'two structures overlap');
        end = at + length;
      }
    },
  };
}
