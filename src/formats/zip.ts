import { crc32, inflateRawSync } from 'node:zlib';
import { LabError, quote } from '../math/lab-error.ts';

/** As many members as an archive may list, and as many bytes as one may unfold to. */
const MAX_MEMBERS = 20_000;
const MAX_BYTES = 2 ** 31;
/** Deflate packs at most 1032 to 1. */
const MAX_RATIO = 1_032;

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

export interface ZipMember {
  readonly name: string;
  /** Unpacked, as the directory says; the reading holds it to that. */
  readonly size: number;
  /** Its bytes, at most `limit`: a view of the archive where it is stored, else unpacked. */
  read(limit?: number): Uint8Array;
}

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5) && bytes[3] === bytes[2] + 1;
}

/**
 * The members of a ZIP archive by name, by its central directory. Nothing is unpacked before it is read, and never more than the directory says.
 * Throws a LabError for archives that are cut off, encrypted, in several volumes or larger than 4 GB (ZIP64).
 */
export function openZip(bytes: Uint8Array): ReadonlyMap<string, ZipMember> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOfDirectory(view);
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  if (view.getUint16(end + 4, true) !== 0 && view.getUint16(end + 4, true) !== 0xffff)
    throw new LabError({ problem: 'the archive is one of several volumes.', hint: 'join them first.' });
  if (count === 0xffff || start === 0xffffffff || view.getUint16(end + 4, true) === 0xffff) return zip64(view, end);
  return directory(view, start, count);
}

function directory(view: DataView, start: number, count: number): ReadonlyMap<string, ZipMember> {
  if (count > MAX_MEMBERS)
    throw new LabError({ problem: `an archive here has at most ${MAX_MEMBERS} members.`, received: `${count}` });
  const members = new Map<string, ZipMember>();
  let at = start;
  for (let n = 0; n < count; n++) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== CENTRAL) throw damaged('its directory is cut off');
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > view.byteLength) throw damaged('its directory is cut off');
    const name = text(view, at + 46, nameLength);
    const sizes = sizesOf(view, at, at + 46 + nameLength, extraLength);
    // A name that comes twice would be one thing for one reader and another for the next.
    if (members.has(name)) throw damaged(`it has two members called ${quote(name)}`);
    members.set(name, member(view, name, at, sizes));
    at = next;
  }
  return members;
}

interface Sizes {
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

/** Sizes and offset; those that do not fit into 32 bits stand in the ZIP64 extra field. */
function sizesOf(view: DataView, at: number, extra: number, extraLength: number): Sizes {
  const [packed, size, offset] = [at + 20, at + 24, at + 42].map((place) => view.getUint32(place, true));
  if (packed !== 0xffffffff && size !== 0xffffffff && offset !== 0xffffffff) return { packed, size, offset };
  for (let place = extra; place + 4 <= extra + extraLength; place += 4 + view.getUint16(place + 2, true)) {
    if (view.getUint16(place, true) !== 1) continue;
    const stop = Math.min(place + 4 + view.getUint16(place + 2, true), extra + extraLength);
    let from = place + 4;
    const long = (given: number) => {
      if (given !== 0xffffffff) return given;
      if (from + 8 > stop) throw damaged('its directory is cut off');
      from += 8;
      return Number(view.getBigUint64(from - 8, true));
    };
    // In this order: unpacked, packed, offset.
    const longSize = long(size);
    return { size: longSize, packed: long(packed), offset: long(offset) };
  }
  throw damaged('a size is missing in its directory');
}

function member(view: DataView, name: string, at: number, { packed, size, offset }: Sizes): ZipMember {
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const sum = view.getUint32(at + 16, true);
  const read = (limit = MAX_BYTES): Uint8Array => {
    if (flags & 1) throw new LabError({ path: name, problem: 'the archive is encrypted.', hint: 'unpack it first.' });
    if (method !== 0 && method !== 8) {
      throw new LabError({
        path: name,
        problem: 'members of an archive are stored or deflated.',
        received: `compression method ${method}`,
        hint: 'unpack it and pack it again as an ordinary ZIP.',
      });
    }
    if (size > limit)
      throw new LabError({ path: name, problem: `at most ${limit} bytes are read here.`, received: `${size}` });
    if (offset + 30 > view.byteLength || view.getUint32(offset, true) !== LOCAL)
      throw damaged(`${name} is not where the directory says`);
    const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
    if (start + packed > view.byteLength) throw damaged(`${name} is cut off`);
    if (method === 0 && packed !== size) throw damaged(`${name} is stored, and has two sizes`);
    if (size > packed * MAX_RATIO) throw damaged(`${name} claims to unpack to ${size} bytes from ${packed}`);
    const raw = new Uint8Array(view.buffer, view.byteOffset + start, packed);
    const data = method === 0 ? raw : inflated(raw, size, name);
    if (data.length !== size) throw damaged(`${name} has another size than the directory says`);
    // Node before 20.15 has no crc32; HDF5 and JSON are checked by their readers all the same.
    if (crc32 !== undefined && crc32(data) !== sum)
      throw damaged(`${name} has another checksum than the directory says`);
    return data;
  };
  return { name, size, read };
}

function inflated(raw: Uint8Array, size: number, name: string): Uint8Array {
  try {
    // One byte more, so that a longer stream is noticed and not cut.
    return inflateRawSync(raw, { maxOutputLength: size + 1 });
  } catch (error) {
    throw damaged(`${name} does not unpack (${(error as Error).message})`);
  }
}

/** The end record stands last, before a comment of at most 65,535 bytes. */
function endOfDirectory(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--) {
    if (view.getUint32(at, true) === END && at + 22 + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  throw damaged('its end is missing, as of a file that was not copied whole');
}

/** The ZIP64 end record, which a locator right before the ordinary one points to. */
function zip64(view: DataView, end: number): ReadonlyMap<string, ZipMember> {
  const locator = end - 20;
  if (locator < 0 || view.getUint32(locator, true) !== 0x07064b50) throw damaged('its ZIP64 directory is missing');
  const at = Number(view.getBigUint64(locator + 8, true));
  if (at + 56 > view.byteLength || view.getUint32(at, true) !== 0x06064b50)
    throw damaged('its ZIP64 directory is missing');
  return directory(view, Number(view.getBigUint64(at + 48, true)), Number(view.getBigUint64(at + 32, true)));
}

function text(view: DataView, from: number, length: number): string {
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + from, length));
}

function damaged(what: string): LabError {
  return new LabError({ problem: `the ZIP archive is damaged: ${what}.` });
}
