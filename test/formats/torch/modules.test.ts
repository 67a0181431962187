import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { record } from '../../../src/engines/record.ts';
import { madeUpInputs } from '../../../src/formats/input/made-up.ts';
import type { TorchArrays } from '../../../src/formats/torch/arrays.ts';
import type { TorchOptions } from '../../../src/formats/torch/building.ts';
import { torchModel } from '../../../src/formats/torch/plan.ts';
import { readTorch } from '../../../src/formats/torch/read.ts';
import { readSafetensors, writeSafetensors } from '../../../src/formats/torch/safetensors.ts';
import { isRecurrent } from '../../../src/layers/layer.ts';
import { sizeOf, type Tensor, tensor, whole } from '../../../src/math/tensor.ts';
import { buildModel } from '../../../src/model/build.ts';
import { dictionary, floats, global, legacy, MARK, pickle, rebuilt, TUPLE, unicode } from './written.ts';

/** The model of a state dict with arrays of these shapes, in this order. */
function opened(
  shapes: Readonly<Record<string, readonly number[]>>,
  options: TorchOptions = {},
  modules: TorchArrays['modules'] = new Map(),
) {
  const arrays = new Map(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { type: 'F32' as const, tensor: tensor(shape, new Float32Array(sizeOf(shape))) },
    ]),
  );
  const found = { arrays, metadata: new Map(), notes: [], format: 'test', modules };
  const { plan, notes } = torchModel(found, options);
  const model = buildModel(plan);
  return {
    notes: notes.join('\n'),
    layers: model.calls.flatMap(({ layer }) => (layer.kind === 'input' ? [] : [`${layer.name} ${layer.kind}`])),
    incomplete: model.incomplete,
    model,
  };
}

const lstm = (name: string, input: number, units: number) => ({
  [`${name}.weight_ih_l0`]: [4 * units, input],
  [`${name}.weight_hh_l0`]: [4 * units, units],
  [`${name}.bias_ih_l0`]: [4 * units],
  [`${name}.bias_hh_l0`]: [4 * units],
});
const linear = (name: string, input: number, units: number) => ({
  [`${name}.bias`]: [units],
  [`${name}.weight`]: [units, input],
});

