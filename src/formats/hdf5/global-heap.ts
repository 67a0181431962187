import { LabError } from '../../math/lab-error.ts';

/** Index (2 bytes), references (2), reserved (4) and size before each object. */
const OBJECT_HEADER = 8;

/**
 * Refuses global heaps (where HDF5 keeps texts) in which a free object has no length: HDF5's own library would go over it for ever. Source: HDF5 file
 * format specification, III.E, and H5HG__cache_heap_deserialize.
 */
export function refuseEndlessHeaps(bytes: Uint8Array): void {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lengthBytes = file[8] < 2 ? file[14] : file[10];
  if (lengthBytes !== 8 && lengthBytes !== 4) return;
  const length = (at: number) => (lengthBytes === 8 ? Number(file.readBigUInt64LE(at)) : file.readUInt32LE(at));
  const header = OBJECT_HEADER + lengthBytes;
  for (let start = file.indexOf('GCOL'); start >= 0; start = file.indexOf('GCOL', start + 4)) {
    if (file[start + 4] !== 1 || start + header > file.length) continue;
    const end = Math.min(start + length(start + 8), file.length);
    for (let at = start + header; at + header <= end; ) {
      const size = length(at + OBJECT_HEADER);
      const step = file.readUInt16LE(at) === 0 ? size : header + Math.ceil(size / 8) * 8;
      if (step < header)
        throw new LabError({ problem: 'the HDF5 file is damaged: its texts cannot be read.', path: `byte ${at}` });
      at += step;
    }
  }
}
