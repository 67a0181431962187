import { describe, expect, it } from 'vitest';
import { record } from '../../../src/engines/record.ts';
import { kerasFile } from '../../../src/formats/keras/open.ts';
import { whole } from '../../../src/math/tensor.ts';
import { buildModel } from '../../../src/model/build.ts';
import { numbers } from '../../ui/panels/models.ts';

/* Configurations as Keras writes them, with what the lab does not compute, and what is opened of them all the same. */

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

async function open(config: unknown, options: object = {}) {
  const opened = await kerasFile(bytes(config), 'model.json', options);
  return { ...opened, model: buildModel(opened.plan) };
}

const sequential = (...layers: object[]) => ({ class_name: 'Sequential', config: { name: 's', layers } });
const lstm = { class_name: 'LSTM', config: { name: 'lstm', units: 3 } };
const lambda = (name: string, config: object = {}) => ({
  class_name: 'Lambda',
  config: { name, function: ['4wEAAAAA\n', null, null], function_type: 'lambda', ...config },
});

/** One tensor of a functional model of Keras 3. */
const tensor = (name: string, shape: (number | null)[]) => ({
  class_name: '__keras_tensor__',
  config: { shape, dtype: 'float32', keras_history: [name, 0, 0] },
});
const slice = (start: number | null, stop: number | null) => ({
  class_name: '__slice__',
  config: { start, stop, step: null },
});

/** A functional model: x [5, 4], one operation on it, and what it returns. */
const operation = (className: string, config: object, ...args: unknown[]) => ({
  class_name: 'Functional',
  config: {
    name: 'f',
    layers: [
      { class_name: 'InputLayer', name: 'x', config: { name: 'x', batch_shape: [null, 5, 4] }, inbound_nodes: [] },
      {
        module: 'keras.src.ops.numpy',
        class_name: className,
        name: 'op',
        registered_name: className,
        config: { name: 'op', ...config },
        inbound_nodes: [{ args, kwargs: {} }],
      },
    ],
    input_layers: [['x', 0, 0]],
    output_layers: [['op', 0, 0]],
  },
});
const x = tensor('x', [null, 5, 4]);

async function computed(config: unknown) {
  const { model } = await open(config);
  const given = numbers(5, 4);
  const { runs } = await record(model, [[given]], 'kernel');
  const output = runs[0][0].outputs[0];
  return { given, output: output && whole(output), model };
}

describe('operations on tensors', () => {
  it('y[:, -1, :2] is the last timestep’s first two features', async () => {
    const { given, output } = await computed(operation('GetItem', {}, x, [slice(null, null), -1, slice(null, 2)]));
    expect(output).toEqual({ shape: [2], data: given.data.slice(16, 18) });
  });

  it('y[..., 1:] leaves out the first feature of every timestep', async () => {
    const dots = { class_name: '__ellipsis__', config: {} };
    const { given, output } = await computed(operation('GetItem', {}, x, [dots, slice(1, null)]));
    expect(output?.shape).toEqual([5, 3]);
    expect(Array.from(output?.data ?? [])).toEqual(Array.from(given.data).filter((_, at) => at % 4 > 0));
  });

  it('a sum along time, kept as an axis', async () => {
    const { given, output } = await computed(operation('Sum', { axis: 1, keepdims: true }, x));
    const sums = [0, 1, 2, 3].map((f) => [0, 1, 2, 3, 4].reduce((sum, t) => sum + given.data[t * 4 + f], 0));
    expect(output?.shape).toEqual([1, 4]);
    sums.forEach((sum, f) => {
      expect(output?.data[f]).toBeCloseTo(sum, 12);
    });
  });

  it('1 − y, where the number stands first', async () => {
    const { given, output } = await computed(operation('Subtract', {}, 1, x));
    expect(output?.data[7]).toBeCloseTo(1 - given.data[7], 12);
  });

  it('is not what a layer is taken for that does not write whether it is trained: Keras 3 names no modules in an .h5', async () => {
    const config = operation('SpatialDropout1D', { rate: 0.1 }, x);
    const { module: _, registered_name: __, ...layer } = config.config.layers[1] as Record<string, unknown>;
    const { model } = await open({ ...config, config: { ...config.config, layers: [config.config.layers[0], layer] } });
    expect(model.incomplete).toEqual([]);
  });

  it.each([
    ['of the whole batch', operation('Sum', { axis: null, keepdims: false }, x)],
    ['that takes samples out of a batch', operation('GetItem', {}, x, [0])],
    [
      'that joins constants with a row for each sample',
      operation('Concatenate', { axis: -1 }, [x, { class_name: '__numpy__', config: { value: [[[1]], [[2]]] } }]),
    ],
    [
      'that divides by constants of which one is 0',
      operation('TrueDivide', {}, x, { class_name: '__numpy__', config: { value: [1, 2, 0, 4] } }),
    ],
    [
      'that divides constants',
      operation('Divide', {}, { class_name: '__numpy__', config: { value: [1, 2, 3, 4] } }, x),
    ],
    ['that the lab does not have', operation('Cumsum', { axis: 1 }, x)],
  ])('an operation %s is left out, and named', async (_, config) => {
    const { model } = await open(config);
    const className = config.config.layers[1].class_name;
    expect(model.incomplete).toEqual([
      { layer: 'op', class: className, reason: `an operation of Keras on tensors, ${className}` },
    ]);
  });
});

