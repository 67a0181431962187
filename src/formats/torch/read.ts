import { LabError } from '../../math/lab-error.ts';
import { readArchive } from './archive.ts';
import type { TorchArrays } from './arrays.ts';
import { readLegacy } from './legacy.ts';
import { isTar, readTar } from './tar.ts';

/**
 * The arrays of what torch.save wrote, in any of its forms, by PyTorch's names: a state dict, a checkpoint with one in it, a whole module. Nothing in the file is
 * run. Throws a LabError with the place in the file.
 */
export function readTorch(bytes: Uint8Array, file: string): TorchArrays {
  try {
    if (bytes.length > 4 && bytes[0] === 0x50 && bytes[1] === 0x4b) return readArchive(bytes);
    return isTar(bytes) ? readTar(bytes) : readLegacy(bytes);
  } catch (error) {
    throw error instanceof LabError ? error.within({ file }) : error;
  }
}
