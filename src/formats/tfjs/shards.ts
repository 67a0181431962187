import { dirname, join } from 'node:path';
import { LabError, quote } from '../../math/lab-error.ts';
import { readBounded } from '../read-file.ts';
import type { ManifestGroup } from './manifest.ts';

/** As many bytes as all weights of a model may have here. */
const MAX_BYTES = 2 ** 31;

const NO_SHARD = {
  problem: 'the model’s weights are in this file, and it is not there.',
  hint: 'a TensorFlow.js model is model.json and every file that its weightsManifest names: copy them all into one folder.',
};

/** The bytes of a group: its files, which lie beside model.json, one after the other. An array may begin in one and end in the next. */
export function readShards({ paths }: ManifestGroup, file: string): Uint8Array {
  const folder = dirname(file);
  let left = MAX_BYTES;
  const parts = paths.map((path) => {
    refuseElsewhere(path);
    const bytes = readBounded(join(folder, path), left, NO_SHARD);
    left -= bytes.length;
    return bytes;
  });
  return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}

/** A model names files of its own folder, and no others on this machine or elsewhere. */
function refuseElsewhere(path: string): void {
  const steps = path.split('/');
  const isElsewhere =
    path === '' || path.includes('\\') || path.includes('\0') || /^[a-z]+:/i.test(path) || path.startsWith('/');
  if (!isElsewhere && !steps.includes('..')) return;
  throw new LabError({
    path: 'weightsManifest.paths',
    problem: 'weights are in files beside model.json, named by a relative path without "..".',
    received: quote(path),
    hint: /^https?:/i.test(path) ? 'download the files, and write their names into weightsManifest.' : undefined,
  });
}
