import { LabError } from '../math/lab-error.ts';

/** The bytes of a file, or of a part of one, that are read by ranges: in memory, or still on disk. */
export interface Source {
  readonly size: number;
  /** Whether what is not read takes no memory, and can be read later. */
  readonly isOnDisk: boolean;
  /** `length` bytes from `from` on. Nobody writes into them: they may be the file's own. Throws a LabError where the file does not have them. */
  read(from: number, length: number): Uint8Array;
}

export function inMemory(bytes: Uint8Array): Source {
  return {
    size: bytes.length,
    isOnDisk: false,
    read(from, length) {
      refuseOutside(from, length, bytes.length);
      return bytes.subarray(from, from + length);
    },
  };
}

export function sourceOf(given: Source | Uint8Array): Source {
  return given instanceof Uint8Array ? inMemory(given) : given;
}

/** A part of a source, as a source of its own. */
export function partOf(source: Source, start: number, size: number): Source {
  refuseOutside(start, size, source.size);
  return {
    size,
    isOnDisk: source.isOnDisk,
    read(from, length) {
      refuseOutside(from, length, size);
      return source.read(start + from, length);
    },
  };
}

/** As much as Node holds as one buffer. */
const MAX_BYTES = 2 ** 32;

/** All of it, in memory. */
export function everything(source: Source): Uint8Array {
  if (source.size > MAX_BYTES)
    throw new LabError({
      problem: `at most ${MAX_BYTES / 2 ** 30} GB are read into memory.`,
      received: `${source.size} bytes`,
      hint: 'is it the right file?',
    });
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
