import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { record } from '../../../src/engines/record.ts';
import { readInput } from '../../../src/formats/input.ts';
import { npyHeader } from '../../../src/formats/trace-npz/npy.ts';
import { traceNpz } from '../../../src/formats/trace-npz.ts';
import { LabError } from '../../../src/math/lab-error.ts';
import { type Tensor, tensor, toNested } from '../../../src/math/tensor.ts';
import type { Model } from '../../../src/model/graph.ts';
import { input, model, recurrent, taking } from './plain-models.ts';

let place = '';
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'lstm-lab-input-files-'));
});
afterAll(() => rmSync(place, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(place, name), content);
  return join(place, name);
}
const nested = (spec: string, subject: Model) => readInput(spec, subject).map((batch) => batch.map(toNested));

/** A .npy file of float64. */
function npy({ shape, data }: Tensor): Uint8Array {
  return Uint8Array.from([...npyHeader(shape), ...new Uint8Array(Float64Array.from(data).buffer)]);
}
const npz = (arrays: Record<string, Tensor>) =>
  zipSync(Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, npy(array)])));

function refusal(work: () => unknown): LabError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(LabError);
    return error as LabError;
  }
  throw new Error('it was accepted');
}

describe('NumPy files', () => {
  const left = tensor([1, 2], [1, 2]);
  const right = tensor([1, 1], [7]);

  it('a .npy file is the batch of the one input, whatever it is called', () => {
    const batch = tensor([2, 2, 1], [1, 2, 3, 4]);
    expect(nested(file('batch.dat', npy(batch)), taking([2, 1]))).toEqual([[toNested(batch)]]);
    const sample = file('sample.npy', npy(tensor([2, 1], [1, 2])));
    expect(nested(sample, taking([null, 1]))).toEqual([[[[[1], [2]]]]]);
    const error = refusal(() => readInput(sample, taking([3, 1])));
    expect(error.message).toMatch(/sample.npy: input: the model takes \(None, 3, 1\). Received: \(2, 1\)/);
  });

  it('an .npz file has an array for each input, by name or by position', () => {
    const subject = taking([2], [1]);
    expect(nested(file('named.npz', npz({ y: right, x: left })), subject)).toEqual([[[[1, 2]], [[7]]]]);
    expect(nested(file('more.npz', npz({ target: right, y: right, x: left })), subject)).toEqual([[[[1, 2]], [[7]]]]);
    expect(nested(file('placed.npz', npz({ arr_0: left, arr_1: right })), subject)).toEqual([[[[1, 2]], [[7]]]]);
    expect(refusal(() => readInput(file('one.npz', npz({ x: left })), subject)).message).toMatch(
      /the model has 2 inputs: x, y. Received: 1: x/,
    );
  });

  it('an .npz trace is an input, all its batches', async () => {
    const subject = model(input('x', [2, 1]), recurrent('lstm', 'l', 'x', 2));
    const batches = [[tensor([2, 2, 1], [1, 2, 3, 4])], [tensor([1, 2, 1], [5, 6])]];
    const chunks = [...traceNpz(await record(subject, batches, 'kernel'))];
    const read = readInput(file('trace.npz', Buffer.concat(chunks)), subject);
    expect(read.map((batch) => batch.map(toNested))).toEqual(batches.map((batch) => batch.map(toNested)));
  });

  it('an input whose samples are counted by another axis comes as its file has it, or as a fixture says, batch first', () => {
    const subject = model(input('x', [2]), input('h', [1, 3], { batchAxis: 1 }));
    const x = [
      [1, 2],
      [3, 4],
    ];
    const h = [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ];
    const own = file('own.json', JSON.stringify({ inputs: [{ data: x }, { data: h }] }));
    expect(nested(own, subject)).toEqual([[x, h]]);
    const turned = { inputs: [{ data: x }, { data: [[[1, 2, 3]], [[4, 5, 6]]], file_axes: [1, 0, 2] }] };
    expect(nested(file('turned.json', JSON.stringify(turned)), subject)).toEqual([[x, h]]);
  });
});

