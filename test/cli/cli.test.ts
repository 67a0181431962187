import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lstmLab } from './lstm-lab.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'lstm-lab-'));
const ESC = '\u001b';

describe('lstm-lab', () => {
  it('says its version and its help, and exits with 0', () => {
    expect(lstmLab(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
    const help = lstmLab(['--help']);
    expect(help.status).toBe(0);
    expect(help.stdout.startsWith('Examples:')).toBe(true);
    for (const word of [
      'presets',
      'summary',
      'show',
      'trace',
      'check',
      '--input',
      '--text',
      '--sample',
      '--engine',
      '--seed',
      '--no-color',
      '--ascii',
    ]) {
      expect(help.stdout).toContain(word);
    }
  });

  it('prints the walk as text where standard output is not a terminal', () => {
    const { status, stdout, stderr } = lstmLab(['return-sequences']);
    expect(status).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).not.toContain(ESC);
    for (const layer of ['lstm_1', 'lstm_2']) expect(stdout).toContain(layer);
    // h of lstm_2 at the last timestep, as the tutorial prints it: 0.00869473 0.00720878
    expect(stdout).toMatch(/0\.00869/);
    expect(stdout).toMatch(/0\.00720|0\.00721/);
    expect(stdout).toContain('(1, 3, 2)');
  });

  it('alone prints the walk of return-sequences and the list of presets', () => {
    const { status, stdout } = lstmLab([]);
    expect(status).toBe(0);
    expect(stdout).toContain('lstm_2');
    for (const name of readdirSync('presets').filter((file) => /^[^.]+\.json$/.test(file)))
      expect(stdout).toContain(name.replace('.json', ''));
  });

  it('gives norms and extremes for a model of many units, and says how to get the rest', () => {
    const { status, stdout } = lstmLab(['stacked']);
    expect(status).toBe(0);
    expect(stdout).toContain('lstm-lab trace');
    expect(stdout.length).toBeLessThan(60_000);
  });

  it('ends well when its reader goes away', () => {
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['-c', 'set -o pipefail; node bin/lstm-lab.js trace sentiment | head -1; echo $PIPESTATUS'],
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('0');
  });

  it('says the same with help as with --help, of a command too, and which command was probably meant', () => {
    expect(lstmLab(['help'])).toEqual(lstmLab(['--help']));
    expect(lstmLab(['help', 'trace'])).toEqual(lstmLab(['trace', '--help']));
    expect(lstmLab(['help', 'trace']).stdout).toContain('--quantity');
    const wrong = lstmLab(['help', 'trase']);
    expect(wrong).toMatchObject({ status: 2, stdout: '' });
    expect(wrong.stderr).toContain('did you mean "trace"?');
  });

  it('ends well when the reader of its help goes away before it is written', () => {
    const { stdout, stderr } = spawnSync(
      'bash',
      [
        '-c',
        'for words in --help "trace --help" --version; do node bin/lstm-lab.js $words | true; echo $PIPESTATUS; done',
      ],
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(stdout).toBe('0\n0\n0\n');
  });

  it('says that a place to start from does not exist, in a pipe too', () => {
    expect(lstmLab(['masking', '--layer', 'lstm1'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('did you mean "lstm_1"'),
    });
    expect(lstmLab(['masking', '--step', '99'])).toMatchObject({ status: 2, stdout: '' });
    expect(lstmLab(['masking', '--layer', 'lstm_2', '--step', '5']).status).toBe(0);
  });

  it('reads a preset from standard input', () => {
    const preset = readFileSync('presets/return-neither.json', 'utf8');
    expect(lstmLab(['-'], { input: preset })).toMatchObject({ status: 0, stderr: '' });
    expect(lstmLab(['-'], { input: 'no' }).stderr).toMatch(
      /^lstm-lab: standard input: line 1, column 1: this is not JSON/,
    );
  });
});

describe('presets and summary', () => {
  it('list the presets, a line each, and say where their files are', () => {
    const { status, stdout } = lstmLab(['presets']);
    expect(status).toBe(0);
    const count = readdirSync('presets').filter((file) => file.endsWith('.json')).length - 1; // without the schema
    const [rows, where] = stdout.split('\n\n');
    expect(rows.split('\n')).toHaveLength(2 + count);
    expect(where).toContain(resolve('presets'));
    const list = JSON.parse(lstmLab(['presets', '--json']).stdout);
    expect(list).toHaveLength(count);
    for (const entry of list)
      expect(Object.keys(entry)).toEqual(['name', 'title', 'shows', 'look_for', 'try', 'layers', 'file']);
    expect(readFileSync(list[0].file, 'utf8')).toBe(readFileSync(`presets/${list[0].name}.json`, 'utf8'));
  });

  it('summarise a model as Keras does', () => {
    const { status, stdout } = lstmLab(['summary', 'initial-state']);
    expect(status).toBe(0);
    expect(stdout).toContain('Layer (type)');
    expect(stdout).toMatch(
      /decoder \(LSTM\)\s+\(None, 5, 4\), \(None, 4\), \(None, 4\)\s+112\s+target, encoder\[1\], encoder\[2\]/,
    );
    expect(stdout).toContain('Total params: 255');
  });

  it('count 4·((features + 1)·units + units²) parameters for an LSTM, and frozen ones apart', () => {
    const summary = JSON.parse(lstmLab(['summary', 'embedding-pretrained', '--json']).stdout);
    expect(summary).toMatchObject({
      total_parameters: 13 * 4 + 4 * ((4 + 1) * 3 + 9),
      trainable_parameters: 96,
      non_trainable_parameters: 52,
    });
    expect(summary.layers.map((layer: { name: string }) => layer.name)).toEqual(['tokens', 'embedding_1', 'lstm_1']);
  });
});

describe('trace', () => {
  it('writes JSON by default: every quantity of every layer', () => {
    const { status, stdout, stderr } = lstmLab(['trace', 'return-state']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const trace = JSON.parse(stdout);
    expect(trace).toMatchObject({ format: 'lstm-lab-trace', version: 1, engine: 'simd' });
    expect(trace.layers.map((layer: { name: string }) => layer.name)).toEqual(['lstm_1', 'lstm_2']);
    expect(Object.keys(trace.layers[1].steps)).toEqual([
      'z_i',
      'z_f',
      'z_g',
      'z_o',
      'i',
      'f',
      'g',
      'o',
      'c',
      'tanh_c',
      'h',
    ]);
    expect(trace.outputs.map(({ shape }: { shape: number[] }) => shape)).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  it('selects layers and quantities, and suggests the nearest name for one that there is not', () => {
    const trace = JSON.parse(lstmLab(['trace', 'return-state', '--layer', 'lstm_2', '--quantity', 'i,c']).stdout);
    expect(trace.layers.map((layer: { name: string }) => layer.name)).toEqual(['lstm_2']);
    expect(Object.keys(trace.layers[0].steps)).toEqual(['i', 'c']);
    expect(lstmLab(['trace', 'return-state', '--layer', 'lstm_3'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('did you mean "lstm_'),
    });
    expect(lstmLab(['trace', 'return-state', '--quantity', 'zi'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('z_i'),
    });
  });

  it('writes CSV with a row for each number, and NPZ, which is a zip', () => {
    const { stdout } = lstmLab([
      'trace',
      'return-sequences',
      '--layer',
      'lstm_2',
      '--quantity',
      'h',
      '--format',
      'csv',
    ]);
    const rows = stdout.trimEnd().split(/\r?\n/);
    expect(rows[0]).toBe('run,sample,layer,call,direction,timestep,quantity,unit,value');
    expect(rows).toHaveLength(1 + 3 * 2);
    const { status, bytes } = lstmLab(['trace', 'return-sequences', '--format', 'npz']);
    expect(status).toBe(0);
    expect(bytes.subarray(0, 2).toString()).toBe('PK');
  });

  it('is as quiet where other programs are told that they are developed', () => {
    const { status, stderr } = lstmLab(['show', 'gru'], { env: { DEV: 'true' } });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('says why a table of a model without recurrent layers is empty', () => {
    const { status, stdout, stderr } = lstmLab(['trace', 'embedding-lookup', '--format', 'csv']);
    expect([status, stdout]).toEqual([0, 'run,sample,layer,call,direction,timestep,quantity,unit,value\n']);
    expect(stderr).toContain('this model has none: --format json');
    expect(lstmLab(['trace', 'masking', '--format', 'csv']).stderr).toBe('');
  });

  it('writes a file whole or not at all', () => {
    const file = join(folder, 'trace.csv');
    expect(lstmLab(['trace', 'masking', '-o', file])).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(file, 'utf8').startsWith('run,sample,layer')).toBe(true);
    const missing = join(folder, 'no', 'trace.csv');
    const { status, stderr } = lstmLab(['trace', 'masking', '-o', missing]);
    expect(status).toBe(74);
    expect(stderr).toContain(missing);
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('writes no file whose ending says that it is something else', () => {
    const file = join(folder, 'trace.xlsx');
    const { status, stderr } = lstmLab(['trace', 'masking', '-o', file]);
    expect(status).toBe(2);
    expect(stderr).toContain('trace.xlsx');
    expect(stderr).toContain('--format json, csv or npz');
    expect(existsSync(file)).toBe(false);
    expect(lstmLab(['trace', 'masking', '-o', file, '--format', 'json'])).toMatchObject({ status: 0 });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('version');
  });

  it('takes an input: numbers, a file, a trace, a text', () => {
    const outputs = (...args: string[]) =>
      JSON.parse(lstmLab(['trace', 'return-neither', ...args]).stdout).outputs[0].data;
    const same = outputs();
    expect(outputs('--input', '0.1,0.2,0.3')).toEqual(same);
    expect(outputs('--input', '0.1 0.2 0.3')).toEqual(same);
    expect(outputs('--input', '0.1;0.2;0.3')).toEqual(same);
    const file = join(folder, 'input.json');
    writeFileSync(file, '[[[0.1], [0.2], [0.3]]]');
    expect(outputs('--input', file)).toEqual(same);
    writeFileSync(file, lstmLab(['trace', 'return-neither']).stdout);
    expect(outputs('--input', file)).toEqual(same);
    expect(outputs('--input', '0.3,0.2,0.1')).not.toEqual(same);
    const said = lstmLab(['trace', 'sentiment', '--text', 'The movie was NOT gooood!', '--layer', 'activation_1']);
    expect(said).toMatchObject({ status: 0, stderr: expect.stringContaining('gooood') });
    // the movie was not; padded in front
    expect(JSON.parse(said.stdout).inputs[0].data).toEqual([[0, 0, 0, 0, 0, 0, 1, 4, 9, 11]]);
  });

  it('gives one sample of a batch, and the engine that is asked for', () => {
    const trace = JSON.parse(lstmLab(['trace', 'masking', '--sample', '2', '--engine', 'kernel']).stdout);
    expect(trace.engine).toBe('kernel');
    expect(trace.inputs[0]).toMatchObject({ shape: [1, 6], data: [[0, 0, 0, 1, 4, 5]] });
    expect(lstmLab(['trace', 'masking', '--sample', '5'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('there are 4 samples. Received: 5'),
    });
  });

  it('is the same for the same seed, and another for another', () => {
    const h = (seed: string) =>
      JSON.parse(lstmLab(['trace', 'stacked', '--seed', seed, '--layer', 'dense_1']).stdout).outputs;
    expect(h('7')).toEqual(h('7'));
    expect(h('7')).not.toEqual(h('8'));
  });
});

describe('a mistake gets one message on standard error and an exit code', () => {
  it.each([
    [
      'an unknown flag',
      ['return-state', '--egnine', 'kernel'],
      2,
      /^lstm-lab: unknown option '--egnine'[\s\S]*--engine/,
    ],
    ['an unknown engine', ['return-state', '--engine', 'fast'], 2, /Allowed choices are auto, reference, kernel, simd/],
    [
      'an unknown preset',
      ['return-sequence'],
      66,
      /no preset and no file called "return-sequence"\. Hint: did you mean "return-sequences"\?/,
    ],
    ['a misspelt command', ['sumary', 'stacked'], 2, /Hint: did you mean "lstm-lab summary stacked"\?/],
    [
      'a word too many',
      ['sentiment', 'not', 'good'],
      2,
      /"lstm-lab" takes one model\. Received: .*"not","good".*Hint: leave out "not", "good", or quote/,
    ],
    [
      'a word too many for a command',
      ['presets', 'gru'],
      2,
      /"lstm-lab presets" takes no arguments\. .*lstm-lab help presets/,
    ],
    [
      'no model',
      ['summary'],
      2,
      /argument 'model'\. Hint: a model’s file, or a preset’s name; "lstm-lab presets" lists/,
    ],
    ['an unknown option', ['gru', '--bogus'], 2, /'--bogus'\. Hint: --help lists the options\./],
    ['an unknown view', ['show', 'stacked', '--view', 'gate'], 2, /cell, gates, equations, returns, weights/],
    [
      'an unknown layer',
      ['show', 'stacked', '--layer', 'lstm_3'],
      2,
      /--layer: the model has no layer of this name\. Received: lstm_3\. Hint: did you mean "lstm_[12]"\?/,
    ],
    [
      'a timestep that there is not',
      ['show', 'return-state', '--step', '3'],
      2,
      /--step: lstm_1 has timesteps 0 to 2\. Received: 3/,
    ],
    ['a size that is none', ['show', 'return-state', '--size', '80'], 2, /100x30/],
    ['a missing file', ['no/such.json'], 66, /no\/such\.json: there is no such file/],
    ['a directory', ['./presets'], 66, /this is a directory/],
    ['an input of the wrong length', ['return-state', '--input', '1,2'], 2, /\(None, 3, 1\)/],
    [
      'an index out of range',
      ['embedding-lookup', '--input', '0,1,2,3,0,0,0'],
      65,
      /input\[3\]: embedding_1 has rows 0 to 2/,
    ],
    ['text for a model without a vocabulary', ['return-state', '--text', 'hello'], 65, /no vocabulary/],
    ['a list of no names', ['trace', 'gru', '--layer', ','], 2, /Names are wanted/],
    [
      '--preset for what is one',
      ['summary', 'gru', '--preset', 'gru'],
      2,
      /gru\.json: --preset: it is for files of Keras/,
    ],
    ['input and text together', ['sentiment', '--text', 'good', '--input', '1'], 2, /--input or --text, not both/],
  ])('%s', (_, args, status, message) => {
    const result = lstmLab(args as string[]);
    expect(result.stderr).toMatch(message as RegExp);
    expect(result.status).toBe(status);
    expect(result.stderr).not.toContain('    at ');
    expect(result.stdout).toBe('');
  });

  it('in a preset file names the file and the place in it', () => {
    const file = join(folder, 'mine.json');
    writeFileSync(file, JSON.stringify({ layers: [{ class_name: 'LSTM', units: -1, input_shape: [3, 1] }] }));
    expect(lstmLab([file])).toMatchObject({
      status: 65,
      stderr: expect.stringMatching(/mine\.json: layers\[0\] \(LSTM\)\.units: .*Received: -1/),
    });
  });
});

describe('show', () => {
  it('prints one frame of the size that is asked for', () => {
    const { status, stdout } = lstmLab(['show', 'return-state', '--step', '2', '--view', 'gates', '--size', '100x30']);
    expect(status).toBe(0);
    expect(stdout).not.toContain(ESC);
    expect(stdout).toContain('t 2/2');
    expect(stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(30);
  });

  it('draws it as SVG', () => {
    const { status, stdout } = lstmLab(['show', 'return-state', '--format', 'svg']);
    const file = join(folder, 'frame.svg');
    expect(lstmLab(['show', 'return-state', '-o', file])).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(file, 'utf8')).toBe(stdout);
    expect(status).toBe(0);
    expect(stdout.startsWith('<svg')).toBe(true);
  });
});
