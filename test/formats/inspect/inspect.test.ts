import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gatesOf } from '../../../src/formats/inspect/gates.ts';
import { type Inspection, inspectFile, inspectionLines } from '../../../src/formats/inspect.ts';
import { tfjsArrays } from '../../../src/formats/tfjs/open.ts';
import { readSafetensors } from '../../../src/formats/torch/safetensors.ts';
import type { Tensor } from '../../../src/math/tensor.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
const fixture = (...parts: string[]) => join(fixtures, ...parts);
const blocks = (found: Inspection, name: string) => {
  const gates = found.arrays.find((array) => array.name === name)?.gates;
  return (
    gates && [gates.of, gates.axis, gates.blocks.map(({ gate, from, length }) => `${gate} ${from}+${length}`).join(' ')]
  );
};

/** The framework's own numbers at the first timestep, where h is zero: a gate is σ(x·W + b) of its block. */
function gateAtStart(
  found: Inspection,
  arrays: ReadonlyMap<string, Tensor>,
  names: { kernel: string; biases: string[] },
  gate: string,
  x: number[],
) {
  const block = (name: string) => {
    const { gates } = found.arrays.find((array) => array.name === name) as Inspection['arrays'][number];
    return {
      axis: gates?.axis as number,
      ...(gates?.blocks.find((one) => one.gate === gate) as { from: number; length: number }),
    };
  };
  const { axis, from, length } = block(names.kernel);
  const kernel = arrays.get(names.kernel) as Tensor;
  const [, width] = kernel.shape;
  return Array.from({ length }, (_, unit) => {
    const at = (feature: number) => (axis === 1 ? feature * width + from + unit : (from + unit) * width + feature);
    const bias = names.biases.reduce(
      (sum, name) => sum + (arrays.get(name) as Tensor).data[block(name).from + unit],
      0,
    );
    return 1 / (1 + Math.exp(-x.reduce((sum, value, feature) => sum + value * kernel.data[at(feature)], bias)));
  });
}

describe('the gates of a kernel', () => {
  const steps = (file: string) => {
    const { inputs, layers } = JSON.parse(readFileSync(file, 'utf8'));
    const start = (symbol: string): number[] => layers[0].steps[symbol][0][0];
    return { x: inputs[0].data[0][0] as number[], start };
  };
  const agrees = (got: number[], wanted: number[]) => {
    got.forEach((value, at) => {
      expect(value).toBeCloseTo(wanted[at], 6);
    });
    expect(got).toHaveLength(wanted.length);
  };

  it('of TensorFlow.js and Keras are those that compute its gates', async () => {
    const file = fixture('tfjs/lstm-sigmoid/model.json');
    const { x, start } = steps(fixture('tfjs/lstm-sigmoid/case.json'));
    const found = await inspectFile(file);
    const arrays = new Map(
      tfjsArrays(JSON.parse(readFileSync(file, 'utf8')), file).map(({ name, tensor }) => [name, tensor as Tensor]),
    );
    const [kernel, , bias] = found.arrays.map(({ name }) => name);
    for (const gate of ['i', 'f', 'o'])
      agrees(gateAtStart(found, arrays, { kernel, biases: [bias] }, gate, x), start(gate));
  });

  it.each(['lstm', 'gru'])('of PyTorch are those that compute its gates: %s', async (name) => {
    const file = fixture('torch', name, 'model.safetensors');
    const { x, start } = steps(fixture('torch', name, 'case.json'));
    const found = await inspectFile(file);
    const arrays = new Map(
      [...readSafetensors(readFileSync(file), file).arrays].map(([key, { tensor }]) => [key, tensor]),
    );
    const names = { kernel: 'weight_ih_l0', biases: ['bias_ih_l0', 'bias_hh_l0'] };
    for (const gate of name === 'lstm' ? ['i', 'f', 'o'] : ['z', 'r'])
      agrees(gateAtStart(found, arrays, names, gate, x), start(gate));
  });

  it('of Keras 3’s layout, whose arrays have numbers for names', async () => {
    const found = await inspectFile(fixture('keras-files/keras3-tutorial-sentiment/model.keras'));
    const kernel = found.arrays.find(({ name }) => name.endsWith('lstm/cell/vars/0'));
    const units = (kernel?.shape[1] ?? 0) / 4;
    expect(blocks(found, kernel?.name ?? '')).toEqual([
      'LSTM kernel',
      1,
      ['i', 'f', 'c', 'o'].map((gate, at) => `${gate} ${at * units}+${units}`).join(' '),
    ]);
    expect(found.arrays.filter(({ gates }) => gates !== null)).toHaveLength(3);
    expect([found.format, found.madeWith]).toEqual(['Keras .keras', expect.stringMatching(/^Keras 3\./)]);
  });

  it('of ONNX are in its order, with the second bias', async () => {
    const file = fixture('onnx/lstm-peepholes/model.onnx');
    const found = await inspectFile(file);
    expect(blocks(found, 'W')).toEqual(['LSTM kernel', 1, 'i 0+4 o 4+4 f 8+4 c 12+4']);
    expect(blocks(found, 'B')?.[2]).toBe('i 0+4 o 4+4 f 8+4 c 12+4 i 16+4 o 20+4 f 24+4 c 28+4');
    expect(blocks(found, 'P')).toEqual(['LSTM peepholes', 1, 'i 0+4 o 4+4 f 8+4']);
  });

  it('of names and shapes that are no cell’s are none', () => {
    const dense = gatesOf([
      { name: 'd/kernel', shape: [3, 8] },
      { name: 'd/bias', shape: [8] },
    ]);
    const attention = gatesOf([
      { name: 'a/vars/0', shape: [4, 4] },
      { name: 'a/vars/1', shape: [4, 4] },
    ]);
    expect([dense.size, attention.size]).toEqual([0, 0]);
    expect(gatesOf([{ name: 'lstm_1_U_f:0', shape: [3, 3] }]).get('lstm_1_U_f:0')?.blocks).toEqual([
      { gate: 'f', from: 0, length: 3 },
    ]);
    const proj = gatesOf([
      { name: 'rnn.weight_ih_l1_reverse', shape: [16, 3] },
      { name: 'rnn.weight_hh_l1_reverse', shape: [16, 2] },
      { name: 'rnn.weight_hr_l1_reverse', shape: [2, 4] },
    ]);
    expect(proj.get('rnn.weight_hh_l1_reverse')?.blocks.map(({ gate }) => gate)).toEqual(['i', 'f', 'g', 'o']);
  });
});

