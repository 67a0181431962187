import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lstmLab } from './lstm-lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'lstm-lab-models-'));
const gru = 'test/fixtures/keras-files/keras3-gru/model.keras';
const gruCase = 'test/fixtures/keras-files/keras3-gru/case.json';
const bidirectional = 'test/fixtures/torch/bidirectional-classifier';

const outputs = (args: readonly string[]) => {
  const { status, stdout, stderr } = lstmLab(['trace', ...args, '--format', 'json']);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout).outputs[0].data.flat(2) as number[];
};

const expectClose = (ours: readonly number[], theirs: readonly number[]) => {
  expect(ours).toHaveLength(theirs.length);
  ours.forEach((value, at) => {
    expect(value).toBeCloseTo(theirs[at], 5);
  });
};

describe('a model file', () => {
  it('is traced with what its framework computed as the result, and names itself in the trace', () => {
    const { stdout } = lstmLab(['trace', gru, '--input', gruCase]);
    const trace = JSON.parse(stdout);
    expect(trace.model).toMatchObject({ source: gru, made_with: 'Keras 3.15.1' });
    const wanted = JSON.parse(readFileSync(gruCase, 'utf8')).outputs[0].data.flat(2);
    expectClose(trace.outputs[0].data.flat(2), wanted);
  });

  it('is summarised, shown as a frame and walked through', () => {
    expect(lstmLab(['summary', gru]).stdout).toMatch(/\(GRU\)/);
    expect(lstmLab(['show', gru, '--step', '2', '--size', '80x24']).stdout).toMatch(/t 2\/\d/);
    expect(lstmLab([gru]).stdout).toMatch(/z update gate/);
  });

  it('of Keras 1 may be YAML', () => {
    const { stdout, stderr } = lstmLab(['summary', 'test/fixtures/keras-files/keras1-k122-tutorial/model.yaml']);
    expect(stdout, stderr).toMatch(/lstm_1 \(LSTM\)/);
  });

  it('without an input gets one that is made up, which is said', () => {
    expect(lstmLab(['trace', gru]).stderr).toMatch(/no input is given/);
    expect(lstmLab(['trace', gru, '--input', gruCase]).stderr).not.toMatch(/no input is given/);
  });

  it('and so does a preset', () => {
    const file = join(folder, 'without-input.json');
    writeFileSync(file, JSON.stringify({ layers: [{ class_name: 'LSTM', units: 1, input_shape: [2, 1] }] }));
    expect(lstmLab(['trace', file]).stderr).toMatch(/no input is given/);
    expect(lstmLab(['trace', file, '--input', '1,2']).stderr).toBe('');
  });

  it('of PyTorch says what was assumed, and --layers and --assume change it', () => {
    const file = `${bidirectional}/model.pt`;
    expect(lstmLab(['trace', file]).stderr).toMatch(/last timestep, y\[:, -1\]/);
    const every = JSON.parse(lstmLab(['trace', file, '--assume', 'every-timestep']).stdout).outputs[0].shape;
    expect(every).toEqual([1, 5, 3]);
    expect(lstmLab(['trace', file, '--layers', 'fc,lsmt'])).toMatchObject({ status: 2 });
    expect(lstmLab(['trace', file, '--layers', 'fc,lsmt']).stderr).toMatch(/did you mean "lstm"/);
  });

  it('of weights only opens with --config, and without it says what it holds', () => {
    const alone = lstmLab(['trace', 'test/fixtures/keras-files/keras1-k122-tutorial/weights.h5']);
    expect(alone.status).toBe(65);
    expect(alone.stderr).toMatch(/--config/);
  });

  it('of weights only opens with --preset too: a preset’s file or name, whose layers the arrays must fit', () => {
    const made = 'test/fixtures/keras-files/keras3-tutorial-sentiment';
    const preset = join(folder, 'sentiment.json');
    expect(lstmLab(['convert', `${made}/model.keras`, '-o', preset]).stderr).toBe('');
    const given = ['--input', `${made}/case.json`];
    const wanted = JSON.parse(readFileSync(`${made}/case.json`, 'utf8')).outputs[0].data.flat(2);
    expectClose(outputs([`${made}/model.weights.h5`, '--preset', preset, ...given]), wanted);
    const other = lstmLab(['trace', `${made}/model.weights.h5`, '--preset', 'sentiment']);
    expect(other).toMatchObject({ status: 65 });
    expect(other.stderr).toMatch(/layers\[\d\] \(embedding_1\)/);
    expect(lstmLab(['trace', `${made}/model.weights.h5`, '--preset', preset, '--config', preset])).toMatchObject({
      status: 2,
    });
  });
});

describe('inspect', () => {
  it('lists every array with the gates of its blocks', () => {
    const { stdout } = lstmLab(['inspect', gru]);
    expect(stdout).toMatch(/GRU kernel, columns: z 0–3 \| r 4–7 \| h 8–11/);
    expect(JSON.parse(lstmLab(['inspect', gru, '--json']).stdout).arrays.length).toBeGreaterThan(2);
  });
});

describe('convert', () => {
  it.each(['x.keras', 'x.json', 'x.h5', 'x.safetensors'])('writes %s, which computes the same', (name) => {
    const file = join(folder, name);
    const source = 'test/fixtures/torch/gru/model.safetensors';
    const input = 'test/fixtures/torch/gru/case.json';
    expect(lstmLab(['convert', source, '-o', file])).toMatchObject({ status: 0 });
    expectClose(outputs([file, '--input', input]), outputs([source, '--input', input]));
  });

  it('writes y[:, -1] of both directions for Keras 3', () => {
    const file = join(folder, 'both.keras');
    expect(lstmLab(['convert', `${bidirectional}/model.pt`, '-o', file])).toMatchObject({ status: 0 });
    const input = `${bidirectional}/case.json`;
    expectClose(outputs([file, '--input', input]), JSON.parse(readFileSync(input, 'utf8')).outputs[0].data.flat(2));
  });

  it('to a kind of file that it does not write says which it does, and writes nothing', () => {
    const { status, stderr } = lstmLab(['convert', gru, '-o', join(folder, 'x.onnx')]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/\.keras, \.h5, \.safetensors and \.json/);
  });
});

describe('a model that begins with a layer the lab does not know', () => {
  it('is refused in one sentence that names the layer', () => {
    const file = join(folder, 'unknown-first.json');
    const layer = (class_name: string, config: object) => ({ class_name, module: 'keras.layers', config });
    const layers = [layer('InputLayer', { batch_shape: [null, 2, 1] }), layer('Discretization', { name: 'bins' })];
    writeFileSync(file, JSON.stringify(layer('Sequential', { name: 's', layers })));
    const { status, stderr } = lstmLab(['trace', file]);
    expect(status).toBe(65);
    expect(stderr).toContain(': bins: no layer of the model can be run: Discretization, ');
    expect(stderr).not.toContain('..');
  });
});

describe('text', () => {
  it('is read with a vocabulary file, and words by the model’s own', () => {
    const words = join(folder, 'words.json');
    writeFileSync(words, JSON.stringify({ the: 1, movie: 2, good: 3 }));
    const model = 'test/fixtures/torch/text-classifier/model.pt';
    const { stdout, stderr } = lstmLab(['trace', model, '--text', 'The good, unknown movie', '--vocabulary', words]);
    expect(JSON.parse(stdout).inputs[0].data).toEqual([[1, 3, 2]]);
    expect(stderr).toMatch(/not in the vocabulary.*unknown/);
    expect(lstmLab(['trace', model, '--text', 'good']).stderr).toMatch(/--vocabulary FILE/);
  });
});
