import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { walkText } from '../../src/formats/walk.ts';
import { tensor } from '../../src/math/tensor.ts';
import { modelOf, presetRecording, recordingOf, zeroLstm } from './recordings.ts';

const text = (...args: Parameters<typeof walkText>) => [...walkText(...args)].join('');

describe('the walk as text', () => {
  it('is, character by character, this for the smallest masked model', async () => {
    const recording = await recordingOf(
      [
        { class_name: 'Input', name: 'tokens', shape: [2] },
        {
          class_name: 'Embedding',
          name: 'embedding_1',
          input_dim: 3,
          output_dim: 2,
          mask_zero: true,
          weights: [
            [
              [0, 0],
              [1, -2],
              [0.5, 0.25],
            ],
          ],
        },
        zeroLstm(2, 2, { return_state: true }),
      ],
      { input: [[2, 0]] },
    );
    const walk = text(recording, {
      title: 'Two words',
      words: { 2: '电影' },
      explain: (run, sample, call, step) => (call === 2 ? `batch ${run}, sample ${sample}, step ${step}.` : null),
    });
    expect(walk).toBe(`Two words

  tokens · InputLayer · (None, 2)
  embedding_1 · Embedding · (None, 2, 2)
  lstm_1 · LSTM · (None, 2), (None, 2), (None, 2)
  kernel engine, float64; timesteps and units are counted from 0

input tokens (1, 2)
  2  0

embedding_1 · Embedding · takes (1, 2) · returns output (1, 2, 2)
  y looked-up row

    0  x = 2  y =  0.500000  0.250000  电影
    1  x = 0  y = 0 0

lstm_1 · LSTM · takes (1, 2, 2) · returns output (1, 2), state_h (1, 2), state_c (1, 2)
  i input gate · f forget gate · g candidate c̃ · o output gate · c cell state · h hidden state

    t  unit           i           f           g           o           c           h
    0  x =  0.500000  0.250000  电影
          0    0.500000    0.500000    0.000000    0.500000    0.000000    0.000000
          1    0.500000    0.500000    0.000000    0.500000    0.000000    0.000000
       batch 0, sample 0, step 0.
    1  x = 0 0  masked: skipped, h and c stay
          0           -           -           -           -    0.000000    0.000000
          1           -           -           -           -    0.000000    0.000000
       batch 0, sample 0, step 1.

  output (1, 2)
    0  0
  state_h (1, 2)
    0  0
  state_c (1, 2)
    0  0

model output lstm_1 (1, 2)
  0  0
model output lstm_1:1 (1, 2)
  0  0
model output lstm_1:2 (1, 2)
  0  0
`);
  });

  it('ends with the numbers that the tutorial prints', async () => {
    const walk = text(await presetRecording('return-sequences'));
    // The tutorial's return_sequences=True, to the digits it prints.
    expect(walk.trimEnd().split('\n').slice(-3)).toEqual([
      '  0.00120299  0.00092850',
      '  0.00408680  0.00327000',
      '  0.00869473  0.00720878',
    ]);
  });

  it('tells over 16 units as one row of norms and extremes a timestep, and how to get the rest', async () => {
    const recording = await recordingOf([{ class_name: 'Input', shape: [3, 1] }, zeroLstm(17, 1)], {
      input: [[[1], [2], [3]]],
    });
    const lines = text(recording).split('\n');
    expect(lines.filter((line) => /^ +[012] +0\.500…0\.500 /.test(line))).toHaveLength(3);
    expect(lines.find((line) => line.includes('‖c‖'))).toMatch(/i min…max +f min…max .*‖c‖ +‖h‖$/);
    expect(lines).toContain('  norms and extremes of 17 units; every number: lstm-lab trace test --layer lstm_1');
    expect(lines).toContain('  output (1, 17)  norm 0.000000, smallest 0.000000, largest 0.000000, mean 0.000000');
  });

  it('tells over 50 timesteps the same way, without a sentence for each', async () => {
    const input = [Array.from({ length: 51 }, (_, t) => [t])];
    const recording = await recordingOf([{ class_name: 'Input', shape: [51, 1] }, zeroLstm(2, 1)], { input });
    const lines = text(recording, { explain: () => 'a sentence' }).split('\n');
    expect(lines.filter((line) => line.includes('0.500…0.500'))).toHaveLength(51);
    expect(lines.filter((line) => line.includes('a sentence'))).toHaveLength(0);
  });

  it('counts the input’s timesteps backwards under go_backwards', async () => {
    const walk = text(await presetRecording('go-backwards'));
    expect(walk).toContain('go_backwards: the last timestep comes first');
    expect(walk.split('\n').flatMap((line) => /^ {4}(\d) {2}x = /.exec(line)?.[1] ?? [])).toEqual([
      '5',
      '4',
      '3',
      '2',
      '1',
      '0',
    ]);
  });

  it('shows what a stateful or wired LSTM starts from, batch by batch', async () => {
    const walk = text(await presetRecording('stateful'));
    expect(walk.match(/── batch \d of 3, sample \d of 2 ──/g)).toHaveLength(6);
    expect(walk.match(/starts from h = .* and c = /g)).toHaveLength(4);
    expect(text(await presetRecording('initial-state'))).toMatch(/decoder ·[\s\S]*starts from h = /);
  });

  it('walks a few samples and names the others', async () => {
    const walk = text(await presetRecording('embedding-random'));
    expect(walk.match(/── sample \d+ of 32 ──/g)).toHaveLength(6);
    expect(walk).toContain('26 more samples: lstm-lab embedding-random --sample 7');
  });

  it('lets no name or word of a file steer the terminal', async () => {
    const recording = await recordingOf([{ class_name: 'Input', shape: [1, 1] }, zeroLstm(1, 1)], { input: [[[0]]] });
    const walk = text(recording, { title: 'a\u001b[31mb\u009b', explain: () => 'c\u0007' });
    expect(walk).toContain('a�[31mb�\n');
    expect(walk).toContain('c�\n');
  });

  it('keeps its columns for numbers of every size', async () => {
    const model = await modelOf([
      { class_name: 'Input', shape: [1, 4] },
      { class_name: 'Activation', activation: 'linear' },
    ]);
    const values = [-1e-12, 123456.789, -9.9e300, Number.NaN];
    const walk = text(await record(model, [[tensor([1, 1, 4], values)]], 'kernel'));
    expect(walk).toContain('y = -1.0000e-12  123456.8 -9.9000e+300       NaN');
  });
});