describe('tables', () => {
  it.each([
    [
      'rows are timesteps',
      '1,2\n3,4\n5,6\n',
      [null, 2],
      [
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      ],
    ],
    [
      'of several samples, where their length is fixed',
      '1,2\n3,4\n5,6\n7,8',
      [2, 2],
      [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ],
    ],
    [
      'a header, semicolons and decimal commas',
      '\ufefftime;value\r\n0,5;1\r\n1,5;2\r\n',
      [2, 2],
      [
        [
          [0.5, 1],
          [1.5, 2],
        ],
      ],
    ],
    [
      'tabs',
      '1\t2\n3\t4',
      [2, 2],
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ],
    [
      'what numpy.savetxt writes',
      '# a comment\n1.0e+00 2.0e+00\n3.0e+00 nan\n',
      [2, 2],
      [
        [
          [1, 2],
          [3, Number.NaN],
        ],
      ],
    ],
    ['a column is one sequence', '1\n2\n3', [3, 1], [[[1], [2], [3]]]],
    ['a column is one sequence of indices', '4\n7\n0', [null], [[4, 7, 0]]],
    [
      'rows are samples of indices',
      '4,7,0\n1,2,3',
      [3],
      [
        [4, 7, 0],
        [1, 2, 3],
      ],
    ],
    [
      'rows are samples, if a row has all numbers of one',
      '1,2,3,4\n5,6,7,8',
      [2, 2],
      [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ],
    ],
    [
      'rows are samples of one feature',
      '1,2,3\n4,5,6',
      [3, 1],
      [
        [[1], [2], [3]],
        [[4], [5], [6]],
      ],
    ],
    ['quoted cells and names', '"a, b","c"\n"1","2"\n', [1, 2], [[[1, 2]]]],
  ])('%s', (_, text, shape, expected) => {
    expect(nested(file('table.csv', text), taking(shape))).toEqual([[expected]]);
  });

  it.each([
    [
      '1,2,3\n4,5,6',
      [null, 2],
      /the model takes \(None, None, 2\): a row of 2 numbers is one timestep. Received: 2 rows of 3 columns/,
    ],
    ['1,2\n3,4\n5,6', [2, 2], /and a sample has 2 timesteps. Received: 3 rows of 2 columns/],
    [',a,b\n0,1,2\n1,3,4', [null, 2], /first column has no name.*index=False/],
    ['a,b\n1,2\n3,x', [null, 2], /line 3, column 2 \(b\): a number is wanted here. Received: "x"/],
    ['1,2\n3,', [null, 2], /line 2, column 2: a number is wanted here. Received: nothing.*nan/],
    ['1,2\n3', [null, 2], /line 2: a row of 2 numbers is wanted.*Received: 1/],
    ['a,b\n1,2,3', [null, 3], /line 2: 2 columns are wanted, as in the first line/],
    ['a,b\n', [null, 2], /no numbers/],
    ['<!DOCTYPE html><title>404</title>', [null, 2], /web page/],
    ['version https://git-lfs.github.com/spec/v1\nsize 3', [null, 2], /git lfs pull/],
    ['\u0001\u0002\u0003', [null, 2], /no input that the lab reads/],
  ])('%j is refused with its place', (text, shape, message) => {
    const path = file('wrong.csv', text);
    const error = refusal(() => readInput(path, taking(shape)));
    expect(error.message).toMatch(message);
    expect(error.fields.file).toBe(path);
  });

  it('are refused where the model has several inputs', () => {
    expect(refusal(() => readInput(file('t.csv', '1,2'), taking([2], [1]))).message).toMatch(
      /2 inputs \(x, y\).*\.npz/,
    );
  });
});

describe('a JSON object by name', () => {
  it('may stand alone', () => {
    expect(nested(file('bare.json', '{"y": [[7]], "x": [[1, 2]]}'), taking([2], [1]))).toEqual([[[[1, 2]], [[7]]]]);
  });
});

it('any file is an input or a LabError', () => {
  const subject = taking([2, 1]);
  const numpy = new Uint8Array(readFileSync(join(import.meta.dirname, '../../fixtures/numpy/deflated.npz')));
  const content = fc.oneof(
    fc.stringMatching(/^[0-9a-c,;.\t\n"# -]{0,40}$/),
    fc
      .tuple(fc.nat({ max: numpy.length - 1 }), fc.nat({ max: 255 }))
      .map(([at, byte]) => numpy.map((old, n) => (n === at ? byte : old))),
  );
  fc.assert(
    fc.property(content, (bytes) => {
      try {
        readInput(file('random', bytes), subject);
      } catch (error) {
        expect(error).toBeInstanceOf(LabError);
      }
    }),
    { numRuns: 500 },
  );
});
