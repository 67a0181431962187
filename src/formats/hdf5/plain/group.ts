import type { Claims } from './claims.ts';
import { type Fields, fieldsOf, UNDEFINED } from './fields.ts';
import { linkName } from './names.ts';
import { must } from './other-layout.ts';

/** The order of B-trees and of symbol tables that every file has unless it is told otherwise; the superblock says so. */
export const LEAF_K = 4;
export const INTERNAL_K = 16;

const TREE_BYTES = 24 + 8 * (4 * INTERNAL_K + 1);
const TABLE_BYTES = 8 + 40 * 2 * LEAF_K;
const MAX_LEVEL = 8;

/** Where a group's names are: a B-tree of symbol tables, and the heap that holds the letters. */
export interface SymbolTable {
  readonly tree: number;
  readonly heap: number;
}

/** A link to an object of this file. */
export interface Link {
  readonly name: string;
  readonly header: number;
  /** Of a group, as the link remembers it. */
  readonly cached: SymbolTable | null;
}

/** A symbol table entry that leads to an object (III.C): no soft link. */
export function symbolEntry(fields: Fields): { name: number; header: number; cached: SymbolTable | null } {
  const [name, header, cache] = [fields.u64(), fields.u64(), fields.u32()];
  fields.exactly(0, 0, 0, 0);
  must(cache <= 1, 'a link that is none to an object');
  const [tree, heap] = cache === 1 ? [fields.u64(), fields.u64()] : [UNDEFINED, UNDEFINED];
  if (cache === 0) fields.bytes(16);
  return { name, header, cached: cache === 1 ? { tree, heap } : null };
}

/** The links of a group, by name in the order of their bytes. Source: HDF5 file format specification 3.0, III.A, B, D. */
export function groupLinks(claims: Claims, { tree, heap }: SymbolTable): readonly Link[] {
  const letters = localHeap(claims, heap);
  const nameAt = (offset: number) => {
    const end = letters.indexOf(0, offset);
    must(offset >= 0 && offset < letters.length && end >= 0, 'a name is not where it should be');
    return letters.subarray(offset, end);
  };
  const links: Link[] = [];
  const previous: { address: number; right: number }[] = [];
  let last: Uint8Array = new Uint8Array();

  const table = (address: number, from: Uint8Array, to: Uint8Array) => {
    const fields = claims.fields(address, TABLE_BYTES);
    fields.exactly('SNOD', 1, 0);
    const count = fields.u16();
    must(count > 0 && count <= 2 * LEAF_K, 'a symbol table is too full');
    must(Buffer.compare(from, last) >= 0, 'names are out of order');
    for (let n = 0; n < count; n++) {
      const { name, header, cached } = symbolEntry(fields);
      const bytes = nameAt(name);
      // HDF5 finds a name by halving, so it must stand where the order wants it.
      must(Buffer.compare(bytes, n === 0 ? from : last) > 0, 'names are out of order');
      last = bytes;
      links.push({ name: linkName(bytes), header, cached });
    }
    must(Buffer.compare(last, to) <= 0, 'names are out of order');
  };

  const node = (address: number, level?: number, after?: Uint8Array, upTo?: Uint8Array): void => {
    const fields = claims.fields(address, TREE_BYTES);
    fields.exactly('TREE', 0);
    const own = fields.u8();
    must(own === (level ?? own) && own <= MAX_LEVEL, 'a tree of unusual height');
    const count = fields.u16();
    // Empty is only the one node of an empty group.
    must(count <= 2 * INTERNAL_K && (count > 0 || (level === undefined && own === 0)), 'a tree is too full, or empty');
    const [left, right] = [fields.u64(), fields.u64()];
    must(left === (previous[own]?.address ?? UNDEFINED), 'a tree whose nodes are not neighbours');
    must(address === (previous[own]?.right ?? address), 'a tree whose nodes are not neighbours');
    previous[own] = { address, right };
    if (count === 0) return;
    let from = nameAt(fields.u64());
    // A name is found from above, so what is below lies within the bounds that are said there.
    must(after === undefined || Buffer.compare(from, after) >= 0, 'names are out of order');
    for (let n = 0; n < count; n++) {
      const child = fields.u64();
      const to = nameAt(fields.u64());
      if (own > 0) node(child, own - 1, from, to);
      else table(child, from, to);
      from = to;
    }
    must(upTo === undefined || Buffer.compare(from, upTo) <= 0, 'names are out of order');
  };

  node(tree);
  for (const { right } of previous) must(right === UNDEFINED, 'a tree whose nodes are not neighbours');
  return links;
}

function localHeap(claims: Claims, address: number): Uint8Array {
  const fields = claims.fields(address, 32);
  fields.exactly('HEAP', 0, 0, 0, 0);
  const [length, free, data] = [fields.u64(), fields.u64(), fields.u64()];
  const letters = claims.read(data, length);
  // The list of free blocks ends, within the heap; 1 is its end.
  let at = free;
  for (let blocks = 0; at !== 1; blocks++) {
    must(at >= 0 && at % 8 === 0 && at + 16 <= length && blocks <= length / 16, 'a heap whose free blocks do not end');
    const block = fieldsOf(letters.subarray(at, at + 16));
    const [next, size] = [block.u64(), block.u64()];
    must(size >= 16 && at + size <= length, 'a heap whose free blocks are absurd');
    at = next;
  }
  return letters;
}
