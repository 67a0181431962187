import type { OpenedFile } from '../opened.ts';
import type { TorchOptions } from './building.ts';
import { torchModel } from './plan.ts';
import { readTorch } from './read.ts';
import { readSafetensors } from './safetensors.ts';

/** A PyTorch file: `.safetensors`, or what torch.save wrote. Throws a LabError with the file and the place in it; nothing in the file is run. */
export function torchFile(bytes: Uint8Array, isSafetensors: boolean, options: TorchOptions, file: string): OpenedFile {
  return torchModel(isSafetensors ? readSafetensors(bytes, file) : readTorch(bytes, file), options);
}
