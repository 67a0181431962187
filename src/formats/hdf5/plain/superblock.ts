import type { Claims } from './claims.ts';
import { UNDEFINED } from './fields.ts';
import { INTERNAL_K, LEAF_K, type SymbolTable, symbolEntry } from './group.ts';
import { must } from './other-layout.ts';

const BYTES = 96;

/** The root group of a file: its header, and its names as the superblock remembers them. Source: HDF5 file format specification 3.0, II.A, version 0. */
export function rootGroup(claims: Claims, fileBytes: number): { header: number; cached: SymbolTable | null } {
  const fields = claims.fields(0, BYTES);
  // Signature; versions of the superblock, free space, root group; reserved; version of shared messages; bytes of addresses and lengths; reserved.
  fields.exactly(0x89, 'HDF\r\n', 0x1a, '\n', 0, 0, 0, 0, 0, 8, 8, 0);
  must(fields.u16() === LEAF_K && fields.u16() === INTERNAL_K, 'groups of another order');
  fields.exactly(0, 0, 0, 0);
  const [base, freeSpace, end, driver] = [fields.u64(), fields.u64(), fields.u64(), fields.u64()];
  must(base === 0 && freeSpace === UNDEFINED && end === fileBytes && driver === UNDEFINED, 'an unusual superblock');
  const { name, header, cached } = symbolEntry(fields);
  must(name === 0, 'an unusual root');
  return { header, cached };
}
