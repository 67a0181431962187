import { strFromU8, unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { kerasFile } from '../../../src/formats/keras/open.ts';
import { kerasArchive } from '../../../src/formats/keras/write/archive.ts';
import { kerasConfig } from '../../../src/formats/keras/write/config.ts';
import { modelConfig } from '../../../src/formats/keras/write/serialize.ts';
import { buildPreset, parsePreset } from '../../../src/formats/preset/open.ts';
import { buildModel } from '../../../src/model/build.ts';
import type { Model } from '../../../src/model/graph.ts';

/* How Keras 3.15 writes these calls itself, and what it opens; other forms it refuses. */

interface Written {
  readonly class_name: string;
  readonly config: { readonly layers?: readonly Written[]; readonly layer?: Written; readonly output_layers?: unknown };
  readonly inbound_nodes?: readonly { args: unknown[]; kwargs: Record<string, unknown> }[];
}

const input = { class_name: 'Input', name: 'x', shape: [3, 2] };

async function built(layers: object[], keras = 3): Promise<Model> {
  return (await buildPreset(parsePreset({ keras, layers }, 'p.json'), 'p.json')).model;
}

async function archived(model: Model): Promise<readonly Written[]> {
  const members = unzipSync(await kerasArchive(model));
  return (JSON.parse(strFromU8(members['config.json'])) as Written).config.layers ?? [];
}

const history = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(history) : (value as { config: { keras_history: unknown } }).config.keras_history;

describe('what is written for Keras', () => {
  it('gives each cell of an RNN its own list of states', async () => {
    const cell = [
      { class_name: 'LSTMCell', units: 2 },
      { class_name: 'GRUCell', units: 3 },
    ];
    const states = ['a:1', 'a:2', 'a:3'];
    const layers = await archived(
      await built([
        input,
        { class_name: 'RNN', name: 'a', cell, return_state: true },
        { class_name: 'RNN', name: 'b', cell, inputs: ['x'], initial_state: states },
      ]),
    );
    const kwargs = layers.find(({ config }) => 'name' in config && config.name === 'b')?.inbound_nodes?.[0].kwargs;
    expect(history(kwargs?.initial_state)).toEqual([
      [
        ['a', 0, 1],
        ['a', 0, 2],
      ],
      [['a', 0, 3]],
    ]);
  });

  it('puts TimeDistributed around a model again, and its layers plain into it: so their masks go from one to the next', async () => {
    const inside = { class_name: 'Sequential', name: 'words', layers: [{ class_name: 'LSTM', name: 'a', units: 2 }] };
    const model = await built([
      { class_name: 'Input', shape: [4, 3, 2] },
      { class_name: 'TimeDistributed', layer: inside },
      { class_name: 'LSTM', units: 2 },
    ]);
    const layers = await archived(model);
    expect(layers.map(({ class_name }) => class_name)).toEqual(['InputLayer', 'TimeDistributed', 'LSTM']);
    const [words, output] = [layers[1].config.layer, layers[1].config.layer?.config.output_layers];
    expect(words?.config.layers?.map(({ class_name }) => class_name)).toEqual(['InputLayer', 'LSTM']);
    // One tensor, where Keras cannot make a shape of a list of one.
    expect(output).toEqual(['a', 0, 0]);
  });

  it('calls a MultiHeadAttention in an .h5 as Keras 3 does: it takes no tensors from the keywords of an older call', async () => {
    const model = await built([
      input,
      { class_name: 'MultiHeadAttention', name: 'm', num_heads: 1, key_dim: 2, inputs: ['x', 'x'] },
    ]);
    const { config } = modelConfig('m', kerasConfig(model), 'legacy') as unknown as Written;
    const [node] = config.layers?.[1].inbound_nodes ?? [];
    expect(history(node?.args[0])).toEqual(['x', 0, 0]);
    expect(history(node?.kwargs.value)).toEqual(['x', 0, 0]);
  });

  it('is refused where a mask ends at an operation that is written as a layer, which would hand it on', async () => {
    const called = (class_name: string, name: string, config: object, from?: string) => ({
      class_name,
      name,
      config: { name, ...config },
      inbound_nodes: from ? [[[from, 0, 0, {}]]] : [],
      module: class_name === 'Negative' ? 'keras.src.ops.numpy' : 'keras.layers',
    });
    const written = async (mask_zero: boolean, return_sequences: boolean) => {
      const layers = [
        called('InputLayer', 'x', { batch_shape: [null, 3] }),
        called('Embedding', 'e', { input_dim: 4, output_dim: 2, mask_zero }, 'x'),
        called('LSTM', 'a', { units: 2, return_sequences }, 'e'),
        called('Negative', 'n', {}, 'a'),
      ];
      const config = { name: 'f', layers, input_layers: [['x', 0, 0]], output_layers: [['n', 0, 0]] };
      const bytes = new TextEncoder().encode(JSON.stringify({ class_name: 'Functional', config }));
      return kerasArchive(buildModel((await kerasFile(bytes, 'model.json')).plan));
    };
    await expect(written(true, true)).rejects.toThrow(/^n: it is an operation, at which a mask ends/);
    await expect(written(false, true)).resolves.toBeDefined();
    await expect(written(true, false)).resolves.toBeDefined();
  });

  it('is refused where Keras 3 would leave out a mask that this model uses', async () => {
    const layers = (mask_zero: boolean) => [
      { class_name: 'Input', name: 'x', shape: [3] },
      { class_name: 'Embedding', name: 'e', input_dim: 4, output_dim: 2, mask_zero },
      { class_name: 'LSTM', name: 'a', units: 2, return_state: true },
      { class_name: 'LSTM', name: 'b', units: 2, inputs: ['e'], initial_state: ['a:1', 'a:2'] },
    ];
    await expect(kerasArchive(await built(layers(true), 2))).rejects.toThrow(/^b: it uses the mask of its input/);
    await expect(kerasArchive(await built(layers(false), 2))).resolves.toBeDefined();
    await expect(kerasArchive(await built(layers(true), 3))).resolves.toBeDefined();
  });
});
