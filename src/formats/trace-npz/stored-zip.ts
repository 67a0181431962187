import zlib from 'node:zlib';

/** One file of the archive: how many bytes it has, and they themselves, piece by piece. */
export interface StoredFile {
  readonly name: string;
  readonly size: number;
  readonly chunks: Iterable<Uint8Array>;
}

/** What 32 bits hold; from here on ZIP64's fields of 64 bits say it. */
const MOST = 2 ** 32 - 1;

/** Sums and sizes follow the bytes; the name is UTF-8. */
const FLAGS = 0x0808;
const [VERSION, VERSION_64] = [20, 45];
/** The first of January 1980, ZIP's first day: the same file at any time of day. */
const DATE = 0x0021;

interface Written {
  readonly name: Uint8Array;
  readonly size: number;
  readonly sum: number;
  readonly offset: number;
}

/**
 * A ZIP archive of files that are stored as they are, in chunks: nothing is held, however large it is. Larger than 4 GB (`most`), it is ZIP64, which
 * Python and numpy read. Format: PKWARE's APPNOTE.TXT 6.3.10, 4.3 to 4.5.
 */
export function* storedZip(files: Iterable<StoredFile>, most = MOST): Generator<Uint8Array> {
  const written: Written[] = [];
  let at = 0;
  for (const { name: text, size, chunks } of files) {
    const name = Buffer.from(text);
    const isLarge = size >= most;
    const head = localHeader(name, isLarge);
    yield head;
    let [sum, count] = [0, 0];
    for (const chunk of chunks) {
      sum = crc32(chunk, sum);
      count += chunk.length;
      yield chunk;
    }
    if (count !== size) throw new Error(`${text} was to have ${size} bytes and has ${count}`);
    const tail = descriptor(sum, size, isLarge);
    yield tail;
    written.push({ name, size, sum, offset: at });
    at += head.length + size + tail.length;
  }
  const start = at;
  for (const file of written) {
    const entry = directoryEntry(file, most);
    at += entry.length;
    yield entry;
  }
  yield end(written.length, at - start, start, most);
}

function localHeader(name: Uint8Array, isLarge: boolean): Uint8Array {
  const extra = isLarge ? extraField([0, 0]) : new Uint8Array();
  const size = isLarge ? MOST : 0;
  const fields = bytes(
    [4, 0x04034b50],
    [2, isLarge ? VERSION_64 : VERSION],
    [2, FLAGS],
    [2, 0],
    [2, 0],
    [2, DATE],
    [4, 0],
    [4, size],
    [4, size],
    [2, name.length],
    [2, extra.length],
  );
  return Buffer.concat([fields, name, extra]);
}

function descriptor(sum: number, size: number, isLarge: boolean): Uint8Array {
  const length = isLarge ? 8 : 4;
  return bytes([4, 0x08074b50], [4, sum], [length, size], [length, size]);
}

function directoryEntry({ name, size, sum, offset }: Written, most: number): Uint8Array {
  const [isLarge, isFar] = [size >= most, offset >= most];
  const large = [...(isLarge ? [size, size] : []), ...(isFar ? [offset] : [])];
  const extra = large.length > 0 ? extraField(large) : new Uint8Array();
  const version = large.length > 0 ? VERSION_64 : VERSION;
  const fields = bytes(
    [4, 0x02014b50],
    [2, version],
    [2, version],
    [2, FLAGS],
    [2, 0],
    [2, 0],
    [2, DATE],
    [4, sum],
    [4, isLarge ? MOST : size],
    [4, isLarge ? MOST : size],
    [2, name.length],
    [2, extra.length],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, 0],
    [4, isFar ? MOST : offset],
  );
  return Buffer.concat([fields, name, extra]);
}

/** The end of the directory; where it is far or has many entries, ZIP64's end and where that is, before it. */
function end(count: number, size: number, start: number, most: number): Uint8Array {
  const isLarge = count >= 0xffff || size >= most || start >= most;
  const short = (value: number) => (isLarge ? MOST : value);
  const last = bytes(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, isLarge ? 0xffff : count],
    [2, isLarge ? 0xffff : count],
    [4, short(size)],
    [4, short(start)],
    [2, 0],
  );
  if (!isLarge) return last;
  const end64 = bytes(
    [4, 0x06064b50],
    [8, 44],
    [2, VERSION_64],
    [2, VERSION_64],
    [4, 0],
    [4, 0],
    [8, count],
    [8, count],
    [8, size],
    [8, start],
  );
  const locator = bytes([4, 0x07064b50], [4, 0], [8, start + size], [4, 1]);
  return Buffer.concat([end64, locator, last]);
}

/** ZIP64's extra field: what the fields of 32 bits cannot hold. */
function extraField(values: readonly number[]): Uint8Array {
  return bytes([2, 0x0001], [2, 8 * values.length], ...values.map((value) => [8, value] as const));
}

/** Numbers of 2, 4 or 8 bytes, the last byte first. */
function bytes(...fields: readonly (readonly [length: 2 | 4 | 8, value: number])[]): Uint8Array {
  const out = new Uint8Array(fields.reduce((sum, [length]) => sum + length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const [length, value] of fields) {
    if (length === 2) view.setUint16(at, value, true);
    else if (length === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += length;
  }
  return out;
}

/** Node has it from 20.15 on; an import by its name would fail before. */
function crc32(data: Uint8Array, before: number): number {
  if (zlib.crc32 !== undefined) return zlib.crc32(data, before);
  let sum = ~before;
  for (const byte of data) sum = table[(sum ^ byte) & 0xff] ^ (sum >>> 8);
  return ~sum >>> 0;
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});