describe('an LSTM of images', () => {
  it('is left out, with why', async () => {
    const config = { name: 'c', filters: 3, kernel_size: [3, 3], batch_input_shape: [null, 4, 6, 6, 1] };
    const { model } = await open(sequential({ class_name: 'ConvLSTM2D', config }, lstm));
    expect(model.incomplete[0]).toMatchObject({ layer: 'c', class: 'ConvLSTM2D' });
    expect(model.incomplete[0].reason).toMatch(/an LSTM of images.*the lab computes LSTMs of vectors/);
  });
});

describe('GroupNormalization of TensorFlow Addons', () => {
  it('is computed as that of Keras, whose arguments it has', async () => {
    const config = { name: 'n', groups: 2, axis: -1, epsilon: 0.1, center: false, scale: false };
    const norm = { class_name: 'Addons>GroupNormalization', config: { ...config, batch_input_shape: [null, 5, 4] } };
    const { model } = await open(sequential(norm));
    expect(model.incomplete).toEqual([]);
    expect(model.calls[1].layer).toMatchObject({ kind: 'group_normalization', ...config, name: 'n' });
  });
});

describe('a layer that takes constants that are no numbers', () => {
  const add = (value: unknown) =>
    operation('Add', {}, x, { class_name: '__tensor__', config: { value, dtype: 'float32' } });
  it.each([
    ['of other lengths', [[1, 2, 3, 4], [1]]],
    ['of text', [['a', 'b', 'c', 'd']]],
    ['nested too deep', [[[[[[[[[[[1]]]]]]]]]]]],
  ])('(%s) is left out with what needs it', async (_, value) => {
    const { model } = await open(add(value));
    expect(model.incomplete.map(({ layer }) => layer)).toEqual(['op/constant_1', 'op']);
  });
});

describe('a layer that takes constants with a row for each sample', () => {
  const rows = [
    [0, 1, 0, 1],
    [1, 0, 1, 0],
  ];
  const constant = { class_name: '__tensor__', config: { value: rows, dtype: 'float32' } };

  it.each([
    ['Keras 3', [{ args: [[x, constant]], kwargs: {} }]],
    [
      'tf.keras',
      [
        [
          ['x', 0, 0, {}],
          ['_CONSTANT_VALUE', -1, rows, {}],
        ],
      ],
    ],
  ])('is left out, and not computed without it, in a file of %s', async (_, inbound) => {
    const config = operation('Add', {}, x);
    const add = { class_name: 'Add', name: 'op', config: { name: 'op', trainable: true }, inbound_nodes: inbound };
    const { model } = await open({ ...config, config: { ...config.config, layers: [config.config.layers[0], add] } });
    expect(model.incomplete).toEqual([
      {
        layer: 'op',
        class: 'Add',
        reason: 'one of its inputs is an array of constants that has a row for each sample',
      },
    ]);
  });
});