describe('the modules of a state dict', () => {
  it.each(['tcn.network.0.conv1', 'blocks.0.downsample', 'wavenet.skip_conv', 'residual1'])(
    'called %s have sums past them in forward(), which are missing, as is said',
    (name) => {
      const { notes } = opened({ [`${name}.weight`]: [4, 3, 2], [`${name}.bias`]: [4] });
      expect(notes).toContain(`${name}: by such names forward() adds what went into a block to what comes out`);
    },
  );

  it('called otherwise have none that anything would tell of', () => {
    const { notes } = opened({ 'skipper.weight': [4, 3, 2], 'skipper.bias': [4] });
    expect(notes).not.toContain('forward() adds');
  });

  it('are found within others, in lists and by numbers', () => {
    const { layers } = opened({
      'encoder.embedding.weight': [9, 5],
      ...lstm('encoder.rnns.0', 5, 4),
      ...lstm('encoder.rnns.1', 4, 3),
      ...linear('classifier.0', 3, 3),
      ...linear('classifier.3', 3, 2),
    });
    expect(layers).toEqual([
      'encoder.embedding embedding',
      'encoder.rnns.0_l0 lstm',
      'encoder.rnns.1_l0 lstm',
      'classifier.0 dense',
      'classifier.3 dense',
    ]);
  });

  it.each(['module.', '_orig_mod.', 'model.', 'module._orig_mod.', '_forward_module.model.'])(
    'are named without %s before all of them',
    (prefix) => {
      const plain = { ...lstm('lstm', 3, 4), ...linear('fc', 4, 2) };
      const prefixed = Object.fromEntries(Object.entries(plain).map(([name, shape]) => [prefix + name, shape]));
      expect(opened(prefixed).layers).toEqual(['lstm_l0 lstm', 'fc dense']);
    },
  );

  it('are named without what wraps a part of the network', () => {
    const { layers } = opened({ ...lstm('lstm._orig_mod', 3, 4), ...linear('_fsdp_wrapped_module.fc', 4, 2) });
    expect(layers).toEqual(['lstm_l0 lstm', 'fc dense']);
  });

  it('run by number where names are sorted by letter', () => {
    const { layers } = opened({
      ...linear('0', 3, 4),
      ...linear('10', 4, 4),
      ...linear('2', 4, 4),
      ...linear('9', 4, 4),
    });
    expect(layers).toEqual(['0 dense', '2 dense', '9 dense', '10 dense']);
  });

  it('of an encoder run before those of a decoder, and both are outputs', () => {
    const { layers, model, notes } = opened({
      'decoder.embedding.weight': [9, 4],
      ...linear('decoder.fc_out', 6, 9),
      ...lstm('decoder.rnn', 4, 6),
      'encoder.embedding.weight': [7, 4],
      ...lstm('encoder.rnn', 4, 6),
    });
    expect(layers.map((name) => name.split(' ')[0])).toEqual([
      'encoder.embedding',
      'encoder.rnn_l0',
      'decoder.embedding',
      'decoder.rnn_l0',
      'decoder.fc_out',
    ]);
    expect(model.outputs).toHaveLength(2);
    expect(notes).toContain('states that one hands to another are not in the file');
  });

  it('are Linears with no activation between them, which is said once', () => {
    const { notes } = opened({
      ...lstm('lstm', 3, 4),
      ...linear('fc1', 4, 4),
      ...linear('fc2', 4, 4),
      ...linear('out', 4, 1),
    });
    expect(notes.match(/no activation between Linears is known/g)).toHaveLength(1);
    expect(notes).toContain('fc1, fc2, out run one after the other');
    expect(opened({ ...lstm('lstm', 3, 4), ...linear('fc1', 4, 4) }).notes).not.toContain('no activation');
  });

  it('are an Embedding or a Linear without a bias by what a recurrent module takes, where the name does not say', () => {
    const shapes = (rows: number, columns: number) => ({ 'first.weight': [rows, columns], ...lstm('lstm', 16, 4) });
    expect(opened(shapes(5, 16)).layers[0]).toBe('first embedding');
    expect(opened(shapes(16, 5)).layers[0]).toBe('first dense');
  });

  it('have one bias where the file has one', () => {
    const { model } = opened({ weight_ih_l0: [8, 3], weight_hh_l0: [8, 2], bias_hh_l0: [8] });
    expect(model.layers.find(({ kind }) => kind === 'lstm')).toMatchObject({ useBias: true });
  });

  it('run in an order that fits where names are sorted, and begin with no norm that can come later', () => {
    const { layers, notes } = opened({
      ...linear('a_head', 4, 2),
      'b_norm.bias': [4],
      'b_norm.weight': [4],
      ...linear('c_in', 6, 5),
      ...lstm('d_lstm', 5, 4),
    });
    expect(layers.map((name) => name.split(' ')[0])).toEqual(['c_in', 'd_lstm_l0', 'b_norm', 'b_norm_last', 'a_head']);
    expect(notes).toContain('in the order that fits their shapes: c_in, d_lstm, b_norm, a_head');
  });

  it('of an nn.Sequential run in the order of their numbers, though another would fit their shapes', () => {
    const { layers, incomplete } = opened({
      'net.0.weight': [6, 1, 3],
      'net.0.bias': [6],
      ...linear('net.3', 12, 4),
      ...linear('net.5', 4, 1),
    });
    expect(layers).toEqual(['net.0 conv1d']);
    expect(incomplete.map(({ layer }) => layer)).toEqual(['net.3', 'net.5']);
  });

  it('run in the order that a person gives, and one that does not exist is refused with the nearest', () => {
    const shapes = { ...lstm('first', 4, 4), ...lstm('second', 4, 4), ...linear('fc', 4, 4) };
    const { layers, notes } = opened(shapes, { layers: ['second', 'first', 'fc'] });
    expect(layers).toEqual(['second_l0 lstm', 'first_l0 lstm', 'fc dense']);
    expect(notes).toContain('in the order given: second, first, fc');
    expect(() => opened(shapes, { layers: ['frist'] })).toThrow(/--layers\[0\]: .*Did you mean|did you mean "first"/);
    expect(() => opened(shapes, { layers: [] })).toThrow('--layers: no module is named');
    expect(() => opened(shapes, { layers: ['fc', 'fc'] })).toThrow('"fc" twice');
  });

  it('read every timestep, or relu, where a person says so', () => {
    const shapes = { 'rnn.weight_ih_l0': [4, 3], 'rnn.weight_hh_l0': [4, 4], ...linear('fc', 4, 2) };
    const [last, every] = [{}, { assume: ['relu', 'every-timestep'] as const }].map(
      (options) => opened(shapes, options).model.calls,
    );
    expect(last.map(({ outputShapes }) => outputShapes[0])).toEqual([[null, 3], [4], [2]]);
    expect(every.map(({ outputShapes }) => outputShapes[0])).toEqual([
      [null, 3],
      [null, 4],
      [null, 2],
    ]);
    expect([last, every].map((calls) => (calls[1].layer as { activation: string }).activation)).toEqual([
      'tanh',
      'relu',
    ]);
  });

  it('run at every timestep where something after them steps along time', () => {
    const { model, notes } = opened({
      ...lstm('one', 3, 4),
      'bn.running_mean': [4],
      'bn.running_var': [4],
      ...linear('fc', 4, 5),
      ...lstm('two', 5, 2),
      ...linear('out', 2, 1),
    });
    expect(model.calls.map(({ outputShapes }) => outputShapes[0])).toEqual([
      [null, 3],
      [null, 4],
      [null, 4],
      [null, 5],
      [2],
      [1],
    ]);
    expect(notes).toContain('bn is taken to run at every timestep, as two steps along time after it');
  });

  it('of two branches meet in a Linear that is as wide as both', () => {
    const { layers, notes } = opened({
      'left_embedding.weight': [9, 3],
      'right_embedding.weight': [7, 3],
      ...lstm('left_lstm', 3, 4),
      ...lstm('right_lstm', 3, 4),
      ...linear('fc', 8, 1),
    });
    expect(layers.at(-2)).toMatch(/merge$/);
    expect(notes).toContain('the last timesteps of 2 branches, side by side');
  });
});

