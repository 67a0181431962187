import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { type Rows, whole } from '../../src/math/tensor.ts';
import { inputsOf, type LayerCase, modelOf } from './keras-cases.ts';

const sequence = [
  [1, 2],
  [3, 4],
  [5, 6],
];

/** What a layer gives for the same sequence twice, under these masks, and the mask that goes on. */
async function run(spec: object, masks: LayerCase['masks'], keras: 1 | 2 | 3) {
  const given: LayerCase = {
    about: '',
    spec,
    weights: {},
    inputs: masks?.length === 1 ? [sequence] : [sequence, sequence],
    masks,
    outputs: [],
    output_mask: null,
  };
  const { runs } = await record(modelOf(given, keras), [inputsOf(given)], 'kernel');
  const call = runs[0][0].calls.at(-1);
  return {
    output: Array.from(whole(call?.returns[0] as Rows).data),
    mask: call?.outputMask && Array.from(call.outputMask),
  };
}

const add = { kind: 'merge', operation: 'add' };
const concatenate = { kind: 'merge', operation: 'concatenate', axes: [-1] };
const multiply = { kind: 'merge', operation: 'multiply' };

describe('the mask that merging layers hand on', () => {
  const masks = [
    [1, 1, 0],
    [1, 0, 0],
  ];

  it('is either mask in Keras 3, both in Keras 2, where it was the other way round', async () => {
    expect((await run(add, masks, 3)).mask).toEqual([1, 1, 0]);
    expect((await run(add, masks, 2)).mask).toEqual([1, 0, 0]);
    expect((await run(add, masks, 1)).mask).toEqual([1, 0, 0]);
  });

  it('is nothing in Keras 3 where an input has none, and the other input’s in Keras 2', async () => {
    expect((await run(add, [[1, 1, 0], null], 3)).mask).toBeNull();
    expect((await run(add, [[1, 1, 0], null], 2)).mask).toEqual([1, 1, 0]);
  });

  it('counts an input without a mask as used where features are joined', async () => {
    expect((await run(concatenate, [[1, 1, 0], null], 3)).mask).toEqual([1, 1, 1]);
    expect((await run(concatenate, [[1, 1, 0], null], 2)).mask).toEqual([1, 1, 0]);
  });

  it('changes what Multiply gives in Keras 3 only', async () => {
    expect((await run(multiply, masks, 3)).output).toEqual([1, 4, 3, 4, 0, 0]);
    expect((await run(multiply, masks, 2)).output).toEqual([1, 4, 9, 16, 25, 36]);
  });
});

describe('layers that do not know masks', () => {
  const layers = [
    { kind: 'flatten', dataFormat: 'channels_last' },
    { kind: 'permute', dims: [2, 1] },
    { kind: 'reshape', targetShape: [6] },
    { kind: 'up_sampling1d', size: 2 },
    {
      kind: 'pooling1d',
      operation: 'max',
      poolSize: 2,
      strides: 2,
      padding: 'valid',
      dataFormat: 'channels_last',
    },
  ];

  it.each(layers)('$kind drops it in Keras 3 and 2, and is refused in Keras 1', async (spec) => {
    expect((await run(spec, [[1, 1, 0]], 3)).mask).toBeNull();
    expect((await run(spec, [[1, 1, 0]], 2)).mask).toBeNull();
    await expect(run(spec, [[1, 1, 0]], 1)).rejects.toThrow('does not support masking in Keras 1');
  });

  it('a slice of time takes its part of the mask, one timestep has none, and a slice of features leaves it', async () => {
    expect((await run({ kind: 'slice', axis: 1, start: 1 }, [[1, 1, 0]], 3)).mask).toEqual([1, 0]);
    expect((await run({ kind: 'slice', axis: 1, index: -1 }, [[1, 1, 0]], 3)).mask).toBeNull();
    expect((await run({ kind: 'slice', axis: 2, start: 1 }, [[1, 1, 0]], 3)).mask).toEqual([1, 1, 0]);
  });
});

describe('a slice', () => {
  it('counts as Python does', async () => {
    const slice = async (part: object) => (await run({ kind: 'slice', axis: 1, ...part }, [null], 3)).output;
    expect(await slice({ start: 1 })).toEqual([3, 4, 5, 6]);
    expect(await slice({ stop: -1 })).toEqual([1, 2, 3, 4]);
    expect(await slice({ step: -1 })).toEqual([5, 6, 3, 4, 1, 2]);
    expect(await slice({ start: -1, stop: -9, step: -2 })).toEqual([5, 6, 1, 2]);
    expect(await slice({ start: -2, stop: 100 })).toEqual([3, 4, 5, 6]);
    expect(await slice({ index: -1 })).toEqual([5, 6]);
  });
});
