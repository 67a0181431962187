import type { Claims } from './claims.ts';
import type { Fields } from './fields.ts';
import { must } from './other-layout.ts';

/** Kinds of header messages (IV.A.2) that plain files have. */
export const MESSAGE = {
  nil: 0x00,
  dataspace: 0x01,
  datatype: 0x03,
  oldFillValue: 0x04,
  fillValue: 0x05,
  layout: 0x08,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  modified: 0x12,
} as const;

const PREFIX_BYTES = 16;
/** Whether a message may change, and how it may be shared: neither says how it is read. Any other flag does. */
const HARMLESS_FLAGS = 0b0000_0101;

/** The messages of an object by kind, in their order. Source: HDF5 file format specification 3.0, IV.A.1.a. */
export function objectMessages(claims: Claims, address: number): ReadonlyMap<number, readonly Fields[]> {
  const prefix = claims.fields(address, PREFIX_BYTES);
  // Version 1, reserved.
  prefix.exactly(1, 0);
  const count = prefix.u16();
  // One link leads here.
  must(prefix.u32() === 1, 'an object has several links');
  const chunks = [claims.fields(address + PREFIX_BYTES, prefix.u32())];
  // Aligned to eight bytes.
  prefix.exactly(0, 0, 0, 0);
  const messages = new Map<number, Fields[]>();
  let seen = 0;
  for (const chunk of chunks) {
    while (chunk.left > 0) {
      const kind = chunk.u16();
      const length = chunk.u16();
      must(length % 8 === 0 && (chunk.u8() & ~HARMLESS_FLAGS) === 0, 'a message of an object is not plain');
      chunk.exactly(0, 0, 0);
      const body = chunk.fields(length);
      must(++seen <= count, 'an object has more messages than it says');
      if (kind === MESSAGE.continuation) chunks.push(claims.fields(body.u64(), body.u64()));
      // Its version, reserved; the time itself is not read.
      else if (kind === MESSAGE.modified) body.exactly(1, 0, 0, 0);
      else if (messages.has(kind)) messages.get(kind)?.push(body);
      else messages.set(kind, [body]);
    }
  }
  must(seen === count, 'an object has fewer messages than it says');
  for (const kind of messages.keys()) must(Object.values<number>(MESSAGE).includes(kind), `message ${kind}`);
  return messages;
}