describe('an inspection', () => {
  it('measures every array', async () => {
    const { arrays, format } = await inspectFile(fixture('numpy/stored.npz'));
    const array = (name: string) => arrays.find((one) => one.name === name);
    expect(format).toBe('NumPy archive');
    // 12 numbers from −5 in steps of 1.25: their mean is 1.875, their squares sum to 265.625.
    expect(array('f8')).toEqual({
      name: 'f8',
      shape: [3, 2, 2],
      dtype: 'F64',
      min: -5,
      max: 8.75,
      mean: 1.875,
      norm: Math.sqrt(265.625),
      nan: 0,
      gates: null,
    });
    expect(array('special')).toMatchObject({ nan: 1, min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY });
    expect(array('empty')).toMatchObject({ min: null, mean: null, norm: null, nan: 0 });
  });

  it.each([
    ['keras-files/keras1-k122-lstm-gpu/weights.h5', 'Keras .h5'],
    ['keras-files/keras2-k231-cudnn-lstm/model.h5', 'Keras .h5'],
    ['tfjs/quantised-uint8/model.json', 'TensorFlow.js model'],
    ['keras3/stateful/model.json', 'Keras configuration'],
    ['../../presets/stateful.json', 'preset'],
  ])('reads weights alone, whole models and configurations: %s', async (name, format) => {
    const found = await inspectFile(fixture(name));
    expect(found.format).toBe(format);
    expect(found.arrays.some(({ gates }) => gates !== null)).toBe(format !== 'Keras configuration');
  });

  it('is a table in lines of text, and its data goes through JSON', async () => {
    const found = await inspectFile(fixture('tfjs/quantised-uint8/model.json'));
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
    const lines = inspectionLines(found);
    expect(lines).toContain('  5 arrays, 138 numbers');
    expect(lines).toContain('  LSTM kernel, columns: i 0–3 | f 4–7 | c 8–11 | o 12–15');
    expect(lines.some((line) => /^lstm_LSTM28\/kernel {2,}\(3, 16\) {2}uint8 {3}-1.8427 {3}1.5623/.test(line))).toBe(
      true,
    );
  });
});
