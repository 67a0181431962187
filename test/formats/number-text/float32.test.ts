import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortestFloat32 } from '../../../src/formats/number-text/exact.ts';
import { float32Text, partLength, type RowText } from '../../../src/formats/number-text/float32.ts';

const LINES: RowText = { before: new Uint8Array(), isNumbered: false, after: 10, nameOf: String };

/** Each number's text by WebAssembly. */
function written(values: Float32Array): string[] {
  const lines: string[] = [];
  for (let from = 0; from < values.length; from += partLength(LINES)) {
    const to = Math.min(values.length, from + partLength(LINES));
    lines.push(
      ...Buffer.from(float32Text(values, from, to, LINES))
        .toString()
        .trimEnd()
        .split('\n'),
    );
  }
  return lines;
}

const ofBits = (...bits: number[]) => new Float32Array(Uint32Array.from(bits).buffer);
const significant = (text: string) =>
  text.replace(/e.*/, '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '');

/** Decimals of so many digits next to a number: if any of them reads back to it, one of these does. */
function decimalsNear(value: number, digits: number): number[] {
  const [whole, power] = value.toExponential(digits - 1).split('e');
  const units = Number(whole.replace('.', ''));
  return [-1, 0, 1].map((more) => Number(`${units + more}e${Number(power) - digits + 1}`));
}

// Made by float32_text.py beside it.
const fixture: [bits: number, text: string][] = JSON.parse(
  readFileSync('test/fixtures/numpy/float32-text.json', 'utf8'),
);

describe('the text of a float32', () => {
  const values = ofBits(...fixture.map(([bits]) => bits));
  // The same decimal as JavaScript lays it out: numpy has 16777216.0 and 1e-05.
  const expected = fixture.map(([, text]) => (text === '-0.0' ? '-0' : String(Number(text))));

  it('has the digits that numpy prints, in every hard place', () => {
    expect(expected.length).toBeGreaterThan(1500);
    expect(written(values)).toEqual(expected);
  });

  it('has them by exact arithmetic alone', () => {
    expect(Array.from(values, (value) => shortestFloat32(value))).toEqual(
      expected.map((text) => (text === '-0' ? -0 : Number(text))),
    );
  });

  it('reads back to the same float32, and no decimal of fewer digits does', () => {
    const anyBits = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(fc.array(anyBits, { minLength: 1, maxLength: 200 }), (bits) => {
        const numbers = ofBits(...bits).filter((value) => Number.isFinite(value) && value !== 0);
        written(numbers).forEach((text, at) => {
          const value = numbers[at];
          expect(Math.fround(Number(text))).toBe(value);
          // As JavaScript writes numbers.
          expect(String(Number(text))).toBe(text);
          const { length } = significant(text);
          for (let fewer = 1; fewer < length; fewer++) {
            expect(decimalsNear(value, fewer).map(Math.fround)).not.toContain(value);
          }
        });
      }),
      { numRuns: 200 },
    );
  });

  it('is the nearest of the decimals that are as short', () => {
    // 2097152.25 is as near to 2097152.2 as to 2097152.3; 2 ** -96 has neighbours of different distances.
    expect(written(Float32Array.of(2097152.25, 2097152.75, 2 ** -96, 33554436))).toEqual([
      '2097152.2',
      '2097152.8',
      '1.2621775e-29',
      '33554436',
    ]);
  });

  it('names what no decimal can write', () => {
    expect(written(Float32Array.of(Number.NaN, 1 / 0, -1 / 0, -0, 0))).toEqual([
      'NaN',
      'Infinity',
      '-Infinity',
      '-0',
      '0',
    ]);
  });
});
