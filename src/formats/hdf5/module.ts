import type { Module } from 'h5wasm';
import { LabError } from '../../math/lab-error.ts';

export type H5 = typeof Module;

let started: Promise<H5> | undefined;

/** HDF5's own library, compiled to WebAssembly; loaded with the first file that needs it. Its files live in memory: it sees none of the computer's. */
export function hdf5Module(): Promise<H5> {
  started ??= import('h5wasm').then(({ ready }) => ready).then(silenced);
  return started;
}

/** The library writes what it meets in a damaged file to standard error, many lines of it; here its messages become errors. */
function silenced(h5: H5): H5 {
  const STDERR = 2;
  const files = h5.FS as unknown as {
    close(stream: unknown): void;
    open(path: string, flags: string): { fd: number };
    getStream(fd: number): unknown;
  };
  files.close(files.getStream(STDERR));
  if (files.open('/dev/null', 'w').fd !== STDERR) throw new Error('h5wasm: its standard error cannot be redirected');
  return h5;
}

/** Whatever the library throws or traps on becomes a LabError: the file is to blame. */
export function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof LabError) throw error;
    throw new LabError({
      path,
      problem: 'the HDF5 file is damaged here, or has what the lab does not read.',
      received: error instanceof Error ? error.message : String(error),
    });
  }
}
