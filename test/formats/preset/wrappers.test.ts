import { describe, expect, it } from 'vitest';
import { record } from '../../../src/engines/record.ts';
import { planLayers } from '../../../src/formats/preset/layers.ts';
import { buildPreset, parsePreset } from '../../../src/formats/preset/open.ts';
import type { PlanOptions } from '../../../src/formats/preset/options.ts';
import { tensor, whole } from '../../../src/math/tensor.ts';
import { buildModel } from '../../../src/model/build.ts';

type Version = 1 | 2 | 3;

const input = { class_name: 'Input', name: 'x', shape: [3, 2] };
const lstm = { class_name: 'LSTM', name: 'reader', units: 2, return_sequences: true };
const sequence = [
  [0.1, -0.5],
  [0.9, 0.3],
  [-0.7, 0.4],
];

/** The first output of a preset for one sample. */
async function output(layers: object[], rest: object = {}): Promise<number[]> {
  const { model, batches } = await buildPreset(parsePreset({ layers, input: [sequence], ...rest }, 'p.json'), 'p.json');
  return Array.from(
    (await record(model, batches, 'kernel')).runs[0][0].outputs.flatMap((output) =>
      output ? [...whole(output).data] : [],
    ),
  );
}

/** Numbers between −1 and 1 that are not the same anywhere. */
function numbers(rows: number, columns: number, start: number): number[][] {
  return Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) => Math.sin(start + 1.7 * r + 0.9 * c)),
  );
}

const weights = (start: number) => ({
  kernel: numbers(2, 8, start),
  recurrent_kernel: numbers(2, 8, start + 40),
  bias: numbers(1, 8, start + 80)[0],
});
const [ahead, back] = [weights(1), weights(2)];

describe('weights of a wrapper', () => {
  const both = { class_name: 'Bidirectional', name: 'both', layer: lstm };
  const reading = (given: object) => ({ ...lstm, weights: given });

  it('of a Bidirectional are given by direction, as one list, or with the layers inside', async () => {
    const inside = {
      ...both,
      layer: reading(ahead),
      backward_layer: { ...reading(back), go_backwards: true },
    };
    const expected = await output([input, inside]);
    expect(await output([input, { ...both, weights: { forward: ahead, backward: back } }])).toEqual(expected);
    const list = [...Object.values(ahead), ...Object.values(back)];
    expect(await output([input, { ...both, weights: list }])).toEqual(expected);
    // Each half is what an LSTM with its weights gives; the backward one's sequence is turned around.
    const forward = await output([input, reading(ahead)]);
    const backward = await output([input, { ...reading(back), go_backwards: true }]);
    expect(expected).toEqual(
      [0, 1, 2].flatMap((t) => [...forward.slice(2 * t, 2 * t + 2), ...backward.slice(4 - 2 * t, 6 - 2 * t)]),
    );
  });

  it('of a model are in Keras’s order, what is trained before what is kept, or by the layers’ names', async () => {
    const dense = { kernel: numbers(2, 2, 3), bias: [0.1, 0.2] };
    const scale = { gamma: [1.5, 0.5], beta: [0.3, -0.3], moving_mean: [0.2, 0.1], moving_variance: [2, 3] };
    const layers = [
      { class_name: 'BatchNormalization', name: 'scale' },
      { class_name: 'Dense', name: 'mix', units: 2 },
    ];
    const model = (given: unknown, trainable = true) => [
      input,
      { class_name: 'Sequential', name: 'inner', layers: [{ ...layers[0], trainable }, layers[1]], weights: given },
    ];
    const expected = await output([input, { ...layers[0], weights: scale }, { ...layers[1], weights: dense }]);
    const { gamma, beta, moving_mean, moving_variance } = scale;
    expect(await output(model({ scale, mix: dense }))).toEqual(expected);
    expect(await output(model([gamma, beta, dense.kernel, dense.bias, moving_mean, moving_variance]))).toEqual(
      expected,
    );
    // A frozen layer's weights all stand behind those that are trained.
    expect(await output(model([dense.kernel, dense.bias, gamma, beta, moving_mean, moving_variance], false))).toEqual(
      expected,
    );
  });

  it('of a GRU say by their bias whether its reset gate acts after the product', () => {
    const gru = (bias: number[] | number[][]) => ({
      class_name: 'GRU',
      units: 1,
      weights: [numbers(2, 3, 1), numbers(1, 3, 1), bias],
    });
    const resetAfter = (keras: Version, layer: object, options: PlanOptions = {}) => {
      const { spec } = planLayers([input, layer as never], keras, options).layers[1];
      return spec.kind === 'gru' && spec.resetAfter;
    };
    expect(resetAfter(3, gru([0, 0, 0]))).toBe(false);
    expect(
      resetAfter(
        1,
        gru([
          [0, 0, 0],
          [0, 0, 0],
        ]),
      ),
    ).toBe(true);
    const bare = { class_name: 'GRU', units: 1 };
    expect([resetAfter(1, bare), resetAfter(2, bare), resetAfter(3, bare)]).toEqual([false, true, true]);
    expect(resetAfter(2, bare, { resetAfter: false })).toBe(false);
  });
});

