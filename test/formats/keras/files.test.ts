import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { record } from '../../../src/engines/record.ts';
import { kerasFile } from '../../../src/formats/keras/open.ts';
import { kerasArchive } from '../../../src/formats/keras/write/archive.ts';
import { kerasH5 } from '../../../src/formats/keras/write/h5.ts';
import { buildModel } from '../../../src/model/build.ts';
import { batchesOf, expectCase } from '../../golden/compare.ts';
import type { Case } from '../../golden/keras-model.ts';

/*
 * Files as Keras 1.2.2, 2.0.9, 2.2.4, 2.3.1, tf-keras 2.21 and Keras 3.15 wrote them, with what those versions computed (case.json). Keras has no
 * layer that picks a timestep, so that slice-last is read and not written; nor are constants among the inputs of layers.
 */

const FOLDER = 'test/fixtures/keras-files';
const folders = readdirSync(FOLDER);
const isModel = (name: string) => /\.(keras|h5)$/.test(name);
const files = folders.flatMap((folder) =>
  readdirSync(`${FOLDER}/${folder}`)
    .filter(isModel)
    .map((name) => `${folder}/${name}`),
);

function caseOf(file: string): Case {
  return JSON.parse(readFileSync(`${FOLDER}/${file.split('/')[0]}/case.json`, 'utf8'));
}

async function open(file: string) {
  const weightsOnly = /weights\.h5$/.test(file);
  const config = weightsOnly
    ? JSON.parse(readFileSync(`${FOLDER}/${file.split('/')[0]}/model.json`, 'utf8'))
    : undefined;
  return kerasFile(readFileSync(`${FOLDER}/${file}`), file, { config });
}

describe.each(['kernel', 'reference'] as const)(
  'from the file, the %s engine computes what the Keras that wrote it computed',
  (engine) => {
    it.each(files)('%s', async (file) => {
      const expected = caseOf(file);
      const model = buildModel((await open(file)).plan);
      expectCase(await record(model, batchesOf(expected), engine), expected);
    });
  },
);

describe('operations on masks that Keras 3 lists among the layers', () => {
  it.each(['model.keras', 'model.h5'])('leave nothing out (%s)', async (name) => {
    const model = buildModel((await open(`keras3-bidirectional-unmerged-masked/${name}`)).plan);
    expect(model.incomplete).toEqual([]);
    expect(model.calls.map(({ layer }) => layer.kind)).toEqual(
      expect.arrayContaining(['embedding', 'lstm', 'bidirectional', 'merge', 'gru']),
    );
  });
});

describe('what the lab writes computes the same when it is opened again', () => {
  const once = files.filter((file) => /model\.(keras|h5)$/.test(file) && !/slice-last|constants/.test(file));
  it.each(once)('%s as .h5', async (file) => {
    const expected = caseOf(file);
    const bytes = await kerasH5(buildModel((await open(file)).plan));
    const model = buildModel((await kerasFile(bytes, 'written.h5')).plan);
    expectCase(await record(model, batchesOf(expected), 'kernel'), expected);
  });
  it.each(once.filter((file) => file.startsWith('keras3')))('%s as .keras', async (file) => {
    const expected = caseOf(file);
    const bytes = await kerasArchive(buildModel((await open(file)).plan));
    const model = buildModel((await kerasFile(bytes, 'written.keras')).plan);
    expectCase(await record(model, batchesOf(expected), 'kernel'), expected);
  });
  it('but constants among the inputs of layers are not written, and this is said', async () => {
    const model = buildModel((await open('keras3-constants/model.keras')).plan);
    await expect(kerasArchive(model)).rejects.toThrow(/^add\/constant_1: arrays of constants .* are not written/);
  });
  it('but Keras 3 has no hard_sigmoid of Keras 2, and this is said', async () => {
    const model = buildModel((await open('keras2-lstm-hard-sigmoid/model.h5')).plan);
    await expect(kerasArchive(model)).rejects.toThrow(/hard_sigmoid is 0\.2 x \+ 0\.5 in Keras 1 and 2/);
  });
});

describe('files without one half of a model', () => {
  it('arrays alone are listed, with what is missing', async () => {
    const bytes = readFileSync(`${FOLDER}/keras3-tutorial-sentiment/model.weights.h5`);
    await expect(kerasFile(bytes, 'w.h5')).rejects.toThrow(
      /w\.h5: the file holds arrays.*layers\/embedding \(\d+, \d+\).*--config/s,
    );
  });
  it.each([
    'keras3-tutorial-sentiment/model.json',
    'keras1-k122-tutorial/model.json',
    'keras1-k122-tutorial/model.yaml',
  ])('a configuration alone (%s) is drawn from the seed, and says so', async (file) => {
    const draw = async (seed: number) => {
      const { plan, notes } = await kerasFile(readFileSync(`${FOLDER}/${file}`), file, { seed });
      expect(notes.join()).toMatch(/no weights.*not those of a trained model/);
      const { layers } = buildModel(plan);
      return layers.map(({ name }) => name).join() + JSON.stringify(layers);
    };
    expect(await draw(1)).toBe(await draw(1));
    expect(await draw(1)).not.toBe(await draw(2));
  });
  it('weights of another model are refused, naming what each has', async () => {
    const config = JSON.parse(readFileSync(`${FOLDER}/keras3-tutorial-sentiment/model.json`, 'utf8'));
    const bytes = readFileSync(`${FOLDER}/keras2-nested-model/model.weights.h5`);
    await expect(kerasFile(bytes, 'w.h5', { config })).rejects.toThrow(
      /the file has no arrays for this layer.*layers\/embedding\/vars/s,
    );
    const legacy = readFileSync(`${FOLDER}/keras2-nested-model/legacy_weights.h5`);
    await expect(kerasFile(legacy, 'w.h5', { config })).rejects.toThrow(/w\.h5/);
  });
});

describe('an HDF5 file that begins after a block of the user’s own', () => {
  it.each([512, 1024, 2 ** 19])('of %i bytes is opened, and the numbers are the same', async (length) => {
    const file = 'keras2-stacked-bidirectional/model.h5';
    const bytes = readFileSync(`${FOLDER}/${file}`);
    const opened = await kerasFile(Buffer.concat([Buffer.alloc(length, 'mine '), bytes]), file);
    expect(opened.plan).toEqual((await open(file)).plan);
  });
});
