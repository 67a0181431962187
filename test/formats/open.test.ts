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
