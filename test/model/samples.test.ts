import { describe, expect, it } from 'vitest';
import { buildPreset, parsePreset } from '../../src/formats/preset/open.ts';
import { fromNested } from '../../src/math/tensor.ts';
import { checkBatchSize, samplesOf } from '../../src/model/samples.ts';

const open = async (layers: object[]) => (await buildPreset(parsePreset({ layers }, 'p.json'), 'p.json')).model;
const zeros = (...shape: number[]): unknown =>
  shape.length === 0 ? 0 : Array.from({ length: shape[0] }, () => zeros(...shape.slice(1)));
const tensor = (...shape: number[]) => fromNested(zeros(...shape));

describe('a batch', () => {
  it('is cut into samples, and one sample may come without the batch axis', async () => {
    const model = await open([{ class_name: 'LSTM', units: 1, input_shape: [3, 2] }]);
    expect(samplesOf(model, [tensor(4, 3, 2)]).map(([{ shape }]) => shape)).toEqual([
      [3, 2],
      [3, 2],
      [3, 2],
      [3, 2],
    ]);
    expect(samplesOf(model, [tensor(3, 2)])).toHaveLength(1);
  });

  it('of another shape is refused with the shape that is wanted', async () => {
    const model = await open([{ class_name: 'LSTM', units: 1, input_shape: [3, 2] }]);
    expect(() => samplesOf(model, [tensor(4, 3, 3)])).toThrow(
      'input: the model takes (None, 3, 2). Received: (4, 3, 3).',
    );
    expect(() => samplesOf(model, [tensor(2)])).toThrow('the model takes (None, 3, 2). Received: (2,).');
    expect(() => samplesOf(model, [])).toThrow('the model has 1 input: input_layer. Received: 0.');
  });

  it('may have any number of timesteps where the model says null', async () => {
    const model = await open([{ class_name: 'LSTM', units: 1, input_shape: [null, 2] }]);
    expect(samplesOf(model, [tensor(1, 9, 2)])[0][0].shape).toEqual([9, 2]);
    expect(() => samplesOf(model, [tensor(1, 9, 3)])).toThrow('the model takes (None, None, 2)');
  });

  it('of two inputs must have as many samples in both', async () => {
    const model = await open([
      { class_name: 'Input', name: 'left', shape: [2, 1] },
      { class_name: 'Input', name: 'right', shape: [3, 1] },
      { class_name: 'LSTM', units: 1, calls: [{ inputs: ['left'] }, { inputs: ['right'] }] },
    ]);
    expect(() => samplesOf(model, [tensor(2, 2, 1), tensor(3, 3, 1)])).toThrow(
      'all inputs need the same number of samples. Received: 2 and 3.',
    );
    expect(() => samplesOf(model, [tensor(2, 2, 1), tensor(2, 2, 1)])).toThrow(
      'input right: the model takes (None, 3, 1). Received: (2, 2, 1).',
    );
  });

  it('of another size is refused where the model is stateful and its batch_shape is fixed, as Keras does', async () => {
    const layers = (stateful: boolean) => [
      { class_name: 'Input', name: 'x', batch_shape: [2, 3, 1] },
      { class_name: 'LSTM', units: 1, stateful },
    ];
    const stateful = await open(layers(true));
    expect(() => checkBatchSize(stateful, [[tensor(1, 3, 1)]])).toThrow(
      'built for batches of 2 samples (batch_shape of x). Received: 1.',
    );
    expect(() => checkBatchSize(stateful, [[tensor(2, 3, 1)], [tensor(2, 3, 1)]])).not.toThrow();
    const stateless = await open(layers(false));
    expect(() => checkBatchSize(stateless, [[tensor(1, 3, 1)]])).not.toThrow();
  });
});
