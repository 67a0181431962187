import { describe, expect, it } from 'vitest';
import { madeUpInputs } from '../../../src/formats/input/made-up.ts';
import { samplesOf } from '../../../src/model/samples.ts';
import { embedding, input, model, plan, recurrent } from './plain-models.ts';

describe('an input that is made up', () => {
  it('has the model’s shape, and the same numbers for the same seed', () => {
    const subject = model(input('x', [null, 3]), recurrent('lstm', 'l', 'x', 2));
    const [made] = madeUpInputs(subject, 7);
    expect(made.shape).toEqual([1, 5, 3]);
    expect(made.data.every((value) => Math.abs(value) <= 1)).toBe(true);
    expect(madeUpInputs(subject, 7)).toEqual([made]);
    expect(madeUpInputs(subject, 8)).not.toEqual([made]);
  });

  it('is indices where an Embedding reads it, also behind other layers', () => {
    const dropout = plan({ kind: 'dropout', name: 'd', trainable: true, rate: 0.5 }, ['x']);
    const subject = model(input('x', [40]), dropout, embedding('e', 'd', 6, false));
    const [{ data }] = madeUpInputs(subject, 1);
    expect(new Set(data)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  });

  it('has its last timestep, and no other, as padding where 0 or a mask value is padding', () => {
    const words = model(input('x', [40]), embedding('e', 'x', 3, true));
    const [{ data }] = madeUpInputs(words, 1);
    expect([data.indexOf(0), data.length]).toEqual([39, 40]);
    const masking = plan({ kind: 'masking', name: 'm', trainable: true, maskValue: -9 }, ['x']);
    const [rows] = madeUpInputs(model(input('x', [null, 2]), masking), 1);
    expect([...rows.data].map((value) => value === -9)).toEqual([...new Array(8).fill(false), true, true]);
  });

  it('has as many samples as a stateful model was built for, on the axis where the model has them', () => {
    const stateful = model(input('x', [2, 1], { batch: 3 }), recurrent('lstm', 'l', 'x', 2, { stateful: true }));
    expect(madeUpInputs(stateful, 1)[0].shape).toEqual([3, 2, 1]);
    const turned = model(input('x', [2, 4], { batchAxis: 1 }));
    expect(madeUpInputs(turned, 1)[0].shape).toEqual([2, 1, 4]);
    expect(samplesOf(turned, madeUpInputs(turned, 1))[0][0].shape).toEqual([2, 4]);
  });

  it('is long enough for the convolutions before the recurrent layer', () => {
    const pooling = plan(
      {
        kind: 'pooling1d',
        name: 'p',
        trainable: true,
        operation: 'max',
        poolSize: 4,
        strides: 4,
        padding: 'valid',
        dataFormat: 'channels_last',
      },
      ['x'],
    );
    const second = {
      ...pooling,
      spec: { ...pooling.spec, name: 'q' },
      calls: [{ inputs: ['p'] }],
      path: 'q',
    } as typeof pooling;
    const [{ shape }] = madeUpInputs(model(input('x', [null, 1]), pooling, second), 1);
    // One step of the second sees 4 of the first, which see 16.
    expect(shape).toEqual([1, 16, 1]);
  });

  it('is ones where it is the mask of a layer', () => {
    const lstm = recurrent('lstm', 'l', 'x', 2);
    const masked = { ...lstm, calls: [{ inputs: ['x'], mask: 'm' }] };
    expect([...madeUpInputs(model(input('x', [3, 1]), input('m', [3]), masked), 1)[1].data]).toEqual([1, 1, 1]);
  });

  it('that would not fit into memory is refused', () => {
    expect(() => madeUpInputs(model(input('x', [100_000, 1_000])), 1)).toThrow(/at most 10000000 numbers/);
  });
});
