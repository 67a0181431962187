import zlib from 'node:zlib';
import { LabError, quote } from '../math/lab-error.ts';
import { inMemory, partOf, type Source, sourceOf } from './source.ts';
import { damaged } from './zip/damaged.ts';
import { directory, type Place } from './zip/directory.ts';

/** What an archive's members may become together: four times the archive, and some. */
const ALLOWANCE = 2 ** 28;
/** Deflate packs at most 1032 to 1. */
const MAX_RATIO = 1_032;

/** As large as a member is read whole at least, and checked: what takes a few milliseconds. */
const SMALL = 2 ** 22;

const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;

export interface ZipMember {
  readonly name: string;
  /** Unpacked, as the directory says; the reading holds it to that. */
  readonly size: number;
  /** Its bytes, at most `limit`: a view of the archive where that is in memory and the member stored. Checked against its checksum. */
  read(limit?: number): Uint8Array;
  /**
   * Its bytes to be read by ranges: of the archive where the member is stored and large, else in memory. A checksum is over all bytes, so that it is
   * checked where all are read at once, and not where a large member's are read by ranges: that would be to read what need not be read.
   */
  source(): Source;
}

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5) && bytes[3] === bytes[2] + 1;
}

/**
 * The members of a ZIP archive by name, by its central directory (APPNOTE.TXT 4.3, 4.5.3 for ZIP64). Nothing else is read before it is asked for, never
 * more than the directory says, and all that is unpacked is at most a few times the archive. Throws a LabError for archives that are cut off, encrypted or in several volumes.
 */
export function openZip(archive: Source | Uint8Array): ReadonlyMap<string, ZipMember> {
  const source = sourceOf(archive);
  const allowance = { left: 4 * source.size + ALLOWANCE };
  const members = new Map<string, ZipMember>();
  for (const place of directory(source)) {
    // A name that comes twice would be one thing for one reader and another for the next.
    if (members.has(place.name)) throw damaged(`it has two members called ${quote(place.name)}`);
    members.set(place.name, member(source, place, allowance));
  }
  return members;
}

function member(archive: Source, place: Place, allowance: { left: number }): ZipMember {
  const { name, size } = place;
  const read = (limit = Number.POSITIVE_INFINITY) => {
    if (size > limit)
      throw new LabError({ path: name, problem: `at most ${limit} bytes are read here.`, received: `${size}` });
    const packed = packedPart(archive, place);
    if (place.method === 0) return checked(packed.read(0, size), place);
    if (size > packed.size * MAX_RATIO) throw damaged(`${name} claims to unpack to ${size} bytes from ${packed.size}`);
    allowance.left -= size;
    if (allowance.left < 0)
      throw new LabError({ path: name, problem: 'the archive would become many times its size when unpacked.' });
    return checked(inflated(packed.read(0, packed.size), place), place);
  };
  const source = () => {
    if (place.method !== 0 || size <= SMALL || !archive.isOnDisk) return inMemory(read());
    const stored = packedPart(archive, place);
    return {
      ...stored,
      read: (from: number, length: number) => (length === size ? read() : stored.read(from, length)),
    };
  };
  return { name, size, read, source };
}

/** Where a member's bytes lie, after its own header. */
function packedPart(archive: Source, { name, method, isEncrypted, header, packed, size }: Place): Source {
  if (isEncrypted) throw new LabError({ path: name, problem: 'the archive is encrypted.', hint: 'unpack it first.' });
  if (method !== 0 && method !== 8) {
    throw new LabError({
      path: name,
      problem: 'members of an archive are stored or deflated.',
      received: `compression method ${method}`,
      hint: 'unpack it and pack it again as an ordinary ZIP.',
    });
  }
  if (header + LOCAL_BYTES > archive.size) throw damaged(`${name} is not where the directory says`);
  const own = Buffer.from(archive.read(header, LOCAL_BYTES));
  if (own.readUInt32LE(0) !== LOCAL) throw damaged(`${name} is not where the directory says`);
  const start = header + LOCAL_BYTES + own.readUInt16LE(26) + own.readUInt16LE(28);
  if (start + packed > archive.size) throw damaged(`${name} is cut off`);
  if (method === 0 && packed !== size) throw damaged(`${name} is stored, and has two sizes`);
  return partOf(archive, start, packed);
}

function inflated(packed: Uint8Array, { name, size }: Place): Uint8Array {
  try {
    // One byte more, so that a longer stream is noticed and not cut.
    const out = zlib.inflateRawSync(packed, { maxOutputLength: size + 1 });
    if (out.length === size) return new Uint8Array(out.buffer, out.byteOffset, out.length);
  } catch (error) {
    throw damaged(`${name} does not unpack (${(error as Error).message})`);
  }
  throw damaged(`${name} has another size than the directory says`);
}

/** PyTorch can be told to write no checksums (torch.serialization.set_crc32_options): they are zero then. Node before 20.15 has no crc32, which an import by its name would fail for. */
function checked(data: Uint8Array, { name, sum }: Place): Uint8Array {
  if (sum !== 0 && zlib.crc32 !== undefined && zlib.crc32(data) !== sum)
    throw damaged(`${name} has another checksum than the directory says`);
  return data;
}
