import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TorchArrays } from '../../../src/formats/torch/arrays.ts';
import { readTorch } from '../../../src/formats/torch/read.ts';
import { readSafetensors } from '../../../src/formats/torch/safetensors.ts';
import type { Case } from '../../golden/keras-model.ts';

export const FIXTURES = 'test/fixtures/torch';

export interface TorchCase extends Case {
  readonly files: readonly string[];
  readonly initial_state?: Case['inputs'];
}

export function readCase(name: string): TorchCase {
  return JSON.parse(readFileSync(join(FIXTURES, name, 'case.json'), 'utf8'));
}

/** The arrays of a fixture's file. */
export function arraysOf(name: string, file: string): TorchArrays {
  const path = join(FIXTURES, name, file);
  const bytes = readFileSync(path);
  return file.endsWith('.safetensors') ? readSafetensors(bytes, path) : readTorch(bytes, path);
}