describe('wrappers are taken apart', () => {
  it('a Bidirectional into both directions and what joins them, whose outputs have its name', () => {
    const both = { class_name: 'Bidirectional', name: 'both', layer: { ...lstm, return_state: true } };
    const { layers, wrappers, outputs } = planLayers([input, both], 3);
    expect(layers.map(({ spec, calls }) => [spec.name, spec.kind, spec.within, calls[0].inputs])).toEqual([
      ['x', 'input', undefined, []],
      ['both/forward_reader', 'lstm', 'both', ['x']],
      ['both/backward_reader', 'lstm', 'both', ['x']],
      [
        'both',
        'bidirectional',
        'both',
        [
          'both/forward_reader:0',
          'both/backward_reader:0',
          'both/forward_reader:1',
          'both/forward_reader:2',
          'both/backward_reader:1',
          'both/backward_reader:2',
        ],
      ],
    ]);
    expect(wrappers).toMatchObject([{ name: 'both', className: 'Bidirectional' }]);
    expect(outputs).toEqual(['both']);
  });

  it('a Bidirectional zeroes masked timesteps of a sequence, but not with Keras 1 or where a file’s version does not', () => {
    const zeroes = (keras: Version, options: PlanOptions = {}) => {
      const { spec } = planLayers([input, { class_name: 'Bidirectional', layer: lstm }], keras, options).layers[1];
      return spec.kind === 'lstm' && spec.zeroOutputForMask;
    };
    expect([zeroes(1), zeroes(2), zeroes(3)]).toEqual([false, true, true]);
    expect(zeroes(2, { zeroOutputForMaskInBidirectional: false })).toBe(false);
  });

  it('an RNN of cells into a layer for each, which give the same as LSTMs on top of each other', async () => {
    const cell = (given: object) => ({ class_name: 'LSTMCell', units: 2, weights: given });
    const stack = { class_name: 'RNN', cell: [cell(ahead), cell(back)], go_backwards: true };
    const expected = await output([
      input,
      { ...lstm, weights: ahead, go_backwards: true },
      { ...lstm, name: 'second', weights: back, return_sequences: false },
    ]);
    expect(await output([input, stack])).toEqual(expected);
    const { outputs } = planLayers([input, { ...stack, return_state: true, name: 'rnn' }], 3, { outputs: ['rnn'] });
    expect(outputs).toEqual([
      'rnn/lstm_cell_1:0',
      'rnn/lstm_cell:1',
      'rnn/lstm_cell:2',
      'rnn/lstm_cell_1:1',
      'rnn/lstm_cell_1:2',
    ]);
  });

  it('a model that is called twice into layers that are called twice, with its outputs by number', async () => {
    const inner = {
      class_name: 'Functional',
      name: 'pair',
      layers: [
        { class_name: 'Input', name: 'in', shape: [3, 2] },
        { ...lstm, weights: ahead, inputs: ['in'] },
        { class_name: 'Dense', name: 'mix', units: 1, inputs: ['reader'], weights: [numbers(2, 1, 5), [0]] },
      ],
      output_layers: ['mix', 'reader'],
      calls: [{ inputs: ['x'] }, { inputs: ['pair:1'] }],
    };
    const { layers, outputs } = planLayers([input, inner], 3, { outputs: ['pair#2', 'pair:1'] });
    expect(layers.map(({ spec }) => spec.name)).toEqual(['x', 'pair/reader', 'pair/mix']);
    expect(layers[1].calls.map(({ inputs }) => inputs)).toEqual([['x'], ['pair/reader:0']]);
    expect(outputs).toEqual(['pair/mix#2:0', 'pair/reader#2:0', 'pair/reader:0']);
    const twice = await output([
      input,
      { ...lstm, weights: ahead },
      { ...lstm, name: 'again', weights: ahead },
      { class_name: 'Dense', units: 1, weights: [numbers(2, 1, 5), [0]] },
    ]);
    expect(await output([input, inner], { outputs: ['pair#2:0'] })).toEqual(twice);
  });

  it('TimeDistributed around a model into its layers, each timestep by itself', async () => {
    const layers = [
      { class_name: 'Dense', units: 2, activation: 'tanh', weights: [numbers(2, 2, 3), [0.1, 0.2]] },
      { class_name: 'LeakyReLU', negative_slope: 0.1 },
    ];
    const inside = { class_name: 'TimeDistributed', layer: { class_name: 'Sequential', layers } };
    expect(await output([input, inside])).toEqual(await output([input, ...layers]));
    const flat = { class_name: 'TimeDistributed', layer: { class_name: 'Flatten' } };
    expect(await output([input, flat])).toEqual(sequence.flat());
  });

  it('time-major layers give what batch-first ones do, with the samples on the second axis', async () => {
    const cell = { ...lstm, weights: ahead };
    const other = sequence.map(([a, b]) => [b, -a]);
    const first = await buildPreset(
      parsePreset({ layers: [input, cell], input: [sequence, other] }, 'p.json'),
      'p.json',
    );
    const turned = sequence.map((row, t) => [row, other[t]]);
    const layers = [
      { class_name: 'Input', name: 'x', batch_shape: [3, 2, 2] },
      { ...cell, time_major: true },
    ];
    const major = await buildPreset(parsePreset({ keras: 2, layers, input: turned }, 'p.json'), 'p.json');
    const outputs = async ({ model, batches }: typeof first) =>
      (await record(model, batches, 'kernel')).runs[0].map((trace) =>
        trace.outputs.flatMap((output) => (output ? [...whole(output).data] : [])),
      );
    expect(await outputs(major)).toEqual(await outputs(first));
    expect(major.model.outputBatchAxes).toEqual([1]);
  });
});

