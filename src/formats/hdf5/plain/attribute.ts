import type { AttributeValue } from '../attribute-value.ts';
import { numbersOf } from '../numbers.ts';
import { textUntilZero } from '../text.ts';
import { dataspace } from './dataspace.ts';
import { datatype } from './datatype.ts';
import type { Fields } from './fields.ts';
import { nameOf } from './names.ts';
import { must } from './other-layout.ts';
import type { Texts } from './texts.ts';

/** An attribute's name and value. Source: HDF5 file format specification 3.0, IV.A.2.m, versions 1 and 3. */
export function attribute(fields: Fields, texts: Texts): [string, AttributeValue] {
  const version = fields.u8();
  must(version === 1 || version === 3, 'an attribute of another version');
  // Reserved; or whether its type or shape is shared with others.
  fields.exactly(0);
  const [nameBytes, typeBytes, spaceBytes] = [fields.u16(), fields.u16(), fields.u16()];
  // ASCII or UTF-8.
  if (version === 3) must(fields.u8() <= 1, 'a name in other letters');
  const part = (length: number) => {
    const own = fields.fields(length);
    // Version 1 fills up to eight bytes.
    if (version === 1) fields.bytes((8 - (length % 8)) % 8);
    return own;
  };
  const letters = part(nameBytes).bytes(nameBytes);
  must(letters.indexOf(0) === nameBytes - 1, 'a name that does not end');
  const name = nameOf(letters.subarray(0, -1));
  const [typed, shaped] = [part(typeBytes), part(spaceBytes)];
  const [type, shape] = [datatype(typed), dataspace(shaped)];
  must(typed.left === 0 && shaped.left === 0, 'an attribute with more than it needs');
  const count = shape.reduce((product, length) => product * length, 1);
  const data = fields.fields(count * type.size);
  must(fields.left < 8, 'an attribute with more than it needs');
  if (type.kind === 'number') {
    const numbers = Array.from(numbersOf(type.type, data.bytes(data.left), 0, count));
    return [name, shape.length === 0 ? numbers[0] : numbers];
  }
  const strings = Array.from({ length: count }, () =>
    type.kind === 'text' ? textUntilZero(data.bytes(type.size)) : texts.read(data),
  );
  return [name, shape.length === 0 ? strings[0] : strings];
}
