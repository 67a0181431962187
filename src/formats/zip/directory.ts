import { LabError } from '../../math/lab-error.ts';
import type { Source } from '../source.ts';
import { damaged } from './damaged.ts';

/** What the directory says of a member. */
export interface Place {
  readonly name: string;
  readonly isEncrypted: boolean;
  readonly method: number;
  readonly sum: number;
  readonly packed: number;
  readonly size: number;
  /** Where its own header begins. */
  readonly header: number;
}

const MAX_MEMBERS = 100_000;
/** So long a directory of so many members is none. */
const MAX_DIRECTORY = 2 ** 26;

const END = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT = 0xffff;
const END_64 = 0x06064b50;
const END_64_BYTES = 56;
const LOCATOR_64 = 0x07064b50;
const LOCATOR_BYTES = 20;
const CENTRAL = 0x02014b50;
const CENTRAL_BYTES = 46;
/** A length of 32 bits that says: it stands in the ZIP64 field. */
const ELSEWHERE = 0xffffffff;

/** The members that an archive's central directory lists. */
export function directory(archive: Source): Place[] {
  const { count, start, length } = endRecord(archive);
  if (count > MAX_MEMBERS)
    throw new LabError({ problem: `an archive here has at most ${MAX_MEMBERS} members.`, received: `${count}` });
  if (length > MAX_DIRECTORY || start + length > archive.size) throw damaged('its directory is cut off');
  const bytes = Buffer.from(archive.read(start, length));
  const places: Place[] = [];
  let at = 0;
  for (let n = 0; n < count; n++) {
    if (at + CENTRAL_BYTES > length || bytes.readUInt32LE(at) !== CENTRAL) throw damaged('its directory is cut off');
    const extra = at + CENTRAL_BYTES + bytes.readUInt16LE(at + 28);
    const comment = extra + bytes.readUInt16LE(at + 30);
    const next = comment + bytes.readUInt16LE(at + 32);
    if (next > length) throw damaged('its directory is cut off');
    places.push({
      name: bytes.toString('utf8', at + CENTRAL_BYTES, extra),
      isEncrypted: (bytes.readUInt16LE(at + 8) & 1) === 1,
      method: bytes.readUInt16LE(at + 10),
      sum: bytes.readUInt32LE(at + 16),
      ...lengths(bytes, at, bytes.subarray(extra, comment)),
    });
    at = next;
  }
  return places;
}

/** Sizes and place of a member; those that do not fit into 32 bits stand in the ZIP64 field, in this order: unpacked, packed, place. */
function lengths(bytes: Buffer, at: number, extra: Buffer): Pick<Place, 'size' | 'packed' | 'header'> {
  const long = zip64Numbers(extra);
  const [size, packed, header] = [24, 20, 42].map((offset) => {
    const given = bytes.readUInt32LE(at + offset);
    const number = given === ELSEWHERE ? long.shift() : given;
    if (number === undefined) throw damaged('a size is missing in its directory');
    return number;
  });
  return { size, packed, header };
}

/** The numbers of the extra field 0x0001. */
function zip64Numbers(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    return Array.from({ length: Math.min(3, Math.floor(field.length / 8)) }, (_, n) => long(field, 8 * n));
  }
  return [];
}

/** How many members there are, and where the directory is. The end record stands last, before a comment. */
function endRecord(archive: Source): { count: number; start: number; length: number } {
  const tailBytes = Math.min(archive.size, LOCATOR_BYTES + END_BYTES + MAX_COMMENT);
  const tail = Buffer.from(archive.read(archive.size - tailBytes, tailBytes));
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END || at + END_BYTES + tail.readUInt16LE(at + 20) !== tail.length) continue;
    const volume = tail.readUInt16LE(at + 4);
    if (volume !== 0 && volume !== 0xffff)
      throw new LabError({ problem: 'the archive is one of several volumes.', hint: 'join them first.' });
    const end = {
      count: tail.readUInt16LE(at + 10),
      start: tail.readUInt32LE(at + 16),
      length: tail.readUInt32LE(at + 12),
    };
    const isLong = volume === 0xffff || end.count === 0xffff || end.start === ELSEWHERE || end.length === ELSEWHERE;
    return isLong ? zip64End(archive, tail.subarray(Math.max(0, at - LOCATOR_BYTES), at)) : end;
  }
  throw damaged('its end is missing, as of a file that was not copied whole');
}

/** The ZIP64 end record, which a locator right before the ordinary one points to. */
function zip64End(archive: Source, locator: Buffer): { count: number; start: number; length: number } {
  if (locator.length < LOCATOR_BYTES || locator.readUInt32LE(0) !== LOCATOR_64)
    throw damaged('its ZIP64 directory is missing');
  const at = long(locator, 8);
  if (at + END_64_BYTES > archive.size) throw damaged('its ZIP64 directory is missing');
  const end = Buffer.from(archive.read(at, END_64_BYTES));
  if (end.readUInt32LE(0) !== END_64) throw damaged('its ZIP64 directory is missing');
  return { count: long(end, 32), start: long(end, 48), length: long(end, 40) };
}

function long(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}
