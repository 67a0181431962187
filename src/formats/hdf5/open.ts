import { everything, type Source } from '../source.ts';
import type { Hdf5File } from './file.ts';
import { plainHdf5 } from './plain.ts';

/**
 * Opens an HDF5 file while `work` runs. The layout that Keras writes is read here, by ranges; for every other one HDF5's own library is loaded, and the
 * file read into memory. What is wrong with it becomes a LabError.
 */
export async function withHdf5<T>(source: Source, work: (file: Hdf5File) => T | Promise<T>): Promise<T> {
  const plain = plainHdf5(source);
  if (plain !== null) return work(plain);
  const { withLibrary } = await import('./library.ts');
  return withLibrary(everything(source), work);
}
