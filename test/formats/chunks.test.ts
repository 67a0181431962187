import { describe, expect, it } from 'vitest';
import { chunked, type Piece } from '../../src/formats/chunks.ts';

const joined = (...pieces: Piece[]) => Buffer.concat([...chunked(pieces)]).toString();

/** Numbers that are their own shortest decimals. */
const quarters = (count: number) => Float32Array.from({ length: count }, (_, at) => at / 4 - 1000);

describe('pieces of text as chunks', () => {
  it('lists float32 in its own digits and float64 in all of them', () => {
    expect(joined('[', Float32Array.of(0.1, -0, 1 / 3), '] [', Float64Array.of(Math.fround(0.1), -0, 1 / 3), ']')).toBe(
      '[0.1,-0,0.33333334] [0.10000000149011612,-0,0.3333333333333333]',
    );
  });

  it.each([Float32Array, Float64Array])('quotes in lists what is no number, and not in lines: %o', (Numbers) => {
    const numbers = Numbers.of(Number.NaN, -1 / 0, 1 / 0);
    expect(joined(numbers)).toBe('"NaN","-Infinity","Infinity"');
    expect(joined({ start: 'a,', numbers })).toBe('a,0,NaN\na,1,-Infinity\na,2,Infinity\n');
  });

  it('numbers the lines of a row through, however wide it is and whatever it begins with', () => {
    const numbers = quarters(9000);
    for (const name of ['', 'h,', 'ü'.repeat(510), 'é'.repeat(513), '字'.repeat(5000)]) {
      const lines = Array.from(
        numbers.subarray(0, 40_000 / (name.length + 1)),
        (value, at) => `${name}${at},${value}\n`,
      );
      const { length } = lines;
      expect(joined({ start: name, numbers: numbers.subarray(0, length) }) === lines.join(''), name).toBe(true);
    }
  });

  it('lists a row of any width', () => {
    for (const width of [0, 1, 2, 1364, 1365, 1366, 30_000]) {
      expect(joined('[', quarters(width), ']')).toBe(`[${Array.from(quarters(width)).join()}]`);
    }
  });

  it('keeps letters whole where chunks end, and text that is longer than a chunk', () => {
    const pieces = ['字'.repeat(7), 'é'.repeat(50_001), '', '😀'.repeat(20_000), 'a'.repeat(70_000), 'end'];
    expect(joined(...pieces)).toBe(pieces.join(''));
    const many = new Array<string>(30_000).fill('字é😀');
    const chunks = [...chunked(many)];
    expect(chunks.map(String).join('')).toBe(many.join(''));
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(65_536);
    expect(chunks.length).toBeLessThan(7);
  });
});