describe('a module that the lab does not know', () => {
  const attention = {
    'attn.in_proj_weight': [12, 4],
    'attn.in_proj_bias': [12],
    ...linear('attn.out_proj', 4, 4),
  };

  it('is left out with its parts and with what needs it, while what comes before runs', () => {
    const { layers, incomplete } = opened({ ...lstm('lstm', 3, 4), ...attention, ...linear('fc', 4, 2) });
    expect(layers).toEqual(['lstm_l0 lstm']);
    expect(incomplete.map(({ layer, reason }) => `${layer}: ${reason}`)).toEqual([
      'attn: the lab knows no module with in_proj_weight, in_proj_bias (in_proj_weight, in_proj_bias)',
      'attn.out_proj: it is part of attn (bias, weight)',
      'fc: it needs what attn.out_proj returns',
    ]);
  });

  it('is left out while what steps along time after it takes an input of its own', () => {
    const { layers, incomplete } = opened({
      'conv.bias': [4],
      'conv.weight': [4, 1, 3, 3],
      ...linear('fc', 4, 2),
      ...lstm('lstm', 8, 4),
    });
    expect(layers).toEqual(['lstm_l0 lstm', 'fc dense']);
    expect(incomplete[0].reason).toContain('a weight of 4 axes');
  });

  it.each(['attention', 'attn.score', 'W_q', 'q_proj', 'query', 'key_layer', 'to_v'])(
    'is a Linear of an attention by its name, %s: how it is wired is not guessed',
    (name) => {
      const { layers, incomplete } = opened({ ...lstm('lstm', 3, 4), ...linear(name, 4, 4), ...linear('fc', 4, 2) });
      expect(layers).toEqual(['lstm_l0 lstm']);
      expect(incomplete.map(({ layer }) => layer)).toEqual([name, 'fc']);
    },
  );

  it.each(['value_head', 'q_values', 'keypoints', 'latent'])('is no attention: %s', (name) => {
    expect(opened({ ...lstm('lstm', 3, 4), ...linear(name, 4, 4) }).incomplete).toEqual([]);
  });

  it('is a vector without a bias, which may be of an RMSNorm', () => {
    const { incomplete } = opened({ ...lstm('lstm', 3, 4), 'norm.weight': [4], ...linear('fc', 4, 2) });
    expect(incomplete.map(({ layer }) => layer)).toEqual(['norm', 'fc']);
  });

  it('between two recurrent modules gives the second none of what the first gives', () => {
    const { model } = opened({ ...lstm('one', 3, 4), ...attention, ...lstm('two', 4, 4) });
    expect(model.calls.filter(({ layer }) => layer.kind === 'input')).toHaveLength(2);
  });

  it('has norms of weights whose shapes do not fit', () => {
    const shapes = { 'fc.weight_g': [3, 1], 'fc.weight_v': [2, 4], 'fc.bias': [2] };
    expect(opened({ ...lstm('lstm', 3, 4), ...shapes }).incomplete[0].reason).toContain('weight_g, weight_v');
  });

  it('and parameters of the network itself stop nothing', () => {
    const { layers, incomplete } = opened({ transitions: [5, 5], ...lstm('lstm', 3, 4), ...linear('tags', 4, 5) });
    expect(layers).toEqual(['lstm_l0 lstm', 'tags dense']);
    expect(incomplete[0].reason).toContain('transitions');
  });
});