describe('a model that begins with a layer that the lab does not know', () => {
  it('begins behind it where the file says what it returns, and says so', async () => {
    const read = { ...lstm, build_config: { input_shape: [null, null, 2] } };
    const { model, notes } = await open(
      sequential(lambda('first', { batch_input_shape: [null, 7] }), read, lambda('last')),
    );
    expect(model.inputs.map((at) => model.calls[at].layer)).toMatchObject([
      { kind: 'input', name: 'first', shape: [null, 2] },
    ]);
    expect(model.calls.map(({ layer }) => layer.name)).toEqual(['first', 'lstm']);
    expect(model.incomplete.map(({ layer }) => layer)).toEqual(['first', 'last']);
    expect(notes.join()).toMatch(
      /begins behind first \(Lambda\), .*its input is what first returns, \(None, None, 2\)/,
    );
  });

  it('has nothing to run where it does not, and names that layer', async () => {
    const { model, notes } = await open(sequential(lambda('first', { batch_input_shape: [null, 7] }), lstm));
    expect(model.incomplete.map(({ layer, class: className }) => `${layer} ${className}`)).toEqual([
      'first Lambda',
      'lstm LSTM',
    ]);
    expect(notes.join()).not.toMatch(/begins behind/);
  });

  it('is opened as it is where something else can be run', async () => {
    const { model } = await open(
      sequential(
        {
          class_name: 'LSTM',
          config: { name: 'a', units: 2, batch_input_shape: [null, 4, 2], return_sequences: true },
        },
        lambda('b'),
        { ...lstm, build_config: { input_shape: [null, 4, 2] } },
      ),
    );
    expect(model.incomplete.map(({ layer }) => layer)).toEqual(['b', 'lstm']);
  });
});

describe('TimeDistributed', () => {
  const input = { class_name: 'InputLayer', config: { name: 'i', batch_shape: [2, 4, 3, 2] } };

  it('leaves out an LSTM that would hand its state from timestep to timestep, and says so', async () => {
    const layer = { class_name: 'LSTM', config: { name: 'inner', units: 2, stateful: true } };
    const { model } = await open(sequential(input, { class_name: 'TimeDistributed', config: { name: 'td', layer } }));
    expect(model.incomplete).toEqual([
      {
        layer: 'td',
        class: 'LSTM',
        reason:
          'inside TimeDistributed every timestep starts from zeros: no state is handed on there. Received: stateful=True.',
      },
    ]);
  });

  it('goes around a Bidirectional: every timestep is a sequence that is read both ways', async () => {
    const layer = { class_name: 'Bidirectional', config: { name: 'both', layer: lstm } };
    const { model } = await open(sequential(input, { class_name: 'TimeDistributed', config: { name: 'td', layer } }));
    expect(model.incomplete).toEqual([]);
    expect(model.calls.at(-1)?.outputShapes).toEqual([[4, 6]]);
  });
});

describe('arguments that the lab does not know', () => {
  it('are named once for each class', async () => {
    const layer = (name: string) => ({
      class_name: 'LSTM',
      config: { name, units: 2, return_sequences: true, zoneout: 0.1 },
    });
    const { notes } = await open(
      sequential(
        { class_name: 'InputLayer', config: { name: 'i', batch_shape: [null, 4, 2] } },
        layer('a'),
        layer('b'),
      ),
    );
    expect(notes.filter((note) => note.includes('zoneout'))).toEqual([
      'the lab does not know the argument zoneout of LSTM: the layer is computed without it',
    ]);
  });
});

describe('a subclassed model', () => {
  const subclassed = { module: null, class_name: 'Forecast', config: { units: 4 }, registered_name: 'Forecast' };

  it('says that its layers are in Python code, and what to do', async () => {
    await expect(open(subclassed)).rejects.toThrow(
      /"Forecast".*Python code, which is not in the file.*--config.*--preset/s,
    );
  });
});
