import { inflateRawSync } from 'node:zlib';
import { LabError, quote } from '../../math/lab-error.ts';

/** A file inside a zip archive, not read yet. */
interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly header: number;
}

export interface ZipArchive {
  readonly names: readonly string[];
  /** The bytes of an entry: a view of the archive where it is stored without compression. Undefined where there is none of this name. */
  read(name: string): Uint8Array | undefined;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const END_64_LOCATOR = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

const MAX_ENTRIES = 100_000;

/** What an archive's compressed entries may become together: four times the file, and some. */
const ALLOWANCE = 2 ** 28;

/**
 * Opens a zip archive held in memory (APPNOTE.TXT 4.3, 4.5.3 for zip64). Nothing is inflated before it is asked for, and never more than the
 * archive's directory says, nor more than a few times the file. Beside ../zip.ts because PyTorch can be told to write no checksums
 * (torch.serialization.set_crc32_options), which that one would take for damage, and because all entries together are held to a size here.
 */
export function openZip(bytes: Uint8Array): ZipArchive {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<string, ZipEntry>();
  for (const entry of directory(view, bytes)) {
    if (!entries.has(entry.name)) entries.set(entry.name, entry);
  }
  let left = 4 * bytes.length + ALLOWANCE;
  return {
    names: [...entries.keys()],
    read(name) {
      const entry = entries.get(name);
      if (!entry) return undefined;
      const packed = packedBytes(view, bytes, entry);
      if (entry.method === 0) return packed;
      left -= entry.size;
      if (left < 0)
        throw new LabError({ path: name, problem: 'the archive would become many times its size when unpacked.' });
      return inflate(packed, entry);
    },
  };
}

function directory(view: DataView, bytes: Uint8Array): ZipEntry[] {
  let { count, at } = endRecord(view);
  if (count > MAX_ENTRIES)
    throw new LabError({ problem: `an archive has at most ${MAX_ENTRIES} entries.`, received: `${count}` });
  const entries: ZipEntry[] = [];
  for (; count > 0; count--) {
    if (at < 0 || at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL)
      throw damaged('its directory is cut off');
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > bytes.length) throw damaged('its directory is cut off');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const wide = zip64Fields(view, at + 46 + nameLength, extraLength);
    const field = (offset: number) => {
      const value = view.getUint32(offset, true);
      return value === 0xffffffff ? (wide.shift() ?? value) : value;
    };
    // The wide fields come in this order.
    const size = field(at + 24);
    const packed = field(at + 20);
    const header = field(at + 42);
    if (view.getUint16(at + 8, true) & 1)
      throw new LabError({ path: name, problem: 'the archive is encrypted, and the lab cannot open it.' });
    entries.push({ name, method: view.getUint16(at + 10, true), size, packed, header });
    at = next;
  }
  return entries;
}

/** How many entries there are and where the directory begins. */
function endRecord(view: DataView): { count: number; at: number } {
  const last = view.byteLength - 22;
  for (let end = last; end >= Math.max(0, last - 65_535); end--) {
    if (view.getUint32(end, true) !== END) continue;
    const count = view.getUint16(end + 10, true);
    const at = view.getUint32(end + 16, true);
    if (count !== 0xffff && at !== 0xffffffff) return { count, at };
    const locator = end - 20;
    if (locator < 0 || view.getUint32(locator, true) !== END_64_LOCATOR) return { count, at };
    const record = Number(view.getBigUint64(locator + 8, true));
    if (record + 56 > view.byteLength || view.getUint32(record, true) !== END_64) throw damaged('its end is not there');
    return {
      count: Number(view.getBigUint64(record + 32, true)),
      at: Number(view.getBigUint64(record + 48, true)),
    };
  }
  throw damaged('its end is not there');
}

/** The numbers of 64 bits of an entry: the extra field 0x0001. */
function zip64Fields(view: DataView, start: number, length: number): number[] {
  for (let at = start; at + 4 <= start + length; ) {
    const size = view.getUint16(at + 2, true);
    const end = Math.min(at + 4 + size, start + length);
    if (view.getUint16(at, true) === 1) {
      const fields: number[] = [];
      for (let field = at + 4; field + 8 <= end && fields.length < 3; field += 8)
        fields.push(Number(view.getBigUint64(field, true)));
      return fields;
    }
    at = end;
  }
  return [];
}

function packedBytes(view: DataView, bytes: Uint8Array, { name, header, packed, size, method }: ZipEntry): Uint8Array {
  if (header + 30 > bytes.length || view.getUint32(header, true) !== LOCAL)
    throw damaged(`the entry ${quote(name)} is not where its directory says`);
  const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
  if (start + packed > bytes.length || (method === 0 && packed !== size))
    throw damaged(`the entry ${quote(name)} is cut off`);
  return bytes.subarray(start, start + packed);
}

function inflate(packed: Uint8Array, { name, method, size }: ZipEntry): Uint8Array {
  if (method !== 8)
    throw new LabError({
      path: name,
      problem: 'the entry is compressed in a way the lab does not know.',
      received: `method ${method}`,
    });
  // Deflate makes at most 1032 bytes of one.
  if (size > 1_032 * packed.length + 64) throw damaged(`the entry ${quote(name)} claims a size it cannot have`);
  try {
    const out = inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
    if (out.length === size) return new Uint8Array(out.buffer, out.byteOffset, out.length);
  } catch {
    // Said below.
  }
  throw damaged(`the entry ${quote(name)} cannot be unpacked to the ${size} bytes it claims`);
}

function damaged(what: string): LabError {
  return new LabError({ problem: `the zip archive is damaged: ${what}.`, hint: 'copy or download the file again.' });
}