describe('what people save beside the modules that run', () => {
  const wiring = (model: ReturnType<typeof opened>['model']) =>
    Object.fromEntries(
      model.calls.map(({ layer, inputs }) => [layer.name, inputs.map(({ call }) => model.calls[call].layer.name)]),
    );

  it('a decoder with attention takes an input of its own where what its encoder gives would fit by chance', () => {
    const { model } = opened({
      'encoder.embedding.weight': [9, 4],
      ...lstm('encoder.rnn', 4, 4),
      'decoder.embedding.weight': [7, 4],
      ...linear('decoder.attn', 8, 5),
      ...linear('decoder.attn_combine', 8, 4),
      ...lstm('decoder.rnn', 4, 4),
      ...linear('decoder.out', 4, 7),
    });
    expect(wiring(model)).toMatchObject({ 'encoder.rnn_l0': ['encoder.embedding'], 'decoder.rnn_l0': ['x_3'] });
    const joined = opened({ ...lstm('encoder', 3, 4), 'decoder.emb.weight': [7, 4], ...lstm('decoder.rnn', 8, 4) });
    expect(wiring(joined.model)['decoder.rnn_l0']).toEqual(['x_3']);
  });

  it('the mean and the variance of one distribution are heads beside each other, however wide', () => {
    const { model } = opened({
      ...lstm('lstm', 3, 4),
      ...linear('z_pi', 4, 2),
      ...linear('z_mu', 4, 4),
      ...linear('z_sigma', 4, 4),
    });
    expect(wiring(model)).toMatchObject({ z_pi: ['lstm_l0'], z_mu: ['lstm_l0'], z_sigma: ['lstm_l0'] });
    expect(wiring(opened({ ...lstm('lstm', 3, 4), ...linear('mu', 4, 4), ...linear('fc', 4, 1) }).model).fc).toEqual([
      'lstm_l0',
    ]);
  });

  it.each([
    ['i2h', 'h2h'],
    ['x2h', 'h2h'],
    ['cell.input_to_hidden', 'cell.hidden_to_hidden'],
    ['i2h', 'i2o'],
  ])('Linears of a recurrent cell that forward() writes out, %s and %s, are not run in a row', (first, second) => {
    const { layers, incomplete } = opened({ ...linear(first, 3, 4), ...linear(second, 4, 4), ...linear('fc', 4, 2) });
    expect(layers).toEqual([]);
    expect(incomplete[0].reason).toContain('a recurrent cell that forward() writes out');
  });

  it('a Transformer is one module that is not known, and what steps along time after it has an input of its own', () => {
    const { layers, incomplete, notes } = opened(
      {
        'bert.embeddings.word_embeddings.weight': [9, 6],
        ...linear('bert.encoder.layer.0.attention.self.query', 6, 6),
        ...linear('bert.encoder.layer.1.attention.self.query', 6, 6),
        ...lstm('lstm', 6, 4),
        ...linear('classifier', 4, 2),
      },
      {},
      new Map([['bert.embeddings.dropping', null]]),
    );
    expect(layers).toEqual(['lstm_l0 lstm', 'classifier dense']);
    expect(incomplete).toMatchObject([{ layer: 'bert', reason: expect.stringContaining('it is a Transformer') }]);
    expect(notes).not.toContain('bert.embeddings.dropping');
  });

  it('a loss’s weights and a metric’s counts are no modules', () => {
    const { incomplete, notes } = opened({
      ...lstm('net.lstm', 3, 4),
      'criterion.weight': [2],
      'train_acc.correct': [],
      'val_f1.tp': [2],
    });
    expect(incomplete).toEqual([]);
    expect(notes).toContain('criterion, train_acc, val_f1');
  });

  it('a table under two names is run under that which is read', () => {
    const { layers, notes } = opened({
      'encoder.weight': [9, 4],
      'encoder_dp.emb.weight': [9, 4],
      ...lstm('rnn', 4, 4),
    });
    expect(layers).toEqual(['encoder_dp.emb embedding', 'rnn_l0 lstm']);
    expect(notes).toContain('encoder holds the numbers of encoder_dp.emb');
  });

  it.each(['module.', ''])('recurrent weights before dropout are those that run (%j)', (inner) => {
    const found = readSafetensors(
      writeSafetensors(
        new Map([
          ['rnn.weight_hh_l0_raw', tensor([4, 1], [1, 2, 3, 4])],
          [`rnn.${inner}weight_ih_l0`, tensor([4, 1])],
          ...(inner === '' ? [] : [['rnn.module.weight_hh_l0', tensor([4, 1])] as const]),
        ]),
      ),
      'f',
    );
    const [layer] = buildModel(torchModel(found).plan).layers.filter(isRecurrent);
    expect(Array.from(layer.weights.recurrentKernel.data)).toEqual([1, 2, 3, 4]);
  });

  it('a quantized module is named as one', () => {
    const { incomplete } = opened({ ...lstm('lstm', 3, 4), 'fc.scale': [], 'fc.zero_point': [] });
    expect(incomplete[0].reason).toContain('quantized');
  });
});

