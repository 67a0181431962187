import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { record } from '../../../src/engines/record.ts';
import { inspectFile } from '../../../src/formats/inspect.ts';
import { kerasFile } from '../../../src/formats/keras/open.ts';
import { kerasArchive } from '../../../src/formats/keras/write/archive.ts';
import { kerasH5 } from '../../../src/formats/keras/write/h5.ts';
import { openModel } from '../../../src/formats/open.ts';
import { buildPreset, parsePreset } from '../../../src/formats/preset/open.ts';
import type { EmbeddingLayer } from '../../../src/layers/layer.ts';
import { type Rows, row, tensor, whole } from '../../../src/math/tensor.ts';
import { buildModel } from '../../../src/model/build.ts';
import type { Model } from '../../../src/model/graph.ts';
import { statisticsOf } from '../../../src/trace/statistics.ts';
import { largestOf, statisticsTexts } from '../../../src/ui/panels/weight-cells.ts';

const folder = mkdtempSync(join(tmpdir(), 'lstm-lab-waiting-'));
afterAll(() => rmSync(folder, { recursive: true }));

const [ROWS, WIDTH] = [9_000, 128];
const words = tensor([1, 6], [0, 8_999, 17, 4_321, 17, 1]);

const embeddingOf = (model: Model) => model.layers.find((layer) => layer.kind === 'embedding') as EmbeddingLayer;

/** All numbers, so that many are compared at once. */
function bits(rows: Rows): string {
  const { data } = whole(rows);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
}

/** Files of the same model in every way in which its matrix may lie. */
const files: Readonly<Record<string, string>> = Object.fromEntries(
  ['model.keras', 'model.h5', 'packed.keras'].map((name) => [name, join(folder, name)]),
);
let inMemory: Model;
beforeAll(async () => {
  const layers = [
    { class_name: 'Embedding', input_dim: ROWS, output_dim: WIDTH, input_length: 6 },
    { class_name: 'LSTM', units: 3, return_sequences: true },
  ];
  const { model } = await buildPreset(parsePreset({ layers, input: [[1, 2, 3, 4, 5, 6]] }, 'p'), 'p');
  const archive = await kerasArchive(model);
  writeFileSync(files['model.keras'], archive);
  writeFileSync(files['model.h5'], await kerasH5(model));
  writeFileSync(files['packed.keras'], zipSync(unzipSync(archive), { level: 1 }));
  inMemory = buildModel((await kerasFile(archive, 'model.keras')).plan);
});

const waits = async (name: string) => {
  const { model } = await openModel(files[name]);
  return { model, embeddings: embeddingOf(model).weights.embeddings };
};

describe('an Embedding’s matrix that lies in a file as it is', () => {
  it.each(['model.keras', 'model.h5'])('waits in %s, and its rows are those of the matrix', async (name) => {
    const { embeddings } = await waits(name);
    expect('data' in embeddings).toBe(false);
    const all = embeddingOf(inMemory).weights.embeddings;
    for (const index of [0, 1, 4_500, 8_999]) expect(row(embeddings, index)).toEqual(row(all, index));
    expect(bits(embeddings)).toBe(bits(all));
  });

  it('is in memory where the file packs it', async () => {
    const { embeddings } = await waits('packed.keras');
    expect('data' in embeddings).toBe(true);
    expect(bits(embeddings)).toBe(bits(embeddingOf(inMemory).weights.embeddings));
  });

  it.each(['reference', 'kernel', 'simd'] as const)('gives the %s engine the same numbers', async (engine) => {
    const { model } = await waits('model.keras');
    const quantities = async (of: Model) =>
      (await record(of, [[words]], engine)).runs
        .flat()
        .flatMap(({ calls }) =>
          calls.map((call) => Object.entries(call.quantities).map(([name, values]) => [name, whole(values)])),
        );
    expect(await quantities(model)).toEqual(await quantities(inMemory));
  });

  it('is measured and written as if it were in memory', async () => {
    const { model, embeddings } = await waits('model.keras');
    const all = embeddingOf(inMemory).weights.embeddings;
    expect(largestOf([embeddings])).toBe(largestOf([all]));
    expect(statisticsTexts([embeddings], 80)).toEqual(statisticsTexts([all], 80));
    const again = buildModel((await kerasFile(await kerasArchive(model), 'again.keras')).plan);
    expect(bits(embeddingOf(again).weights.embeddings)).toBe(bits(all));
    const [found] = (await inspectFile(files['model.keras'])).arrays.filter(({ shape }) => shape[0] === ROWS);
    expect(found).toMatchObject({
      dtype: 'float32',
      nan: 0,
      max: statisticsOf(all).maximum,
    });
  });

  it('cannot be read when the file has changed: that is said when a row is wanted', async () => {
    const { model } = await waits('model.h5');
    await new Promise((resolve) => setTimeout(resolve, 5));
    writeFileSync(files['model.h5'], 'something else');
    await expect(record(model, [[words]], 'kernel')).rejects.toThrow(
      /model\.h5: the file has changed since it was opened/,
    );
  });
});
