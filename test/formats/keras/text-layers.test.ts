import { expect, test } from 'vitest';
import { record } from '../../../src/engines/record.ts';
import { openModel } from '../../../src/formats/open.ts';
import { textBatch } from '../../../src/formats/text-input.ts';
import { whole } from '../../../src/math/tensor.ts';

// Numbers that Keras 3.15 printed for "The movie was, bad!"; the models are made by test/fixtures/keras-text/make.py.
test.each([
  ['sequential', 0.49829552],
  ['functional', -0.0014836],
])('a %s model that begins with TextVectorization reads text with that layer’s vocabulary', async (name, expected) => {
  const { model, vocabulary, notes } = await openModel(`test/fixtures/keras-text/${name}.keras`);
  const { batch } = textBatch(['The movie was, bad!'], model, vocabulary);
  expect(Array.from(batch.data)).toEqual([3, 4, 2, 8, 0, 0]);
  const { runs } = await record(model, [[batch]], 'kernel');
  expect(runs[0][0].outputs.map((output) => output && whole(output).data[0])[0]).toBeCloseTo(expected, 6);
  expect(notes.join()).toContain('the vocabulary of the model’s TextVectorization layer'.replace('’', "'"));
});

test('words that the vocabulary lacks get its index for unknown ones, and are named', async () => {
  const { model, vocabulary } = await openModel('test/fixtures/keras-text/sequential.keras');
  const { batch, notes } = textBatch(['the unputdownable movie'], model, vocabulary);
  expect(Array.from(batch.data)).toEqual([3, 1, 4, 0, 0, 0]);
  expect(notes).toEqual(['not in the vocabulary, index 1: unputdownable']);
});
