import { LabError } from '../../math/lab-error.ts';

/** Index (2 bytes), references (2), reserved (4) and size before each object of a global heap. */
const OBJECT_HEADER = 8;
/** Signature, version, reserved; lengths and addresses follow. */
const PREFIX = 8;
/** What the last free block of a local heap has for the next. */
const NO_BLOCK = 1;

/**
 * Refuses files in which HDF5's own library would go round for ever, or until memory ends: it follows what is here without looking whether it has been there.
 * Where there is none of this, its signature may still stand among numbers: only what goes in a circle is refused. Source: HDF5 file format specification 3.0,
 * III.A, D, E; H5HG__cache_heap_deserialize, H5HL__fl_deserialize, H5B__iterate_helper.
 */
export function refuseEndless(bytes: Uint8Array): void {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lengthBytes = file[8] < 2 ? file[14] : file[10];
  if (lengthBytes !== 8 && lengthBytes !== 4) return;
  const length = (at: number) => (lengthBytes === 8 ? Number(file.readBigUInt64LE(at)) : file.readUInt32LE(at));
  refuseGlobalHeaps(file, lengthBytes, length);
  refuseLocalHeaps(file, lengthBytes, length);
  refuseTrees(file, lengthBytes, length);
}

type Length = (at: number) => number;

/** Texts: a free object without a length. */
function refuseGlobalHeaps(file: Buffer, lengthBytes: number, length: Length): void {
  const header = OBJECT_HEADER + lengthBytes;
  for (const start of found(file, 'GCOL', header)) {
    if (file[start + 4] !== 1) continue;
    const end = Math.min(start + length(start + PREFIX), file.length);
    for (let at = start + header; at + header <= end; ) {
      const size = length(at + OBJECT_HEADER);
      const step = file.readUInt16LE(at) === 0 ? size : header + Math.ceil(size / 8) * 8;
      if (step < header) throw endless('its texts cannot be read', at);
      at += step;
    }
  }
}

/** Names of groups: free blocks that lead back to each other. No two heaps share bytes, so all together have no more blocks than fit into the file. */
function refuseLocalHeaps(file: Buffer, lengthBytes: number, length: Length): void {
  let left = file.length / (2 * lengthBytes);
  for (const start of found(file, 'HEAP', PREFIX + 3 * lengthBytes)) {
    const [size, free, data] = [0, 1, 2].map((n) => length(start + PREFIX + n * lengthBytes));
    // The library reads a heap whole first: one that is not there it does not follow.
    if (data + size > file.length) continue;
    for (let block = free; block !== NO_BLOCK && block + 2 * lengthBytes <= size; block = length(data + block)) {
      if (left-- < 0) throw endless('the names of its groups cannot be read', start);
    }
  }
}

/** Groups: a node of a tree above whose children stands no lower. */
function refuseTrees(file: Buffer, lengthBytes: number, length: Length): void {
  const header = PREFIX + 2 * lengthBytes;
  for (const start of found(file, 'TREE', header)) {
    const [kind, level, count] = [file[start + 4], file[start + 5], file.readUInt16LE(start + 6)];
    if (kind !== 0 || level === 0) continue;
    for (let n = 0; n < count; n++) {
      const place = start + header + (2 * n + 1) * lengthBytes;
      const child = place + lengthBytes <= file.length ? length(place) : file.length;
      if (child + 6 > file.length || file.toString('latin1', child, child + 4) !== 'TREE') continue;
      if (file[child + 5] !== level - 1) throw endless('its groups cannot be read', start);
    }
  }
}

/** Where a signature stands with at least `room` bytes from there on. */
function* found(file: Buffer, signature: string, room: number): Generator<number> {
  for (let at = file.indexOf(signature); at >= 0 && at + room <= file.length; at = file.indexOf(signature, at + 4))
    yield at;
}

function endless(what: string, at: number): LabError {
  return new LabError({ problem: `the HDF5 file is damaged: ${what}.`, path: `byte ${at}` });
}
