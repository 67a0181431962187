import type { Source } from '../../source.ts';
import type { AttributeValue } from '../attribute-value.ts';
import { MAX_DEPTH, MAX_OBJECTS } from '../limits.ts';
import { attribute } from './attribute.ts';
import { claimsOn } from './claims.ts';
import { type PlainArray, plainArray } from './dataset.ts';
import { groupLinks, type SymbolTable } from './group.ts';
import { MESSAGE, objectMessages } from './object-header.ts';
import { must } from './other-layout.ts';
import { rootGroup } from './superblock.ts';
import { textsOf } from './texts.ts';

export interface PlainObject {
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  /** Of a group: its members, in the file's order. */
  readonly members: ReadonlyMap<string, PlainObject> | null;
  /** Of an array. */
  readonly array: PlainArray | null;
}

/**
 * All groups, arrays and attributes of a file that has the layout in which h5py writes unless it is told otherwise, without the arrays' numbers. All is read
 * and checked before anything is answered; throws OtherLayout for whatever is not as the specification says, or not of this layout.
 */
export function plainTree(source: Source): PlainObject {
  const claims = claimsOn(source);
  const texts = textsOf(claims, source.size);
  let seen = 0;
  const object = (header: number, cached: SymbolTable | null, depth: number): PlainObject => {
    must(++seen <= MAX_OBJECTS && depth <= MAX_DEPTH, 'too many objects, or too deep');
    const messages = objectMessages(claims, header);
    const attributes = new Map<string, AttributeValue>();
    for (const fields of messages.get(MESSAGE.attribute) ?? []) {
      const [name, value] = attribute(fields, texts);
      must(!attributes.has(name), 'two attributes of one name');
      attributes.set(name, value);
    }
    const [table, ...others] = messages.get(MESSAGE.symbolTable) ?? [];
    if (table === undefined) {
      must(cached === null, 'a link to a group that is none');
      must(attributes.get('dtype') !== 'bfloat16', 'numbers that are not what their type says');
      return { attributes, members: null, array: plainArray(messages, claims) };
    }
    const isGroup = ![MESSAGE.dataspace, MESSAGE.datatype, MESSAGE.layout].some((kind) => messages.has(kind));
    must(isGroup && others.length === 0 && table.left === 16, 'a group that is something else too');
    const place = { tree: table.u64(), heap: table.u64() };
    must(cached === null || (cached.tree === place.tree && cached.heap === place.heap), 'a group of two places');
    const links = groupLinks(claims, place);
    return {
      attributes,
      members: new Map(links.map((link) => [link.name, object(link.header, link.cached, depth + 1)])),
      array: null,
    };
  };
  const { header, cached } = rootGroup(claims, source.size);
  const root = object(header, cached, 0);
  must(root.members !== null, 'a root that is no group');
  claims.refuseOverlap();
  return root;
}