describe('a module that was saved whole', () => {
  const facts = (className: string, attributes: readonly [string, string | number][] = []) => ({
    className,
    attributes: new Map(attributes),
  });

  it.each([
    ['torch.nn.modules.normalization.GroupNorm', { weight: [4], bias: [4] }],
    ['torch.nn.modules.conv.ConvTranspose1d', { weight: [4, 4, 3], bias: [4] }],
    ['torch.nn.modules.activation.PReLU', { weight: [1] }],
  ])('%s is left out by its class, whose arrays are those of another', (className, shapes) => {
    const modules = new Map([['odd', facts(className)]]);
    const named = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`odd.${name}`, shape]));
    const { incomplete } = opened({ ...lstm('lstm', 3, 4), ...named }, {}, modules);
    expect(incomplete).toMatchObject([
      { layer: 'odd', reason: expect.stringContaining(`no ${className.split('.').pop()} of PyTorch`) },
    ]);
  });

  it('is an nn.RNN with relu where an older PyTorch says so by its mode', () => {
    const modules = new Map([['rnn', facts('torch.nn.modules.rnn.RNN', [['mode', 'RNN_RELU']])]]);
    const { model, notes } = opened({ 'rnn.weight_ih_l0': [4, 3], 'rnn.weight_hh_l0': [4, 4] }, {}, modules);
    expect(model.layers.find(({ kind }) => kind === 'simple_rnn')).toMatchObject({ activation: 'relu' });
    expect(notes).not.toContain('is taken to be tanh');
  });
});

