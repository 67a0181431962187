/** One field of a protobuf message: its number, its wire type, and its value if that is a whole number. */
export interface Field {
  readonly number: number;
  readonly wire: number;
  readonly value: number | null;
}

/** As many fields as anything is recognised by. */
const MAX_FIELDS = 200;

/** The outermost fields at the beginning of a protobuf message, as far as the bytes go. Null where the bytes are no such message. */
export function protobufFields(bytes: Uint8Array): Field[] | null {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number | null => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= bytes.length) return null;
      const byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return null;
  };
  while (at < bytes.length && fields.length < MAX_FIELDS) {
    const tag = varint();
    if (tag === null) return fields;
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    if (number === 0 || number > 2 ** 29 || ![0, 1, 2, 5].includes(wire)) return null;
    if (wire === 1 || wire === 5) at += wire === 1 ? 8 : 4;
    const value = wire === 0 || wire === 2 ? varint() : null;
    fields.push({ number, wire, value: wire === 0 ? value : null });
    if (wire === 2) {
      if (value === null) return fields;
      at += value;
    }
  }
  return fields;
}
