import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { buildPreset, openPreset, parsePreset } from '../../../src/formats/preset/open.ts';
import { LabError } from '../../../src/math/lab-error.ts';
import { presetJsonSchema } from '../../tools/preset-json-schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'preset-'));

async function failure(work: () => unknown): Promise<LabError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof LabError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** What the lab says about a preset with these layers. */
async function said(layers: object[], rest: object = {}): Promise<string> {
  return (await failure(() => buildPreset(parsePreset({ layers, ...rest }, 'p.json'), 'p.json'))).message;
}

const input = { class_name: 'Input', shape: [3, 1] };
const lstm = (args: object = {}) => ({ class_name: 'LSTM', units: 2, ...args });

describe('a wrong preset gets one message with file, place, what was received and a hint', () => {
  it.each([
    [
      'an unknown layer',
      [input, { class_name: 'LSMT', units: 2 }],
      'p.json: layers[1].class_name: the lab has no layer of this class. Received: "LSMT". Hint: did you mean "LSTM"?',
    ],
    [
      'an unknown argument',
      [input, lstm({ return_sequence: true })],
      'p.json: layers[1] (LSTM): Keras has no such argument here. Received: "return_sequence". Hint: did you mean "return_sequences"?',
    ],
    [
      'an argument of the wrong type',
      [input, lstm({ units: 'two' })],
      'p.json: layers[1] (LSTM).units: a number is wanted here. Received: "two".',
    ],
    [
      'an argument that is missing',
      [input, { class_name: 'LSTM' }],
      'p.json: layers[1] (LSTM).units: this must be given. Received: nothing.',
    ],
    [
      'units that are not positive',
      [input, lstm({ units: 0 })],
      /layers\[1\] \(LSTM\)\.units: at least 1 is wanted here. Received: 0/,
    ],
    ['units that are not whole', [input, lstm({ units: 1.5 })], /units: a whole number is wanted here. Received: 1.5/],
    ['too many units', [input, lstm({ units: 1e9 })], /units: at most 65536 is wanted here. Received: 1000000000/],
    [
      'a length that is none',
      [{ class_name: 'Input', shape: [3, 'x'] }],
      /shape\[1\]: a number is wanted here. Received: "x"/,
    ],
    [
      'none of the forms of an argument',
      [input, { class_name: 'MaxPooling1D', pool_size: 'two' }],
      /pool_size: a number or a list is wanted here. Received: "two"/,
    ],
    [
      'none of the words of an argument',
      [input, { class_name: 'MaxPooling1D', padding: 'causal' }],
      /padding: "valid" or "same" is wanted here. Received: "causal"/,
    ],
    [
      'a list that is empty',
      [input, lstm({ initial_state: [] })],
      /initial_state: a list of at least 1 is wanted here/,
    ],
    [
      'a class that is no text',
      [input, { class_name: 3 }],
      /layers\[1\]\.class_name: a text of at most 100 characters is wanted/,
    ],
    [
      'an unknown activation',
      [input, lstm({ activation: 'tanhh' })],
      'p.json: layers[1] (lstm): activation'.replace('): a', ').a') +
        ': Keras has no activation of this name. Received: "tanhh". Hint: did you mean "tanh"?',
    ],
    [
      'an unknown initializer',
      [input, lstm({ kernel_initializer: 'glorot' })],
      /layers\[1\] \(lstm\)\.kernel_initializer: Keras has no initializer of this name\. Received: "glorot"\. Hint: did you mean "glorot_\w+"\?/,
    ],
    [
      'an argument under two names',
      [input, lstm({ output_dim: 3 })],
      'units is given twice, once under an older name. Received: output_dim.',
    ],
    [
      'a kernel that is transposed',
      [input, lstm({ weights: { kernel: Array.from({ length: 8 }, () => [1]) } })],
      'p.json: layers[1] (lstm).weights.kernel: `kernel` must be (1, 8) (input_dim, 4·units). Received: (8, 1). Hint: it is transposed',
    ],
    [
      'weights that are not numbers',
      [input, lstm({ weights: { bias: [0, 0, 'NaN', 0, 0, 0, 0, 0] } })],
      'p.json: layers[1] (lstm).weights.bias: weights must be finite numbers. Received: NaN, number 2 of 8.',
    ],
    [
      'weights of a name that there is not',
      [input, lstm({ weights: { kernels: [[1]] } })],
      'the layer has no weights of this name. Received: kernels. Hint: it has kernel, recurrent_kernel, bias.',
    ],
    ['a bias without use_bias', [input, lstm({ use_bias: false, weights: { bias: [0] } })], '(use_bias is false)'],
    [
      'an LSTM on a vector',
      [input, lstm(), lstm()],
      'p.json: layers[2] (lstm_1): LSTM wants (timesteps, features), two axes besides the batch. Received: (2,). Hint: the layer before it returns one vector: set return_sequences=True there',
    ],
    [
      'an input from a layer that there is not',
      [input, lstm({ inputs: ['inptu_layer'] })],
      'there is no layer or call of this name. Received: "inptu_layer". Hint: did you mean "input_layer"?',
    ],
    [
      'an output that the layer does not return',
      [input, lstm(), { class_name: 'Dense', units: 1, inputs: ['lstm:1'] }],
      'lstm returns one tensor, :0. Received: lstm:1. Hint: with return_state=True',
    ],
    [
      'layers wired in a circle',
      [input, lstm({ name: 'a', inputs: ['b'] }), lstm({ name: 'b', inputs: ['a'] })],
      'wired in a circle',
    ],
    [
      'two layers of one name',
      [input, lstm({ name: 'a' }), lstm({ name: 'a' })],
      'every layer needs a name of its own. Received: "a" twice.',
    ],
    [
      'states of another size',
      [
        input,
        lstm({
          initial_state: [
            [0, 0, 0],
            [0, 0, 0],
          ],
        }),
      ],
      'an LSTM of 2 units starts from [h, c], each of shape (2,). Received: (3,) and (3,).',
    ],
    ['no input shape', [lstm()], 'p.json: layers[0] (lstm): the first layer must say what goes in.'],
    [
      'a first layer whose features are not known',
      [{ class_name: 'LSTM', units: 2, input_shape: [3, null] }],
      'the number of features must be known to make its weights. Received: input (3, None).',
    ],
    [
      'TimeDistributed around an LSTM without a second axis of time',
      [input, { class_name: 'TimeDistributed', layer: { class_name: 'LSTM', units: 1 } }],
      'p.json: layers[1] (time_distributed).layer: LSTM wants (timesteps, features)',
    ],
    [
      'a wrong argument of a layer inside another',
      [input, { class_name: 'Bidirectional', name: 'both', layer: lstm({ units: -1 }) }],
      /layers\[1\] \(both\)\.layer\.units: at least 1 is wanted here. Received: -1/,
    ],
    [
      'an unknown argument of a layer inside another',
      [input, { class_name: 'Bidirectional', name: 'both', layer: lstm({ unit: 3 }) }],
      'p.json: layers[1] (both).layer: Keras has no such argument here. Received: "unit". Hint: did you mean "units"?',
    ],
    [
      'an unknown cell',
      [
        input,
        {
          class_name: 'RNN',
          cell: [
            { class_name: 'LSTMCell', units: 2 },
            { class_name: 'LSTM', units: 2 },
          ],
        },
      ],
      'p.json: layers[1] (RNN).cell[1].class_name: the lab has no cell of this class. Received: "LSTM". Hint: did you mean "LSTMCell"?',
    ],
    [
      'a wrong activation of a layer in a nested model',
      [
        input,
        {
          class_name: 'Sequential',
          name: 'encoder',
          layers: [lstm(), { class_name: 'Dense', units: 1, activation: 'sofmax' }],
        },
      ],
      'p.json: layers[1] (encoder).layers[1] (dense).activation: Keras has no activation of this name. Received: "sofmax". Hint: did you mean "softmax"?',
    ],
    [
      'a nested model that is given too few inputs',
      [
        input,
        {
          class_name: 'Functional',
          name: 'joiner',
          layers: [
            { class_name: 'Input', name: 'a', shape: [3, 1] },
            { class_name: 'Input', name: 'b', shape: [3, 1] },
            { class_name: 'Add', inputs: ['a', 'b'] },
          ],
        },
      ],
      'p.json: layers[1] (joiner).inputs: the model takes 2 inputs. Received: 1.',
    ],
    [
      'Bidirectional around what does not step along time',
      [input, { class_name: 'Bidirectional', layer: { class_name: 'Dense', units: 2 } }],
      'layers[1] (bidirectional): Bidirectional goes around LSTM, GRU, SimpleRNN or an RNN of known cells. Received: Dense.',
    ],
    [
      'states for one direction only',
      [
        input,
        {
          class_name: 'Bidirectional',
          layer: lstm(),
          initial_state: [
            [0, 0],
            [0, 0],
          ],
        },
      ],
      'layers[1] (bidirectional).initial_state: a Bidirectional of these layers starts from 4 states, the forward ones first. Received: 2.',
    ],
    [
      'too few arrays for both directions',
      [input, { class_name: 'Bidirectional', layer: lstm(), weights: [[[1]], [[1]], [1]] }],
      'layers[1] (bidirectional).weights: a list of 6 arrays is wanted, those of the layers inside in Keras’s order. Received: a list of 3.',
    ],
    [
      'an output of a nested model that it does not return',
      [
        input,
        { class_name: 'Sequential', name: 'encoder', layers: [lstm()] },
        { class_name: 'Dense', units: 1, inputs: ['encoder:1'] },
      ],
      'layers[2] (dense).inputs: encoder returns one tensor, :0. Received: encoder:1.',
    ],
    [
      'quantized weights',
      [input, { class_name: 'Dense', units: 1, quantization_config: { mode: 'int8' } }],
      'layers[1] (dense).quantization_config: quantized weights are not computed with.',
    ],
  ])('%s', async (_, layers, message) => {
    const text = await said(layers as object[]);
    if (message instanceof RegExp) expect(text).toMatch(message);
    else expect(text).toContain(message);
  });

  it('an embedding matrix of word vectors that no memory holds, before it is made', async () => {
    const document = JSON.parse(readFileSync('presets/embedding-pretrained.json', 'utf8'));
    for (const rows of [4503588608612226, 20_000_000]) {
      document.layers[1].input_dim = rows;
      const error = await failure(() => buildPreset(parsePreset(document, 'presets/p.json'), 'presets/p.json'));
      expect(error.message).toContain('the embedding matrix would have more than 67108864 numbers');
    }
  });

  it('units whose recurrent kernel would take minutes to draw, at once', async () => {
    expect(await said([input, lstm({ units: 4096 })])).toContain(
      'layers[1] (lstm): an orthogonal matrix of this size would take minutes to draw. Received: (4096, 16384).',
    );
  });

  it('an unknown field', async () => {
    expect(await said([input, lstm()], { kers: 2 })).toBe(
      'p.json: there is no such field here. Received: "kers". Hint: did you mean "keras"?',
    );
  });

  it('a token out of range, when the model runs', async () => {
    const { record } = await import('../../../src/engines/record.ts');
    const { model, batches } = await buildPreset(
      parsePreset(
        { layers: [{ class_name: 'Embedding', input_dim: 3, output_dim: 2, input_length: 2 }], input: [[1, 7]] },
        'p.json',
      ),
      'p.json',
    );
    const error = await failure(() => record(model, batches));
    expect(error.message).toBe(
      'input[1]: embedding has rows 0 to 2 (input_dim=3); the index is outside. Received: 7. Hint: input_dim must be the largest index + 1.',
    );
  });

  it('a token out of range in one of several samples, whose number is said', async () => {
    const { record } = await import('../../../src/engines/record.ts');
    const layers = [{ class_name: 'Embedding', input_dim: 3, output_dim: 2, input_length: 2 }];
    const input = [
      [0, 1],
      [1, 9],
    ];
    const { model, batches } = await buildPreset(parsePreset({ layers, input }, 'p.json'), 'p.json');
    expect((await failure(() => record(model, batches))).message).toMatch(/^sample 2, input\[1\]: embedding has rows/);
  });

  it('names that every JavaScript object knows, which are words as any other', () => {
    const layers = [
      { class_name: 'Input', shape: [1] },
      { class_name: 'Embedding', input_dim: 4, output_dim: 1 },
    ];
    const preset = { layers, text: ['a constructor'], word_index: { a: 1, constructor: 3 } };
    expect(parsePreset(preset, 'p.json').word_index).toHaveProperty('constructor', 3);
  });

  it('an index of a word that is no index', async () => {
    expect(await said([input, lstm()], { word_index: { a: -1 } })).toContain(
      'p.json: word_index.a: a whole number from 0 to 10000000 is wanted here. Received: -1.',
    );
  });

  it('names that every JavaScript object knows, which are no arguments and no weights', async () => {
    expect(await said([input, lstm({ constructor: 1 })])).toMatch(/Received: "constructor"\. Hint: there are name, /);
    expect(await said([input, lstm({ weights: { constructor: [1] } })])).toContain('no weights of this name');
    expect(await said([{ class_name: 'constructor' }])).toContain('no layer of this class. Received: "constructor"');
  });

  it('escape sequences, which are shown and not sent to the terminal', async () => {
    const message = await said([input, lstm({ '\u001b[31m\u202e': 1 })], {});
    expect(message).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  it('a layer’s name that would lead out of the folder where a trace is unpacked', async () => {
    expect(await said([input, lstm({ name: 'a/../../b' })])).toContain('.name: a name has letters');
  });

  it('a list of weights that lacks some, instead of drawing them', async () => {
    expect(await said([input, lstm({ weights: [[[1, 2, 3, 4, 5, 6, 7, 8]]] })])).toContain(
      'weights: a list of 3 arrays is wanted: kernel, recurrent_kernel, bias. Received: a list of 1.',
    );
  });

  it('more numbers to draw than there is memory, at once', async () => {
    const layers = [{ class_name: 'Embedding', input_dim: 3, output_dim: 2 }];
    const size = [1_000_000, 1_000_000, 1_000_000];
    expect(await said(layers, { random_integers: { high: 3, size } })).toContain('random_integers.size: an input that');
    expect(
      await said([
        { class_name: 'Input', shape: size },
        { class_name: 'Dropout', rate: 0 },
      ]),
    ).toContain('Received: (1, 1000000, 1000000, 1000000).');
  });

  it('more uses of layers than can be ordered quickly, at once', async () => {
    const dropout = { class_name: 'Dropout', rate: 0, calls: new Array(64).fill({ inputs: ['input_layer'] }) };
    expect(await said([input, ...new Array(40).fill(dropout)])).toContain(
      'layers: a model has at most 2000 uses of layers. Received: 2561.',
    );
  });

  it('a circle, also where the first layer is part of it', async () => {
    const circle = ['b', 'a'].map((from, at) => ({
      class_name: 'Dropout',
      rate: 0,
      name: 'ab'[at],
      inputs: [from],
    }));
    expect(await said(circle)).toContain('wired in a circle');
  });

  it('a mask that arrives at Flatten in Keras 1, which does not support it', async () => {
    const { record } = await import('../../../src/engines/record.ts');
    const layers = [
      { class_name: 'Embedding', input_dim: 3, output_dim: 2, input_length: 2, mask_zero: true },
      { class_name: 'Flatten' },
    ];
    const { model, batches } = await buildPreset(
      parsePreset({ keras: 1, layers, input: [[1, 0]] }, 'p.json'),
      'p.json',
    );
    expect((await failure(() => record(model, batches))).message).toContain(
      'Flatten does not support masking in Keras 1',
    );
    const today = await buildPreset(parsePreset({ keras: 3, layers, input: [[1, 0]] }, 'p.json'), 'p.json');
    expect((await record(today.model, today.batches)).runs[0][0].outputs[0]?.shape).toEqual([4]);
  });

  it.each([
    ['{"layers": [', 'data', /bad\.json: line 1, column 13: this is not JSON\. Received: the end of the file\./],
    [
      '{\n  "layers": [1,]\n}',
      'data',
      /bad\.json: line 2, column 16: this is not JSON\. Received: "\]\\n\}"\. Hint: JSON wants double quotes/,
    ],
    ['', 'data', /the file is empty, and JSON is wanted/],
    ['[]', 'data', /an object is wanted here\. Received: \[\]/],
    ['{"layers": 3}', 'data', /layers: a list is wanted here\. Received: 3/],
    ['{"layers": [null]}', 'data', /layers\[0\]: an object is wanted here\. Received: null/],
  ])('%j is not a preset', async (text, kind, message) => {
    const file = join(folder, 'bad.json');
    writeFileSync(file, text);
    const error = await failure(() => openPreset(file));
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(message);
  });

  it('a missing file, a directory and a file of 10 MB', async () => {
    const missing = await failure(() => openPreset(join(folder, 'nothing.json')));
    expect([missing.kind, missing.message]).toEqual([
      'missing',
      expect.stringContaining('nothing.json: there is no such file.'),
    ]);
    const directory = await failure(() => openPreset(folder));
    expect([directory.kind, directory.message]).toEqual(['missing', expect.stringContaining('this is a directory')]);
    const large = join(folder, 'large.json');
    writeFileSync(large, ' '.repeat(10 * 2 ** 20));
    expect((await failure(() => openPreset(large))).message).toMatch(
      /large\.json: the file is larger than 8 MB\. Received: 10 MB/,
    );
  });

  it('word vectors outside its folder', async () => {
    const layers = [
      {
        class_name: 'Embedding',
        input_dim: 2,
        output_dim: 2,
        input_length: 1,
        embeddings_initializer: { class_name: 'Constant', config: { value: { word_vectors: '../../etc/passwd' } } },
      },
    ];
    expect(await said(layers, { word_index: { a: 1 } })).toContain(
      'read from the preset’s own folder or one below it. Received: ../../etc/passwd.',
    );
  });
});

describe('Keras’s names', () => {
  it('those of Keras 1 mean the same as today’s', async () => {
    const old = {
      class_name: 'LSTM',
      output_dim: 2,
      inner_activation: 'hard_sigmoid',
      init: 'uniform',
      inner_init: 'orthogonal',
      forget_bias_init: 'one',
      dropout_W: 0.1,
      dropout_U: 0.2,
      input_dim: 1,
      input_length: 3,
    };
    const { model } = await buildPreset(
      parsePreset(
        {
          keras: 1,
          layers: [old, { class_name: 'Dropout', p: 0.5 }, { class_name: 'Dense', output_dim: 1, bias: false }],
        },
        'p.json',
      ),
      'p.json',
    );
    expect(model.layers.map(({ name }) => name)).toEqual(['input_1', 'lstm_1', 'dropout_1', 'dense_1']);
    expect(model.layers[0]).toMatchObject({ shape: [3, 1] });
    expect(model.layers[1]).toMatchObject({
      units: 2,
      recurrentActivation: 'hard_sigmoid_keras2',
      dropout: 0.1,
      recurrentDropout: 0.2,
      maskedStart: 'state',
    });
    expect(model.layers[2]).toMatchObject({ rate: 0.5 });
    expect(model.layers[3]).toMatchObject({ units: 1, useBias: false });
  });

  it('a fixed batch is given as batch_size too, and what Keras writes without meaning is read', async () => {
    const batchOf = async (layers: object[]) => {
      const { model } = await buildPreset(parsePreset({ layers }, 'p.json'), 'p.json');
      const { layer } = model.calls[0];
      return layer.kind === 'input' && layer.batch;
    };
    const keras3 = { ...input, batch_size: 4, sparse: null, ragged: null };
    expect(await batchOf([keras3, lstm({ stateful: true, autocast: true })])).toBe(4);
    expect(await batchOf([lstm({ input_shape: [3, 1], batch_size: 4, stateful: true })])).toBe(4);
  });

  it('an LSTM clamps its dropout rates, and weights of None are drawn', async () => {
    const layers = [input, lstm({ dropout: 1.5, recurrent_dropout: -1, weights: null })];
    const { model } = await buildPreset(parsePreset({ layers }, 'p.json'), 'p.json');
    expect(model.layers[1]).toMatchObject({ dropout: 1, recurrentDropout: 0 });
  });

  it('Keras 1’s TimeDistributedDense can be the first layer', async () => {
    const layers = [{ class_name: 'TimeDistributedDense', output_dim: 2, input_dim: 3, input_length: 4 }];
    const { model } = await buildPreset(parsePreset({ keras: 1, layers }, 'p.json'), 'p.json');
    expect(model.calls.map(({ outputShapes }) => outputShapes[0])).toEqual([
      [4, 3],
      [4, 2],
    ]);
  });

  it('the default recurrent_activation is the version’s own, and null is linear', async () => {
    const layers = async (keras: 1 | 2 | 3, args = {}) =>
      (await buildPreset(parsePreset({ keras, layers: [input, lstm(args)] }, 'p.json'), 'p.json')).model.layers[1];
    expect(await layers(1)).toMatchObject({ recurrentActivation: 'hard_sigmoid_keras2' });
    expect(await layers(2)).toMatchObject({ recurrentActivation: 'sigmoid' });
    expect(await layers(3, { recurrent_activation: 'hard_sigmoid' })).toMatchObject({
      recurrentActivation: 'hard_sigmoid',
    });
    expect(await layers(3, { recurrent_activation: null })).toMatchObject({ recurrentActivation: 'linear' });
  });

  it('unit_forget_bias sets the forget gate’s block of a drawn bias to 1, and leaves a given one alone', async () => {
    const bias = async (args: object) => {
      const layer = (await buildPreset(parsePreset({ layers: [input, lstm(args)] }, 'p.json'), 'p.json')).model
        .layers[1];
      return layer.kind === 'lstm' ? Array.from(layer.weights.bias?.data ?? []) : [];
    };
    expect(await bias({})).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
    expect(await bias({ unit_forget_bias: false })).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(await bias({ bias_initializer: 'ones' })).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect(await bias({ weights: { bias: [1, 2, 3, 4, 5, 6, 7, 8] } })).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('a seed of an initializer and the seed of the preset both fix what is drawn', async () => {
    const kernel = async (seed: number, args: object = {}) => {
      const layer = (await buildPreset(parsePreset({ seed, layers: [input, lstm(args)] }, 'p.json'), 'p.json')).model
        .layers[1];
      return layer.kind === 'lstm' ? Array.from(layer.weights.kernel.data) : [];
    };
    const own = { kernel_initializer: { class_name: 'GlorotUniform', config: { seed: 5 } } };
    expect(await kernel(1)).toEqual(await kernel(1));
    expect(await kernel(1)).not.toEqual(await kernel(2));
    expect(await kernel(1, own)).toEqual(await kernel(2, own));
  });
});

describe('the JSON Schema that ships with the presets', () => {
  const schema = JSON.parse(readFileSync('presets/preset.schema.json', 'utf8'));
  const validate = new Ajv2020({ allErrors: true, strictTypes: false }).compile(schema);

  it('is the one that the lab checks with (npm run schemas writes it)', () => {
    expect(schema).toEqual(JSON.parse(JSON.stringify(presetJsonSchema())));
  });

  it.each(readdirSync('presets').filter((file) => file.endsWith('.json') && !file.endsWith('.schema.json')))(
    'accepts %s, which names it',
    (file) => {
      const document = JSON.parse(readFileSync(`presets/${file}`, 'utf8'));
      expect(document.$schema).toBe('./preset.schema.json');
      validate(document);
      expect(validate.errors ?? []).toEqual([]);
      // Every preset says what it shows, what to look for and what to try.
      expect(document.shows.length).toBeGreaterThan(40);
      expect(document.look_for.length).toBeGreaterThan(0);
      expect(document.try.length).toBeGreaterThan(0);
      expect(`${document.name}.json`).toBe(file);
    },
  );

  it('accepts older names and refuses unknown ones', () => {
    expect(
      validate({ layers: [{ class_name: 'LSTM', output_dim: 2, inner_activation: 'tanh', input_shape: [3, 1] }] }),
    ).toBe(true);
    expect(validate({ layers: [{ class_name: 'LSTM', units: 2, return_sequence: true }] })).toBe(false);
    expect(validate({ layers: [{ class_name: 'LSTM' }] })).toBe(false);
    expect(validate({ layers: [{ class_name: 'LSMT', units: 2 }] })).toBe(false);
    expect(validate({ layers: [{ class_name: 'Bidirectional', layer: { class_name: 'GRU', output_dim: 2 } }] })).toBe(
      true,
    );
    expect(validate({ layers: [{ class_name: 'Bidirectional', layer: { class_name: 'GRU', unit: 2 } }] })).toBe(false);
    expect(validate({ layers: [{ class_name: 'RNN', cell: { class_name: 'LSTM', units: 2 } }] })).toBe(false);
  });
});
