import { existsSync, opendirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LabError } from '../../math/lab-error.ts';
import { directoryError } from '../read-file.ts';

/** A folder is looked through this deep below itself, and no more of its entries than these: somebody may name their home. */
const LEVELS = 2;
const MOST_ENTRIES = 1_000;

/** As many models as a hint names. */
const MOST_NAMED = 3;

const SAVED_MODEL = /^(saved_model|keras_metadata)\.pb$/;
const MODEL = /(^model\.json|^pytorch_model\.bin|\.(keras|h5|hdf5|safetensors|pt|pth|onnx))$/i;

/** Why a folder is not opened, and which of its files is what was meant. */
export function folderError(folder: string): LabError {
  const has = (name: string) => existsSync(join(folder, name));
  if (has('saved_model.pb') || has('keras_metadata.pb')) {
    return new LabError({
      file: folder,
      problem: 'this is a TensorFlow SavedModel, whose layers are compiled into a graph of operations.',
      hint: 'load it in Python with tf.keras.models.load_model and save it as .keras or .h5.',
    });
  }
  if (has('Manifest.json') && has('Data')) {
    return new LabError({
      file: folder,
      problem: 'this is a CoreML model, which the lab does not open.',
      hint: 'open the model that it was converted from.',
    });
  }
  const hint = hintOf(modelsIn(folder));
  return hint === undefined ? directoryError(folder) : new LabError({ ...directoryError(folder).fields, hint });
}

function hintOf(found: readonly string[]): string | undefined {
  const opened = found.filter((file) => !SAVED_MODEL.test(basename(file)));
  if (opened.length > 0) {
    const more = opened.length > MOST_NAMED ? `, or one of ${opened.length - MOST_NAMED} more` : '';
    return `open ${opened.slice(0, MOST_NAMED).join(', or ')}${more}.`;
  }
  return found.length === 0
    ? undefined
    : `${found[0]} is a TensorFlow SavedModel: load its folder in Python with tf.keras.models.load_model and save it as .keras or .h5.`;
}

/** Files that may be models, those nearest to the folder first. */
function modelsIn(folder: string): string[] {
  const found: string[] = [];
  let level = [folder];
  let left = MOST_ENTRIES;
  for (let depth = 0; depth <= LEVELS && left > 0; depth++) {
    const below: string[] = [];
    const files: string[] = [];
    for (const inside of level) left = lookInto(inside, left, files, below);
    found.push(...files.sort((a, b) => a.localeCompare(b)));
    level = below;
  }
  return found;
}

/** How many entries may still be looked at after these. What may not be read has none. */
function lookInto(folder: string, most: number, files: string[], below: string[]): number {
  let left = most;
  try {
    const entries = opendirSync(folder);
    try {
      for (let entry = entries.readSync(); entry !== null && left > 0; entry = entries.readSync()) {
        left--;
        const path = join(folder, entry.name);
        if (entry.isDirectory()) below.push(path);
        else if (MODEL.test(entry.name) || SAVED_MODEL.test(entry.name)) files.push(path);
      }
    } finally {
      entries.closeSync();
    }
  } catch {
    // A folder of somebody else's.
  }
  return left;
}
