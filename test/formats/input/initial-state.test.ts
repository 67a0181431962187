import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inputInitialState, readInitialState } from '../../../src/formats/input/initial-state.ts';
import { LabError } from '../../../src/math/lab-error.ts';
import { input, model, plan, recurrent } from './plain-models.ts';

const one = model(input('x', [null, 1]), recurrent('lstm', 'l', 'x', 2));
const two = model(input('x', [5, 2]), recurrent('lstm', 'a', 'x', 3), recurrent('lstm', 'b', 'a', 3));
const gru = model(input('x', [null, 1]), recurrent('gru', 'g', 'x', 2));
const states = (...args: Parameters<typeof readInitialState>) =>
  readInitialState(...args).map((sample) =>
    Object.fromEntries(
      [...sample].map(([name, { h, c }]) => [name, c === undefined ? { h: [...h] } : { h: [...h], c: [...c] }]),
    ),
  );

function refusal(work: () => unknown): LabError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(LabError);
    return error as LabError;
  }
  throw new Error('it was accepted');
}

describe('states to start from', () => {
  it('of the one recurrent layer are numbers, for every sample', () => {
    const expected = [{ l: { h: [1, 2], c: [3, 4] } }];
    expect(states('1 2; 3 4', one)).toEqual(expected);
    expect(states('1,2,3,4', one)).toEqual(expected);
    expect(states('[[1, 2], [3, 4]]', one)).toEqual(expected);
    expect(states('{"l": {"h": [1, 2], "c": [3, 4]}}', one)).toEqual(expected);
    expect(states('1 2', one)).toEqual([{ l: { h: [1, 2], c: [0, 0] } }]);
    expect(states('1 2', gru)).toEqual([{ g: { h: [1, 2] } }]);
  });

  it('of each sample come with the samples as their first axis', () => {
    expect(states('{"initial_state": {"l": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]}}', one)).toEqual([
      { l: { h: [1, 2], c: [5, 6] } },
      { l: { h: [3, 4], c: [7, 8] } },
    ]);
  });

  it('as PyTorch takes them: layers · directions, batch, units, in the order of execution', () => {
    const file = join(import.meta.dirname, '../../fixtures/inputs/torch-initial-state.json');
    const { initial_state: given } = JSON.parse(readFileSync(file, 'utf8'));
    const [h, c] = given.map(({ data }: { data: number[][][] }) => data);
    const expected = [0, 1].map((sample) => ({
      a: { h: h[0][sample], c: c[0][sample] },
      b: { h: h[1][sample], c: c[1][sample] },
    }));
    expect(states(file, two)).toEqual(expected);
    expect(inputInitialState(file, two)).toEqual(readInitialState(file, two));
  });

  it('are those of the input’s file only where it says so itself', () => {
    const trace = join(import.meta.dirname, '../../fixtures/keras3/encoder-decoder/case.json');
    expect(inputInitialState(trace, one)).toEqual([]);
    expect(inputInitialState('1 2 3', one)).toEqual([]);
    expect(inputInitialState(undefined, one)).toEqual([]);
    expect(inputInitialState('[[1]]', one)).toEqual([]);
  });

  it.each([
    ['1 2 3', one, /l starts from h \(2,\) and c \(2,\).*Received: \(3,\)/],
    ['1 2', two, /2 recurrent layers \(a, b\), and numbers are for one.*"a"/],
    ['{"m": [[1, 2], [3, 4]]}', one, /no recurrent layer of this name: l. Received: "m"/],
    ['{"l": [[1, 2], [3, 4], [5, 6]]}', one, /l: l starts from/],
    ['{"l": 7}', one, /l: a list \[h, c\] is wanted/],
    ['[[1, 2, 3], [4, 5, 6]]', two, /2 recurrent layers: a, b.*h_0 and c_0 of shape \(2, batch, units\)/],
    ['[[[[1, 2, 3]]], [[[1, 2, 3]]]]', two, /\(layers · directions, batch, units\).*Received: \(1, 1, 3\)/],
    ['{"initial_state": [["x"]]}', one, /initial_state.*a number is wanted/],
    ['{"l": [[[1, 2]], [[3, 4], [5, 6]]]}', one, /Received: \(1, 2\) and \(2, 2\)/],
    ['no-such-file', one, /no such file, and it is not numbers/],
  ])('%s is refused with what is wanted', (spec, subject, message) => {
    expect(refusal(() => readInitialState(spec, subject)).message).toMatch(message);
  });

  it('a model without recurrent layers has none', () => {
    const plain = model(input('x', [2]), plan({ kind: 'dropout', name: 'd', trainable: true, rate: 0 }, ['x']));
    expect(refusal(() => readInitialState('1', plain)).message).toMatch(/no recurrent layer/);
  });
});