describe('modules of any kinds and widths', () => {
  const width = fc.integer({ min: 1, max: 3 });
  const kinds: Readonly<Record<string, (name: string, a: number, b: number) => Record<string, readonly number[]>>> = {
    lstm,
    linear,
    both: (name, a, b) => ({
      ...lstm(name, a, b),
      ...Object.fromEntries(Object.entries(lstm(name, a, b)).map(([key, shape]) => [`${key}_reverse`, shape])),
    }),
    embedding: (name, a, b) => ({ [`${name}.embedding.weight`]: [a, b] }),
    norm: (name, a) => ({ [`${name}.weight`]: [a], [`${name}.bias`]: [a] }),
    batch: (name, a) => ({ [`${name}.running_mean`]: [a], [`${name}.running_var`]: [a] }),
    conv: (name, a, b) => ({ [`${name}.weight`]: [b, a, 2] }),
    strange: (name, a) => ({ [`${name}.strange`]: [a] }),
    attention: (name, a, b) => linear(`${name}.attn`, a, b),
  };
  const modules = fc.array(fc.tuple(fc.constantFrom(...Object.keys(kinds)), width, width), {
    minLength: 1,
    maxLength: 7,
  });

  it('run to finite numbers or are left out by name, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(modules, fc.boolean(), async (list, isSorted) => {
        const parts = list.map(([kind, a, b], at) => kinds[kind](`${isSorted ? kind : 'm'}${at}`, a, b));
        const { model, incomplete } = opened(Object.assign({}, ...parts));
        const known = model.calls.filter(({ layer }) => layer.kind !== 'input').length;
        expect(known + incomplete.length).toBeGreaterThan(0);
        if (known === 0) return;
        const inputs = madeUpInputs(model, 1);
        // Two branches may need inputs of two lengths, which nobody gave here.
        const recorded = await record(model, [inputs]).catch((error: Error) => {
          if (!/^joined_\d+: .*matching shapes/.test(error.message)) throw error;
        });
        for (const output of recorded?.runs[0][0].outputs ?? [])
          expect(output === null || whole(output).data.every((value) => Number.isFinite(value))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('arrays of no module', () => {
  it('are refused', () => {
    expect(() => opened({ 'bn.num_batches_tracked': [] })).toThrow(
      'no weights of any module. Received: bn.num_batches_tracked',
    );
  });
});

describe('weights that are no numbers', () => {
  it('are said, and the model opens', () => {
    const arrays = new Map<string, Tensor>([['fc.weight', tensor([1, 2], [Number.NaN, Number.POSITIVE_INFINITY])]]);
    const { notes } = torchModel(readSafetensors(writeSafetensors(arrays), 'f'));
    expect(notes.join()).toContain('not all weights are finite numbers: fc.weight');
  });
});

describe('torch.save of other things', () => {
  const weights = (key: string) => rebuilt({ key, length: 2, size: [1, 2], stride: [2, 1] });
  const numbers = { a: floats(1, 2), b: floats(3, 4) };

  it('two state dicts in one file are modules of two names', () => {
    const bytes = legacy(
      dictionary({
        encoder: dictionary({ 'fc.weight': weights('a') }),
        decoder: dictionary({ 'fc.weight': weights('b') }),
      }),
      numbers,
    );
    expect([...readTorch(bytes, 'f').arrays.keys()]).toEqual(['encoder.fc.weight', 'decoder.fc.weight']);
  });

  it('a module that was saved whole, its source beside its class', () => {
    const id = [MARK, unicode('module'), global('__main__', 'Net'), unicode('net.py'), unicode('class Net: …'), TUPLE];
    const state = (entries: Readonly<Record<string, Uint8Array>>) =>
      dictionary({ _parameters: dictionary({}), ...entries });
    const inner = pickle(
      global('torch.nn.modules.linear', 'Linear'),
      ')',
      0x81,
      state({
        _parameters: dictionary({ weight: weights('a') }),
        _modules: dictionary({}),
      }),
      'b',
    ).subarray(2, -1);
    const saved = pickle(id, 'Q', ')', 0x81, state({ _modules: dictionary({ fc: inner }) }), 'b').subarray(2, -1);
    const { arrays, modules } = readTorch(legacy(saved, { a: numbers.a }), 'f');
    expect([...arrays.keys()]).toEqual(['fc.weight']);
    expect([...modules].map(([name, facts]) => [name, facts?.className])).toEqual([
      ['', '__main__.Net'],
      ['fc', 'torch.nn.modules.linear.Linear'],
    ]);
  });

  it('what else a checkpoint has is not read, and said', () => {
    const bytes = legacy(
      dictionary({ ema: dictionary({ w: weights('a') }), model: dictionary({ 'fc.weight': weights('b') }) }),
      numbers,
    );
    const { arrays, notes } = readTorch(bytes, 'f');
    expect([...arrays.keys()]).toEqual(['fc.weight']);
    expect(notes.join()).toContain('tensors under "ema" too');
  });

  it('a tensor that is a list of one number, of a transposed view, and of a storage in bytes', () => {
    const transposed = rebuilt({ key: 'a', length: 6, size: [3, 2], stride: [1, 3] });
    const repeated = rebuilt({ key: 'a', length: 6, offset: 2, size: [2, 2], stride: [0, 1] });
    const bytes = legacy(dictionary({ t: transposed, r: repeated }), { a: floats(1, 2, 3, 4, 5, 6) });
    const { arrays } = readTorch(bytes, 'f');
    expect(Array.from(arrays.get('t')?.tensor.data ?? [])).toEqual([1, 4, 2, 5, 3, 6]);
    expect(Array.from(arrays.get('r')?.tensor.data ?? [])).toEqual([3, 4, 3, 4]);
  });

  it('numbers of every type', () => {
    const read = (storage: string, size: number, raw: ArrayBuffer) => {
      const length = raw.byteLength / size;
      const one = rebuilt({ storage, length, size: [length], stride: [1] });
      const { arrays } = readTorch(legacy(dictionary({ w: one }), { 0: new Uint8Array(raw) }, size), 'f');
      return Array.from(arrays.get('w')?.tensor.data ?? []);
    };
    expect(read('DoubleStorage', 8, Float64Array.of(0.1, -1e300).buffer)).toEqual([0.1, -1e300]);
    expect(read('LongStorage', 8, BigInt64Array.of(-5n, 2n ** 40n).buffer)).toEqual([-5, 2 ** 40]);
    expect(read('IntStorage', 4, Int32Array.of(-7, 123_456_789).buffer)).toEqual([-7, 123_456_789]);
    expect(read('ShortStorage', 2, Int16Array.of(-300).buffer)).toEqual([-300]);
    expect(read('CharStorage', 1, Int8Array.of(-3, 4).buffer)).toEqual([-3, 4]);
    expect(read('ByteStorage', 1, Uint8Array.of(200).buffer)).toEqual([200]);
    expect(read('BoolStorage', 1, Uint8Array.of(1, 0).buffer)).toEqual([1, 0]);
    // IEEE 754: 1, -2, the largest, the smallest, infinity.
    expect(read('HalfStorage', 2, Uint16Array.of(0x3c00, 0xc000, 0x7bff, 1, 0x7c00).buffer)).toEqual([
      1,
      -2,
      65_504,
      2 ** -24,
      Number.POSITIVE_INFINITY,
    ]);
    expect(read('BFloat16Storage', 2, Uint16Array.of(0x3f80, 0xc000, 0x3e80).buffer)).toEqual([1, -2, 0.25]);
  });

  it('a quantized tensor is left out by name, and a file of nothing else refused', () => {
    const quantized = [global('torch._utils', '_rebuild_qtensor'), MARK, TUPLE, 'R'].map((part) =>
      typeof part === 'string' ? new TextEncoder().encode(part) : part,
    );
    const value = Uint8Array.from(quantized.flatMap((part) => [...part]));
    const { arrays, notes } = readTorch(
      legacy(dictionary({ q: value, 'fc.weight': weights('a') }), { a: numbers.a }),
      'f',
    );
    expect([...arrays.keys()]).toEqual(['fc.weight']);
    expect(notes.join()).toContain('q is a quantized tensor');
    expect(() => readTorch(legacy(dictionary({ q: value })), 'f')).toThrow('q is a quantized tensor');
    expect(() => readTorch(legacy(unicode('hello')), 'f')).toThrow('there are no weights in this file');
  });
});
