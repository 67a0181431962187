import { LabError } from '../../math/lab-error.ts';
import { withHdf5 } from '../hdf5/open.ts';
import { holdsHdf5, isHdf5, LONGEST_BLOCK } from '../hdf5/signature.ts';
import type { OpenedFile } from '../opened.ts';
import { everything, type Source, sourceOf } from '../source.ts';
import { isZip } from '../zip.ts';
import { openArchive } from './archive.ts';
import { openH5 } from './h5.ts';
import type { KerasOptions } from './options.ts';
import { openConfig } from './text.ts';

/**
 * Opens what any version of Keras saved: `.keras`, a whole model or arrays alone as `.h5`, a configuration as JSON or (Keras 1) YAML. Told apart by
 * content. Throws a LabError with the file and the place in it; nothing that the file holds is run.
 */
export async function kerasFile(
  given: Source | Uint8Array,
  file: string,
  options: KerasOptions = {},
): Promise<OpenedFile> {
  try {
    const source = sourceOf(given);
    const head = source.read(0, Math.min(source.size, 8));
    if (isZip(head)) return await openArchive(source, file, options);
    if (isHdf5(head) || holdsHdf5(source.read(0, Math.min(source.size, LONGEST_BLOCK))))
      return await withHdf5(source, (h5) => openH5(h5, file, options));
    return await openConfig(everything(source), file, options);
  } catch (error) {
    if (error instanceof LabError) throw error.within({ file });
    // Too deep for the stack, or too long for a list: what no honest file is.
    if (error instanceof RangeError)
      throw new LabError({ file, problem: 'the file is too large or too deep for the lab.', received: error.message });
    throw error;
  }
}
