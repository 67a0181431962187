import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { record } from '../../../src/engines/record.ts';
import { onnxModel } from '../../../src/formats/onnx/open.ts';
import { isRecurrent } from '../../../src/layers/layer.ts';
import { fromNested } from '../../../src/math/tensor.ts';
import { buildModel } from '../../../src/model/build.ts';
import { expectCase } from '../../golden/compare.ts';
import { FIXTURES, inputsOf, openCase, outputOf, readCase } from './cases.ts';
import { graph, initializer, model, node, valueInfo } from './written.ts';

/** onnxruntime computes in float32. */
const TOLERANCE = 1e-5;

const names = readdirSync(FIXTURES).filter((name) => !name.includes('.'));

describe.each(['reference', 'kernel'] as const)('the %s engine computes what onnxruntime computes', (engine) => {
  it.each(names)('%s', async (name) => {
    const expected = readCase(name);
    const model = openCase(name);
    expect(model.incomplete).toEqual([]);
    const recording = await record(model, [inputsOf(expected)], engine);
    if (expected.layers.length > 0) expectCase(recording, expected, false);
    expect(model.outputs.length).toBe(expected.outputs.length);
    expected.outputs.forEach(({ shape, data }, at) => {
      const [ours, theirs] = [outputOf(recording, at), fromNested(data)];
      expect(ours.shape).toEqual(shape);
      const values = Array.from(theirs.data);
      const largest = Math.max(1, ...values.map(Math.abs));
      const worst = Math.max(...values.map((value, n) => Math.abs(value - ours.data[n]) / largest));
      expect(worst).toBeLessThanOrEqual(TOLERANCE);
    });
  });
});

describe('a cell in a loop, which the exporter wrote out timestep by timestep', () => {
  const cells = (name: string) =>
    openCase(name)
      .calls.map(({ layer }) => layer)
      .filter(isRecurrent)
      .map((layer) => [layer.kind, layer.units]);
  const notes = (name: string) => {
    const path = `${FIXTURES}/${name}/model.onnx`;
    return onnxModel(readFileSync(path), path).notes.join('\n');
  };

  it.each([
    [
      'unrolled-lstm-two-layers',
      [
        ['lstm', 5],
        ['lstm', 5],
      ],
    ],
    ['unrolled-gru', [['gru', 5]]],
    ['unrolled-rnn', [['simple_rnn', 5]]],
    ['unrolled-lstm-by-hand', [['lstm', 5]]],
    ['unrolled-lstm-joined', [['lstm', 5]]],
    ['unrolled-lstm-by-gate', [['lstm', 5]]],
    ['unrolled-time-major', [['simple_rnn', 5]]],
    [
      'unrolled-both-ways',
      [
        ['lstm', 5],
        ['lstm', 5],
      ],
    ],
    ['unrolled-states', [['lstm', 5]]],
    ['unrolled-embedding', [['gru', 5]]],
    [
      'unrolled-relu-between',
      [
        ['lstm', 5],
        ['lstm', 4],
      ],
    ],
    ['unrolled-dynamic-batch', [['lstm', 5]]],
    ['tf2onnx-unroll', [['gru', 6]]],
  ])('is one layer again: %s', (name, expected) => {
    expect(cells(name)).toEqual(expected);
    expect(notes(name)).toMatch(/the file has \d timesteps of .*they are one (LSTM|GRU|RNN) here/);
  });

  it('stays as it is where a timestep reads what came of the one before, which is said', () => {
    expect(cells('unrolled-feeding-itself')).toEqual([]);
    expect(notes('unrolled-feeding-itself')).toMatch(/7 timesteps of c .* no LSTM is seen/);
  });

  it('of equations that are none of these runs layer by layer, which is said', () => {
    const w = initializer('w', [2, 2], new Uint8Array(16));
    const steps = Array.from({ length: 4 }, (_, at) => [
      node('MatMul', [at === 0 ? 'x' : `h${at}`, 'w'], [`a${at}`]),
      node('Softsign', [`a${at}`], [at === 3 ? 'y' : `h${at + 1}`]),
    ]).flat();
    const content = graph({ nodes: steps, inputs: [valueInfo('x', ['n', 2])], initializers: [w], outputs: ['y'] });
    expect(onnxModel(model({ graph: content }), 'f').notes.join()).toContain('the weights w are used 4 times: a loop');
  });
});

