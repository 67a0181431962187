/** As many members as are looked at. */
const MAX_NAMES = 1_000;

/** Signatures of ZIP's records that hold a member's name, and where the name's length and the name are in them. Source: APPNOTE.TXT 4.3.7, 4.3.12. */
const RECORDS = [
  { signature: [0x50, 0x4b, 0x03, 0x04], length: 26, name: 30 },
  { signature: [0x50, 0x4b, 0x01, 0x02], length: 28, name: 46 },
];

/** Names of members that the first and the last bytes of a ZIP archive mention, without reading the archive. */
export function zipNames(...parts: readonly Uint8Array[]): string[] {
  const names = new Set<string>();
  for (const part of parts) {
    const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    for (const { signature, length, name } of RECORDS) {
      const mark = Buffer.from(signature);
      for (let at = bytes.indexOf(mark); at >= 0 && names.size < MAX_NAMES; at = bytes.indexOf(mark, at + 4)) {
        if (at + name > bytes.length) break;
        const end = at + name + bytes.readUInt16LE(at + length);
        if (end <= bytes.length) names.add(bytes.toString('utf8', at + name, end).replaceAll('\\', '/'));
      }
    }
  }
  return [...names];
}
