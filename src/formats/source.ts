import { LabError } from '../math/lab-error.ts';

/** The bytes of a file, or of a part of one, that are read by ranges: in memory, or still on disk. */
export interface Source {
  readonly size: number;
  /** `length` bytes from `from` on. Nobody writes into them: they may be the file's own. Throws a LabError where the file does not have them. */
  read(from: number, length: number): Uint8Array;
}

export function inMemory(bytes: Uint8Array): Source {
  return {
    size: bytes.length,
    read(from, length) {
      refuseOutside(from, length, bytes.length);
      return bytes.subarray(from, from + length);
    },
  };
}

/** A part of a source, as a source of its own. */
export function partOf(source: Source, start: number, size: number): Source {
  refuseOutside(start, size, source.size);
  return {
    size,
    read(from, length) {
      refuseOutside(from, length, size);
      return source.read(start + from, length);
    },
  };
}

/** All of it. */
export function everything(source: Source): Uint8Array {
  return source.read(0, source.size);
}

/** What a file claims is not believed: not even that a number is whole. */
export function refuseOutside(from: number, length: number, size: number): void {
  if (Number.isSafeInteger(from) && Number.isSafeInteger(length) && from >= 0 && length >= 0 && from + length <= size)
    return;
  throw new LabError({
    problem: 'the file is cut off or damaged: it refers to bytes that it does not have.',
    received: `${length} bytes at ${from} of ${size}`,
  });
}
