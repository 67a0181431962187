import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tfjsModel } from '../../../src/formats/tfjs/open.ts';
import { LabError } from '../../../src/math/lab-error.ts';
import { buildModel } from '../../../src/model/build.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/tfjs');
let place = '';
let count = 0;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'lstm-lab-tfjs-'));
});
afterAll(() => rmSync(place, { recursive: true }));

interface Json {
  modelTopology: Record<string, unknown>;
  weightsManifest: { paths: string[]; weights: Record<string, unknown>[] }[];
  [key: string]: unknown;
}

/** A copy of a fixture whose model.json is changed. */
function changed(change: (json: Json, folder: string) => void, name = 'lstm-default'): string {
  const folder = join(place, `copy${count++}`);
  cpSync(join(fixtures, name), folder, { recursive: true });
  const file = join(folder, 'model.json');
  const json: Json = JSON.parse(readFileSync(file, 'utf8'));
  change(json, folder);
  writeFileSync(file, JSON.stringify(json));
  return file;
}

async function refusal(file: string): Promise<LabError> {
  const error = await tfjsModel(file).then(
    () => 'it was accepted',
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(LabError);
  return error as LabError;
}

const weight = (json: Json) => json.weightsManifest[0].weights[0];

describe('a TensorFlow.js model that is damaged or lies is refused with its place', () => {
  it.each<[string, (json: Json, folder: string) => void, RegExp]>([
    [
      'a shard that is missing',
      (_, folder) => rmSync(join(folder, 'weights.bin')),
      /weights.bin: the model’s weights are in this file, and it is not there.*one folder/,
    ],
    [
      'a shard that is cut off',
      (_, folder) => truncateSync(join(folder, 'weights.bin'), 100),
      /bytes are not all in the weights' files.*only in part/,
    ],
    [
      'a path out of the folder',
      (json) => json.weightsManifest[0].paths.splice(0, 1, '../../secret'),
      /without "..". Received: "..\/..\/secret"/,
    ],
    [
      'an absolute path',
      (json) => json.weightsManifest[0].paths.splice(0, 1, '/etc/passwd'),
      /relative path.*"\/etc\/passwd"/,
    ],
    ['a path on another system', (json) => json.weightsManifest[0].paths.splice(0, 1, 'C:\\x'), /relative path/],
    [
      'an address',
      (json) => json.weightsManifest[0].paths.splice(0, 1, 'https://example.com/w.bin'),
      /download the files/,
    ],
    [
      'a folder as a shard',
      (json, folder) => {
        mkdirSync(join(folder, 'd'));
        json.weightsManifest[0].paths = ['d'];
      },
      /a directory/,
    ],
    [
      'a shape for no memory',
      (json) => {
        weight(json).shape = [1e9, 1e9];
      },
      /absurd/,
    ],
    [
      'a shape that the file cannot hold',
      (json) => {
        weight(json).shape = [100_000, 1000];
      },
      /400000000 bytes are not all/,
    ],
    [
      'a shape of other than numbers',
      (json) => {
        weight(json).shape = ['3'];
      },
      /weightsManifest\[0\].weights\[0\].shape\[0\]/,
    ],
    [
      'a negative length',
      (json) => {
        weight(json).shape = [-3, 16];
      },
      /none of them negative/,
    ],
    [
      'another shape than the layer has',
      (json) => {
        weight(json).shape = [16, 3];
      },
      /kernel/,
    ],
    [
      'an unknown dtype',
      (json) => {
        weight(json).dtype = 'float8';
      },
      /dtype: TensorFlow.js stores.*"float8"/,
    ],
    [
      'a quantisation without a scale',
      (json) => {
        weight(json).quantization = { dtype: 'uint8' };
      },
      /scale and min are wanted/,
    ],
    [
      'an unknown quantisation',
      (json) => {
        weight(json).quantization = { dtype: 'int4', scale: 1, min: 0 };
      },
      /weightsManifest\[0\]/,
    ],
    [
      'two arrays of one name',
      (json) => {
        weight(json).name = json.weightsManifest[0].weights[1].name;
      },
      /two arrays have one name/,
    ],
    [
      'no list of weights',
      (json) => {
        json.weightsManifest = 7 as never;
      },
      /weightsManifest: a list/,
    ],
    [
      'no topology',
      (json) => {
        json.modelTopology = undefined as never;
      },
      /no model, only weights/,
    ],
    [
      'a graph-model',
      (json) => {
        json.format = 'graph-model';
      },
      /graph-model.*tfjs_layers_model/,
    ],
    [
      'a graph-model of old',
      (json) => {
        json.modelTopology = { node: [] };
      },
      /graph-model/,
    ],
    [
      'no layers',
      (json) => {
        json.modelTopology = { class_name: 'Sequential', config: { name: 's', layers: [] } };
      },
      /no layers/,
    ],
  ])('%s', async (_, change, message) => {
    const file = changed(change);
    const error = await tfjsModel(file)
      .then(
        ({ plan }) => buildModel(plan),
        (reason) => reason,
      )
      .catch((reason) => reason);
    expect(error).toBeInstanceOf(LabError);
    expect((error as LabError).message).toMatch(message);
  });

  it('a layer whose arrays are not there is named, with the arrays that are', async () => {
    const file = changed((json) => {
      for (const one of json.weightsManifest[0].weights) one.name = String(one.name).replace('lstm_LSTM1', 'elsewhere');
    });
    expect((await refusal(file)).message).toMatch(
      /no arrays for this layer. Received: elsewhere\/kernel \(3, 16\).*lstm_LSTM1/,
    );
  });

  it('what no layer has, text and complex numbers, is read past', async () => {
    const file = changed((json, folder) => {
      const text = Buffer.concat([Buffer.from([2, 0, 0, 0]), Buffer.from('ab'), Buffer.from([0, 0, 0, 0])]);
      const complex = Buffer.alloc(16);
      const old = readFileSync(join(folder, 'weights.bin'));
      writeFileSync(join(folder, 'weights.bin'), Buffer.concat([text, complex, old]));
      json.weightsManifest[0].weights.unshift(
        { name: 'words', shape: [2], dtype: 'string' },
        { name: 'waves', shape: [2], dtype: 'complex64' },
      );
    });
    const [whole, plain] = await Promise.all([
      tfjsModel(file),
      tfjsModel(join(fixtures, 'lstm-default', 'model.json')),
    ]);
    expect(whole.plan.layers.map(({ weights }) => weights.given)).toEqual(
      plain.plan.layers.map(({ weights }) => weights.given),
    );
  });

  it('a file without weights has them drawn, and says so', async () => {
    const { plan, notes } = await tfjsModel(
      changed((json) => {
        json.weightsManifest = undefined as never;
      }),
    );
    expect(buildModel(plan).incomplete).toEqual([]);
    expect(notes).toContainEqual(expect.stringMatching(/no weights.*not those of a trained model/));
  });

  it('any change to model.json or to the weights gives a model or a LabError', async () => {
    const names = ['lstm-default', 'converted-keras2-uint16-shards', 'encoder-decoder', 'converted-keras3-keras'];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.nat(),
        fc.constantFrom('7', '"', '{', '[', 'null', '', '-1', '9e99', ','),
        fc.nat({ max: 8 }),
        async (name, at, text, length) => {
          const file = changed(() => {}, name);
          const json = readFileSync(file, 'utf8');
          const from = at % json.length;
          writeFileSync(file, json.slice(0, from) + text + json.slice(from + length));
          try {
            buildModel((await tfjsModel(file)).plan);
          } catch (error) {
            expect(error).toBeInstanceOf(LabError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
