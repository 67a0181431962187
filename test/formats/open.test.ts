import { describe, expect, it } from 'vitest';
import { openModel } from '../../src/formats/open.ts';

describe('what a person says about a file of another kind is an error, not ignored', () => {
  it.each([
    ['test/fixtures/onnx/lstm-relu/model.onnx', { assume: ['relu'] }, '--assume', 'an ONNX file'],
    ['presets/stacked.json', { layers: ['lstm_1'] }, '--layers', 'a preset'],
    ['test/fixtures/torch/lstm-linear/model.pt', { config: 'model.json' }, '--config', 'a PyTorch file'],
  ] as const)('%s %j', async (file, options, path, received) => {
    await expect(openModel(file, options)).rejects.toMatchObject({ fields: { kind: 'usage', path, received } });
  });
});

describe('arrays with a model that they are not of', () => {
  const hintOf = async (folder: string, config: string) => {
    const file = `test/fixtures/keras-files/${folder}/model.weights.h5`;
    return openModel(file, { config }).then(
      () => null,
      (error) => error.fields.hint,
    );
  };

  it('are told to be perhaps of another, whether a shape or a layer does not fit', async () => {
    const other = 'test/fixtures/keras-files/keras2-lstm-hard-sigmoid/model.json';
    expect(await hintOf('keras3-tutorial-sentiment', other)).toMatch(
      /^are these the weights of another model than model.json\? "lstm-lab inspect test.*model.weights.h5" lists them\.$/,
    );
    expect(await hintOf('keras2-bidirectional', 'presets/return-sequences.json')).toMatch(
      /^Keras keeps them at layers\/lstm\/cell\/vars; are these the weights of another model than return-sequences.json/,
    );
  });
});
