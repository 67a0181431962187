import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readNpy, readNpz } from '../../src/formats/npy.ts';
import { LabError } from '../../src/math/lab-error.ts';

const folder = join(import.meta.dirname, '../fixtures/numpy');
const bytes = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
const expected: Record<string, { shape: number[]; data: (number | string)[] }> = JSON.parse(
  readFileSync(join(folder, 'expected.json'), 'utf8'),
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

/** A .npy file of version 1 with this header and these bytes. */
function npy(header: string, data: Uint8Array = new Uint8Array()): Uint8Array {
  return Uint8Array.from([
    0x93,
    ...Buffer.from('NUMPY'),
    1,
    0,
    header.length & 255,
    header.length >> 8,
    ...Buffer.from(header),
    ...data,
  ]);
}
const header = (descr: string, shape: string, order = 'False') =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': (${shape}), }\n`;

describe('arrays that NumPy wrote', () => {
  it.each(['stored.npz', 'deflated.npz'])('%s: every type of number, both byte orders, both orders of axes', (file) => {
    const arrays = readNpz(bytes(file));
    expect([...arrays.keys()].sort()).toEqual(Object.keys(expected).sort());
    for (const [name, { tensor }] of arrays) {
      expect([name, tensor.shape]).toEqual([name, expected[name].shape]);
      expect([name, [...tensor.data]]).toEqual([name, expected[name].data.map(Number)]);
    }
  });

  it.each([1, 2, 3])('.npy of version %i', (version) => {
    const { tensor, type } = readNpy(bytes(`version${version}.npy`));
    expect([type, tensor.shape, [...tensor.data]]).toEqual(['F64', [3, 2, 2], expected.f8.data]);
  });
});

describe('what is no array of numbers is refused', () => {
  it.each([
    ['objects.npy', /Python objects.*pad the samples to one length/],
    ['text.npy', /numbers are wanted.*dtype "<U2".*astype/],
    ['complex.npy', /dtype "<c16"/],
    ['structured.npy', /structured array/],
  ])('%s', (file, message) => {
    expect(refusal(() => readNpy(bytes(file))).message).toMatch(message);
  });

  it.each([
    [
      'more numbers than the file has',
      npy(header("'<f8'", '3,'), new Uint8Array(16)),
      /24 bytes of numbers are wanted, and 16/,
    ],
    ['a shape for no memory', npy(header("'<f8'", '4000000000, 4000000000')), /none of them negative or absurd/],
    ['a shape that multiplies to nothing', npy(header("'<f8'", '9007199254740991, 9007199254740991, 0')), /absurd/],
    ['a negative length', npy(header("'<f8'", '-1, 2')), /no shape/],
    ['100 axes', npy(header("'<f8'", '1,'.repeat(100))), /at most 16/],
    ['no shape', npy("{'descr': '<f8'}\n"), /no shape/],
    ['no type', npy("{'shape': (1,)}\n"), /structured array/],
    ['a header that is cut off', npy(header("'<f8'", '1,')).subarray(0, 30), /ends in the header/],
    ['a later version', npy(header("'<f8'", '1,')).map((byte, at) => (at === 6 ? 4 : byte)), /version 4/],
    ['another magic', new Uint8Array(100), /its beginning/],
  ])('%s', (_, content, message) => {
    expect(refusal(() => readNpy(content)).message).toMatch(message);
  });

  it('an archive without arrays, and an array of it that is damaged, by its name', () => {
    expect(refusal(() => readNpz(zipSync({ 'a.txt': new Uint8Array(3) }))).message).toMatch(/no .npy arrays/);
    expect(refusal(() => readNpz(zipSync({ 'x.npy': new Uint8Array(30) }))).fields.path).toBe('x');
  });

  it('any damage to a file gives an array or a LabError', () => {
    const files = ['version1.npy', 'version3.npy', 'deflated.npz', 'stored.npz'].map(bytes);
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (file, cut, at, change) => {
          const damaged = file.slice(0, cut % 3 === 0 ? cut % file.length : file.length);
          if (damaged.length > 0) damaged[at % Math.min(damaged.length, 600)] ^= change;
          try {
            file[0] === 0x93 ? readNpy(damaged) : readNpz(damaged);
          } catch (error) {
            expect(error).toBeInstanceOf(LabError);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
