import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lstmLab } from './lstm-lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'lstm-lab-check-'));

/** 16777217 − 16777216 is 1; float32 has no 16777217, and makes it 0. */
const cancelling = join(folder, 'cancelling.json');
writeFileSync(
  cancelling,
  JSON.stringify({
    layers: [
      { class_name: 'Input', shape: [2] },
      { class_name: 'Dense', name: 'sum', units: 1, weights: { kernel: [[16777217], [-16777216]], bias: [0] } },
    ],
    input: [[1, 1]],
  }),
);

describe('check', () => {
  it('holds every number of a run against its equation: a line for each layer, and 0 where all is well', () => {
    const { status, stdout, stderr } = lstmLab(['check', 'masking']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^lstm_1 {2,}LSTM {2,}24 {2,}\d\.\de-\d {2,}lstm_1\.\w+\[\d\]@\d {2,}✓$/m);
    expect(stdout).toMatch(/The equations hold: 76 steps checked, the simd engine is off by \d\.\de-\d at most\./);
    expect(stdout).not.toContain('\u001b');
  });

  it('ends with 1 where a number differs, and says which, and what its equation gives', () => {
    const { status, stdout } = lstmLab(['check', cancelling]);
    expect(status).toBe(1);
    expect(stdout).toContain('✗ sum.z[0]@0 is 0; its equation gives 1');
    expect(stdout).toMatch(/The equations do not hold/);
    expect(stdout).toContain('--engine kernel');
    expect(lstmLab(['check', cancelling, '--engine', 'kernel'])).toMatchObject({ status: 0 });
  });

  it('gives the same as JSON', () => {
    const { status, stdout } = lstmLab(['check', cancelling, '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      engine: 'simd',
      tolerance: 1e-5,
      largest_difference: 1,
      holds: false,
      layers: [{ name: 'sum', class: 'Dense', timesteps: 1, checked: 1, timesteps_that_differ: 1, at: 'sum.z[0]@0' }],
    });
    const exact = JSON.parse(lstmLab(['check', 'gru', '--engine', 'reference', '--json']).stdout);
    expect(exact).toMatchObject({ engine: 'reference', largest_difference: 0, holds: true });
  });

  it('checks so many timesteps at random, and only the layers that are asked for', () => {
    const report = JSON.parse(lstmLab(['check', 'stacked', '--sample', '3', '--layer', 'lstm_2', '--json']).stdout);
    expect(report.layers).toMatchObject([{ name: 'lstm_2', timesteps: 20, checked: 3 }]);
  });

  it.each([
    ['an unknown layer', ['stacked', '--layer', 'lstm_3'], 2, /--layer: the model has no layer of this name/],
    ['no number of timesteps', ['stacked', '--sample', '0'], 2, /A whole number from 1/],
    ['a missing file', ['no/such.keras'], 66, /no such file/],
    ['an input that does not fit', ['embedding-lookup', '--input', '0,1,2,3,0,0,0'], 65, /rows 0 to 2/],
  ])('%s gets one message and an exit code', (_, args, status, message) => {
    const result = lstmLab(['check', ...args]);
    expect(result).toMatchObject({ status, stdout: '' });
    expect(result.stderr).toMatch(message);
  });
});

describe('the engine, where none is asked for', () => {
  const title = (...args: string[]) => lstmLab(['show', ...args, '--size', '120x36']).stdout.split('\n')[0];
  const large = join(folder, 'large.json');
  writeFileSync(large, JSON.stringify({ layers: [{ class_name: 'LSTM', units: 256, input_shape: [100, 64] }] }));

  it('is reference where numbers of a small model are shown, as in the lab', () => {
    expect(title('stacked')).toContain('reference engine · float64');
    expect(lstmLab(['return-state']).stdout).toContain('reference engine, float64');
  });

  it('is simd where a model is large, and for data, whose field says so', () => {
    expect(title(large)).toContain('simd engine · float32');
    expect(lstmLab([large]).stdout).toContain('simd engine, float32');
    expect(JSON.parse(lstmLab(['trace', 'return-state', '--layer', 'lstm_2']).stdout).engine).toBe('simd');
  });

  it('is the one that is asked for', () => {
    expect(title(large, '--engine', 'kernel')).toContain('kernel engine · float64');
    const trace = lstmLab(['trace', 'return-state', '--layer', 'lstm_2', '--engine', 'reference']).stdout;
    expect(JSON.parse(trace).engine).toBe('reference');
    expect(JSON.parse(lstmLab(['trace', 'return-state', '--engine', 'auto']).stdout).engine).toBe('simd');
  });
});
