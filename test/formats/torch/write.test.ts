import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { record } from '../../../src/engines/record.ts';
import { buildPreset, parsePreset } from '../../../src/formats/preset/open.ts';
import { torchArrays, torchNotes } from '../../../src/formats/torch/from-model.ts';
import { torchModel } from '../../../src/formats/torch/plan.ts';
import { readSafetensors, writeSafetensors } from '../../../src/formats/torch/safetensors.ts';
import { sizeOf, type Tensor, tensor } from '../../../src/math/tensor.ts';
import { buildModel } from '../../../src/model/build.ts';
import type { Model } from '../../../src/model/graph.ts';
import { arraysOf } from './cases.ts';

describe('.safetensors that the lab writes', () => {
  it('has the numbers, types and shapes of what was written', () => {
    const array = fc
      .array(fc.nat(4), { maxLength: 4 })
      .chain((shape) =>
        fc
          .tuple(fc.boolean(), fc.array(fc.double(), { minLength: sizeOf(shape), maxLength: sizeOf(shape) }))
          .map(
            ([single, values]): Tensor => tensor(shape, single ? Float32Array.from(values) : Float64Array.from(values)),
          ),
      );
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), array, { maxKeys: 6 }), (entries) => {
        const written = new Map(Object.entries(entries).filter(([name]) => name !== '__metadata__'));
        const { arrays, metadata } = readSafetensors(writeSafetensors(written), 'f');
        expect(metadata).toEqual(new Map([['format', 'pt']]));
        expect(new Map([...arrays].map(([name, { tensor: t }]) => [name, t]))).toEqual(written);
      }),
    );
  });
});

describe('a PyTorch file that is opened and written again has the same arrays', () => {
  it.each([
    ['text-classifier', 'model.safetensors'],
    ['bidirectional-classifier', 'model.pt'],
    ['made-conv1d', 'model.pt'],
  ])('%s %s', (name, file) => {
    const read = arraysOf(name, file);
    const written = torchArrays(buildModel(torchModel(read).plan));
    const without = [...read.arrays.keys()].filter((key) => !key.endsWith('num_batches_tracked'));
    expect([...written.keys()].sort()).toEqual(without.sort());
    for (const [key, { shape, data }] of written) {
      // The lab has one bias where PyTorch adds two.
      const other = key.includes('bias_ih') ? key.replace('_ih', '_hh') : undefined;
      const [theirs, also] = [key, other].map((k) => (k === undefined ? undefined : read.arrays.get(k)?.tensor));
      expect(shape, key).toEqual(theirs?.shape);
      const wanted = key.includes('bias_hh')
        ? shape.map(() => 0) && Array.from(data, () => 0)
        : Array.from(theirs?.data ?? [], (value, at) => value + (also?.data[at] ?? 0));
      expect(Array.from(data), key).toEqual(wanted);
    }
  });

  it('a Conv1d with zeros around it, which forward() has to put there', () => {
    const read = arraysOf('made-whole-groups', 'model.pt');
    const model = buildModel(torchModel(read).plan);
    expect([...torchArrays(model).keys()].sort()).toEqual([...read.arrays.keys()].sort());
    expect(torchNotes(model).join()).toContain(
      'conv1_padding: zero_padding1d; conv1: strides, padding, dilation or groups',
    );
  });

  it('a GRU keeps its two biases', () => {
    const read = arraysOf('gru', 'model.pt');
    const written = torchArrays(buildModel(torchModel(read).plan));
    for (const [key, { tensor: t }] of read.arrays)
      expect(Array.from(written.get(`gru.${key}`)?.data ?? []), key).toEqual(Array.from(t.data));
  });
});

const preset = async (...layers: object[]): Promise<Model> =>
  (await buildPreset(parsePreset({ name: 'p', layers }, 'p'), 'p')).model;

describe('a model of Keras as a state dict', () => {
  it('computes the same when it is read again', async () => {
    const model = await preset(
      { class_name: 'Input', shape: [6, 3] },
      { class_name: 'LSTM', name: 'lstm', units: 4, return_sequences: true },
      { class_name: 'GRU', name: 'gru', units: 3, return_sequences: true },
      { class_name: 'SimpleRNN', name: 'rnn', units: 2 },
      { class_name: 'Dense', name: 'fc', units: 2 },
    );
    const again = buildModel(
      torchModel(readSafetensors(writeSafetensors(torchArrays(model)), 'f'), { layers: ['lstm', 'gru', 'rnn', 'fc'] })
        .plan,
    );
    const input = tensor(
      [1, 6, 3],
      Float64Array.from({ length: 18 }, (_, at) => Math.sin(at)),
    );
    const [before, after] = await Promise.all(
      [model, again].map(async (m) => (await record(m, [[input]])).runs[0][0].outputs[0] as Tensor),
    );
    expect(Array.from(after.data)).toEqual(Array.from(before.data, (value) => expect.closeTo(value, 12)));
  });

  it('loses what arrays cannot hold, and says what', async () => {
    const model = await preset(
      { class_name: 'Input', shape: [6, 3] },
      { class_name: 'Conv1D', name: 'conv', filters: 4, kernel_size: 2, strides: 2 },
      { class_name: 'LSTM', name: 'lstm', units: 4 },
      { class_name: 'LayerNormalization', name: 'norm' },
      { class_name: 'Dense', name: 'fc', units: 2, activation: 'sigmoid' },
    );
    expect(torchNotes(model).join()).toContain(
      'conv: strides, padding, dilation or groups; norm: eps=0.001; fc: activation sigmoid',
    );
    expect(torchNotes(buildModel(torchModel(arraysOf('text-classifier', 'model.pt')).plan))).toEqual([]);
  });

  it.each([
    [
      'hard_sigmoid gates',
      { class_name: 'LSTM', units: 2, recurrent_activation: 'hard_sigmoid' },
      'recurrent_activation="hard_sigmoid"',
    ],
    ['another activation', { class_name: 'LSTM', units: 2, activation: 'relu' }, 'activation="relu"'],
    ['a GRU that resets before', { class_name: 'GRU', units: 2, reset_after: false }, 'reset_after=False'],
    ['a layer that reads backwards', { class_name: 'LSTM', units: 2, go_backwards: true }, 'go_backwards=True'],
    [
      'directions that are added',
      { class_name: 'Bidirectional', merge_mode: 'sum', layer: { class_name: 'LSTM', units: 2 } },
      'merge_mode="sum"',
    ],
  ])('is refused with %s', async (_, layer, problem) => {
    const model = await preset({ class_name: 'Input', shape: [3, 2] }, { name: 'odd', ...layer });
    expect(() => torchArrays(model)).toThrow(problem);
  });
});
