import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { record } from '../../../src/engines/record.ts';
import { onnxModel } from '../../../src/formats/onnx/open.ts';
import { isRecurrent } from '../../../src/layers/layer.ts';
import { tensor } from '../../../src/math/tensor.ts';
import { buildModel } from '../../../src/model/build.ts';
import { FIXTURES, openCase, outputOf } from './cases.ts';
import { graph, initializer, model, node, valueInfo } from './written.ts';

/* Numbers of the fixtures are compared in onnx.test.ts; test/fixtures/onnx/make-loops.py made them. */

describe('a Loop whose body is one timestep of a cell', () => {
  const recurrent = (name: string) =>
    openCase(name).calls.flatMap(({ layer, mask }) =>
      isRecurrent(layer) ? [{ ...layer, isMasked: mask !== null }] : [],
    );

  it.each([
    ['loop-lstm-masked', [['lstm', 'lstm']]],
    [
      'loop-gru-relu-bidirectional',
      [
        ['bidirectional/forward_gru', 'gru'],
        ['bidirectional/backward_gru', 'gru'],
      ],
    ],
    [
      'loop-keras3-encoder-decoder',
      [
        ['simple_rnn_1', 'simple_rnn'],
        ['simple_rnn_1_2', 'simple_rnn'],
      ],
    ],
    [
      'loop-cells',
      [
        ['rnn/cell_0', 'lstm'],
        ['rnn/cell_1', 'lstm'],
      ],
    ],
    ['loop-torch-by-hand', [['Loop', 'lstm']]],
  ])('is that layer, called as it is in Keras: %s', (name, expected) => {
    expect(recurrent(name).map(({ name: own, kind }) => [own, kind])).toEqual(expected);
  });

  it('has its functions and its flags', () => {
    const [hard] = recurrent('loop-gru-hard-softsign');
    expect(hard).toMatchObject({
      activation: 'softsign',
      recurrentActivation: 'linear_hard_sigmoid',
      resetAfter: true,
    });
    const [sixth] = recurrent('loop-keras3-gru-hard-sigmoid');
    expect(sixth).toMatchObject({ recurrentActivation: 'hard_sigmoid' });
    const [before] = recurrent('loop-keras3-gru-before');
    expect(before).toMatchObject({ resetAfter: false, useBias: false, goBackwards: true });
    const [zeros] = recurrent('loop-lstm-zero-output');
    expect(zeros).toMatchObject({ zeroOutputForMask: true, isMasked: true });
  });

  it('reads backwards with its mask where both are turned around', () => {
    const [forward, backward] = recurrent('loop-keras3-masked-bidirectional');
    expect(forward).toMatchObject({ goBackwards: false, isMasked: true });
    expect(backward).toMatchObject({ goBackwards: true, isMasked: true });
  });
});

describe('a Loop that is no layer is left out with its reason', () => {
  const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
  const step = [
    node('Gather', ['x', 'i'], ['xt'], { axis: 1 }),
    node('MatMul', ['xt', 'w'], ['a']),
    node('MatMul', ['h', 'r'], ['b']),
    node('Add', ['a', 'b'], ['sum']),
    node('Tanh', ['sum'], ['next']),
  ];
  interface Changes {
    readonly nodes?: readonly Uint8Array[];
    readonly scan?: string;
    readonly condition?: string;
    readonly trips?: string;
  }
  const file = ({ nodes = step, scan = 'next', condition = 'go', trips = 'time' }: Changes) => {
    const body = graph({
      nodes,
      inputs: [valueInfo('i', []), valueInfo('go', []), valueInfo('h', ['n', 2])],
      outputs: [condition, 'next', scan],
    });
    return model({
      graph: graph({
        nodes: [
          node('Shape', ['x'], ['shape']),
          node('Gather', ['shape', 'one'], ['time']),
          node('Loop', [trips, '', 'start'], ['last', 'all'], { body }),
          node('Transpose', ['all'], ['y'], { perm: [1, 0, 2] }),
        ],
        inputs: [valueInfo('x', ['n', 'time', 2])],
        initializers: [
          initializer('one', [], floats(1)),
          initializer('two', [], floats(2)),
          initializer('start', [1, 2], floats(0, 0)),
          initializer('w', [2, 2], floats(1, 0, 0, 1)),
          initializer('r', [2, 2], floats(0.5, 0, 0, 0.5)),
        ],
        outputs: ['y'],
      }),
    });
  };
  const opened = (changes: Changes) => buildModel(onnxModel(file(changes), 'f').plan);

  it('as it stands here it is one, and computes tanh(x + h / 2)', async () => {
    const loop = opened({});
    expect(loop.incomplete).toEqual([]);
    const recording = await record(loop, [[tensor([1, 2, 2], Float64Array.of(1, 0, 0, 2))]], 'kernel');
    const first = Math.tanh(1);
    const expected = [first, 0, Math.tanh(first / 2), Math.tanh(2)];
    Array.from(outputOf(recording, 0).data).forEach((value, at) => {
      expect(value).toBeCloseTo(expected[at], 9);
    });
  });

  const replaced = (at: number, ...nodes: Uint8Array[]) => [...step.slice(0, at), ...nodes, ...step.slice(at + 1)];
  it.each<[string, Changes, string]>([
    [
      'it reads the timestep after',
      { nodes: [node('Add', ['i', 'one'], ['j']), ...replaced(0, node('Gather', ['x', 'j'], ['xt'], { axis: 1 }))] },
      'not that timestep of a sequence',
    ],
    ['it stops after two timesteps', { trips: 'two' }, 'does not run over all timesteps'],
    [
      'its equations are others',
      { nodes: replaced(4, node('Tanh', ['sum'], ['t']), node('Mul', ['t', 'two'], ['next'])) },
      'not what an LSTM, GRU or SimpleRNN does',
    ],
    ['it gives more than h', { nodes: [...step, node('Relu', ['next'], ['more'])], scan: 'more' }, 'computed further'],
    [
      'when it ends depends on numbers',
      { nodes: [...step, node('Less', ['next', 'two'], ['small'])], condition: 'small' },
      'when it ends',
    ],
    [
      'a name in it is one outside',
      { nodes: replaced(4, node('Tanh', ['sum'], ['next']), node('Relu', ['sum'], ['shape'])) },
      'calls a tensor as one outside',
    ],
    [
      'a loop is in it',
      { nodes: replaced(4, node('Loop', ['two', '', 'sum'], ['next'], { body: graph({}) })) },
      'not what an LSTM, GRU or SimpleRNN does',
    ],
  ])('%s', (_, changes, reason) => {
    const { incomplete } = opened(changes);
    expect(incomplete[0]).toMatchObject({ class: 'Loop' });
    expect(incomplete[0].reason).toContain(reason);
    expect(incomplete[0].reason).toContain('the Keras or PyTorch file that it was made of opens');
  });

  it('PyTorch’s, where a cell reads what came of the timestep before', () => {
    const path = `${FIXTURES}/loop-torch-left-out.onnx`;
    const { incomplete } = buildModel(onnxModel(readFileSync(path), path).plan);
    expect(incomplete.map(({ reason }) => reason).join()).toContain('computed further than LSTM, GRU or SimpleRNN do');
  });
});