describe('the configuration of a file, where the lab does not know all of it', () => {
  const lenient = { unknowns: 'leave out' } as const;

  it('keeps layers of unknown classes and functions as unknown, and what does not need them runs', () => {
    const entries = [
      input,
      { class_name: 'Custom>Twist', name: 'twist', inputs: ['x'], factor: 3 },
      { class_name: 'Lambda', name: 'python', inputs: ['x'], function: ['code'] },
      { class_name: 'Dense', name: 'odd', units: 2, activation: 'my_activation', inputs: ['x'] },
      { ...lstm, inputs: ['x'] },
    ];
    const { layers, wrappers, outputs } = planLayers(entries, 3, lenient);
    expect(layers.map(({ spec }) => (spec.kind === 'unknown' ? spec.reason : spec.kind))).toEqual([
      'input',
      'the lab has no layer of this class.',
      'what a Lambda computes is Python, which the lab does not run.',
      'Keras has no activation of this name. Received: "my_activation".',
      'lstm',
    ]);
    const model = buildModel({ name: 'm', keras: 3, seed: 1, layers, wrappers, outputs });
    expect(model.layers.map(({ name }) => name)).toEqual(['x', 'reader']);
    expect(model.incomplete.map(({ layer }) => layer)).toEqual(['twist', 'python', 'odd']);
  });

  it('passes over unknown arguments and nulls, makes names safe, and takes states from behind the input', () => {
    const entries = [
      input,
      { class_name: 'InputLayer', name: 'h 0', batch_shape: [null, 2] },
      {
        class_name: 'LSTM',
        name: 'my lstm',
        units: 2,
        implementation: null,
        unit_forget_bias: null,
        invented: 1,
        inputs: ['x', 'h 0:0', 'h 0:0'],
      },
    ];
    const { layers } = planLayers(entries, 2, lenient);
    expect(layers.map(({ spec }) => spec.name)).toEqual(['x', 'h_0', 'my_lstm']);
    expect(layers[2].calls).toEqual([{ inputs: ['x'], initialState: ['h_0:0', 'h_0:0'] }]);
  });

  it('takes arrays as they are, not finite ones too', () => {
    const kernel = tensor([2, 1], Float32Array.from([Number.NaN, 1]));
    const entries = [
      input,
      { class_name: 'Dense', units: 1, use_bias: false, weights: [kernel], kernel_initializer: 'mine' },
    ];
    expect(planLayers(entries, 3, lenient).layers[1].weights.given?.kernel).toBe(kernel);
  });
});

describe('an activation', () => {
  it.each([
    [{ class_name: 'function', config: 'relu' }, 'relu'],
    [{ class_name: 'LeakyReLU', config: { alpha: 0.1 } }, 'leaky_relu(0.1)'],
    [{ module: 'keras.layers', class_name: 'ReLU', config: { max_value: 6 } }, 'relu6'],
    [{ class_name: 'Activation', config: { activation: 'hard_sigmoid' } }, 'hard_sigmoid'],
    [{ class_name: 'ELU', config: {} }, 'elu'],
  ])('%j means %s', (activation, wanted) => {
    expect(planLayers([input, { class_name: 'Dense', units: 1, activation }], 3).layers[1].spec).toMatchObject({
      activation: wanted,
    });
  });
});
