import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { inputInitialState } from '../../src/formats/input/initial-state.ts';
import { readInput } from '../../src/formats/input.ts';
import { openModel } from '../../src/formats/open.ts';
import type { Tensor } from '../../src/math/tensor.ts';
import type { Model } from '../../src/model/graph.ts';
import { differingSteps, distance, landsOnJump, overflows, TOLERANCE } from './recordings.ts';

/* Every model file of the fixtures, of every format and version: what simd computes is what the reference engine computes, and every step is what its equations say. */

const FOLDER = 'test/fixtures';
/** One file of each model: the others hold the same numbers in other layouts. */
const NAMES = ['model.keras', 'preset.json', 'model.onnx', 'model.json', 'model.safetensors', 'model.pt', 'model.h5'];
/** Weights in other shapes than their model's; the arrays of keras3 lie beside the model, for simd.test.ts. */
const NOT_MODELS = ['torch/hostile-pickle', 'keras3'];

const folders = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((folder) => !NOT_MODELS.some((name) => folder.startsWith(join(FOLDER, name))));
const files = [
  ...folders.flatMap((folder) => {
    const found = NAMES.map((name) => join(folder, name)).find(existsSync);
    return found ? [found] : [];
  }),
  ...readdirSync(join(FOLDER, 'keras-text'))
    .filter((name) => name.endsWith('.keras'))
    .map((name) => join(FOLDER, 'keras-text', name)),
];

/** Its own input, where there is one beside it that fits. */
function batchesFor(file: string, model: Model, made: readonly (readonly Tensor[])[]) {
  const own = join(dirname(file), 'case.json');
  const kept = existsSync(own) ? Object.keys(JSON.parse(readFileSync(own, 'utf8'))) : [];
  if (!kept.includes('inputs') && !kept.includes('runs')) return { batches: made, initialStates: [] };
  return { batches: readInput(own, model), initialStates: inputInitialState(own, model) };
}

describe('the simd engine agrees with the reference to float32', () => {
  it('on more than a hundred models', () => {
    expect(files.length).toBeGreaterThan(100);
  });

  it.each(files)('%s', async (file) => {
    const { model, batches: made } = await openModel(file);
    const { batches, initialStates } = batchesFor(file, model, made);
    const reference = await record(model, batches, 'reference', { initialStates });
    expect({ overflows: overflows(reference), onJump: landsOnJump(reference) }).toEqual({
      overflows: false,
      onJump: false,
    });
    const simd = await record(model, batches, 'simd', { initialStates });
    const { worst, where } = distance(reference, simd);
    expect(worst, where).toBeLessThanOrEqual(TOLERANCE);
    expect(differingSteps(simd)).toEqual([]);
  });
});