describe('an attention that the exporter wrote out', () => {
  const kinds = (name: string) => openCase(name).calls.map(({ layer }) => layer);

  it.each([
    ['attention-heads', 2, false],
    ['attention-heads-dynamic', 2, false],
    ['attention-causal', 1, true],
    ['attention-masked-fill', 1, true],
    ['attention-opset-23', 2, true],
  ])('is a layer for each head: %s', (name, heads, causal) => {
    const layers = kinds(name).filter(({ kind }) => kind === 'attention');
    expect(layers).toHaveLength(heads);
    expect(layers.every((layer) => layer.kind === 'attention' && layer.causal === causal)).toBe(true);
  });

  it('whose weights are an output too is the product and the softmax that make them', () => {
    const layers = kinds('attention-heads-weights').map(({ kind }) => kind);
    expect(layers).not.toContain('attention');
    expect(layers.filter((kind) => kind === 'merge').length).toBeGreaterThanOrEqual(8);
  });
});

describe('what the lab cannot compute is left out by name', () => {
  const weights = (name: string, shape: number[]) =>
    initializer(name, shape, new Uint8Array(4 * shape.reduce((product, length) => product * length, 1)));
  const lstm = node('LSTM', ['x', 'w', 'r'], ['y', 'y_h'], { hidden_size: 2 });
  const opened = (...nodes: Uint8Array[]) =>
    buildModel(
      onnxModel(
        model({
          graph: graph({
            nodes,
            inputs: [valueInfo('x', ['time', 'batch', 3])],
            initializers: [weights('w', [1, 8, 3]), weights('r', [1, 8, 2]), weights('wide', [1, 1, 5])],
            outputs: ['end'],
          }),
        }),
        'model.onnx',
      ).plan,
    );

  it('an operator before all that is recurrent, which has an input of its own then', () => {
    const { calls, incomplete } = opened(
      node('Sin', ['x'], ['s']),
      node('LSTM', ['s', 'w', 'r'], ['y', 'end'], { hidden_size: 2 }),
    );
    expect(calls.slice(0, 2).map(({ layer, outputShapes }) => [layer.name, ...outputShapes])).toEqual([
      ['y_input', [null, 3]],
      ['y', [2]],
    ]);
    expect(incomplete).toMatchObject([{ layer: 's', class: 'Sin', reason: 'an operator that the lab does not know' }]);
  });

  it('an operator that is not known, while the layers before it run', () => {
    const { calls, incomplete } = opened(lstm, node('Sin', ['y_h'], ['s']), node('Relu', ['s'], ['end']));
    expect(calls.map(({ layer }) => layer.kind)).toEqual(['input', 'lstm']);
    expect(incomplete).toMatchObject([
      { layer: 's', class: 'Sin', reason: 'an operator that the lab does not know' },
      { layer: 'end', class: 'Relu', reason: 'it needs what s returns' },
    ]);
  });

  it.each([
    ['Loop', '', 'a Loop node'],
    ['If', '', 'an If node'],
    ['DynamicQuantizeLSTM', 'com.microsoft', 'a quantised operator'],
    ['QLinearMatMul', '', 'a quantised operator'],
    ['Fancy', 'my.domain', 'an operator of my.domain'],
  ])('%s of the domain "%s"', (opType, domain, reason) => {
    const { incomplete } = opened(lstm, node(opType, ['y_h'], ['end'], {}, domain));
    expect(incomplete[0].class).toBe(opType);
    expect(incomplete[0].reason).toContain(reason);
  });

  it.each([
    ['ArgMax', { axis: -1, select_last_index: 1 }, 'it takes the last'],
    ['TopK', { axis: -1, k: 2 }, 'it takes 2 numbers'],
    ['ArgMax', { axis: 1 }, 'along the samples of a batch'],
  ] as const)('%s with %j', (opType, attributes, reason) => {
    const { incomplete } = opened(lstm, node(opType, ['y_h'], ['end'], attributes));
    expect(incomplete[0].class).toBe(opType);
    expect(incomplete[0].reason).toContain(reason);
  });

  it('an LSTM whose weights are computed from the input', () => {
    const { incomplete } = opened(node('LSTM', ['x', 'x', 'r'], ['', 'end'], { hidden_size: 2 }));
    expect(incomplete).toMatchObject([
      { class: 'LSTM', reason: 'its W is not in the file: it is computed from the input' },
    ]);
  });

  // PyTorch writes such files for an LSTM with proj_size; onnxruntime refuses them.
  it('an LSTM that starts from states of another width, be they zeros', () => {
    const inputs = ['x', 'w', 'r', '', '', '', 'wide'];
    const { incomplete } = opened(node('LSTM', inputs, ['', 'end'], { hidden_size: 2 }));
    expect(incomplete).toMatchObject([{ class: 'LSTM', reason: 'its initial_c is [1, 1, 5], and it has 2 units' }]);
  });

  it('an LSTM that would read timesteps as samples', () => {
    const turned = node('Transpose', ['x'], ['t'], { perm: [1, 0, 2] });
    const { incomplete } = opened(lstm, turned, node('LSTM', ['t', 'w', 'r'], ['', 'end'], { hidden_size: 2 }));
    expect(incomplete[0].reason).toContain('samples are not those of the batch');
  });
});
