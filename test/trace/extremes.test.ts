import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LazyRows, tensor } from '../../src/math/tensor.ts';
import { extremes, placeOfExtreme } from '../../src/trace/extremes.ts';

/** By hand: every number is looked at. */
function looked(data: ArrayLike<number>, width: number, from: number, to: number) {
  const columns = Array.from({ length: width }, (_, column) =>
    Array.from({ length: to - from }, (_, n) => data[(from + n) * width + column] + 0).filter((x) => !Number.isNaN(x)),
  );
  return {
    minimum: columns.map((column) => (column.length === 0 ? Number.NaN : Math.min(...column))),
    maximum: columns.map((column) => (column.length === 0 ? Number.NaN : Math.max(...column))),
  };
}

/** Without the sign of zero, which is no difference. */
const unsigned = (values: ArrayLike<number>) => Array.from(values, (x) => x + 0);

const special = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
const number = fc.oneof({ weight: 9, arbitrary: fc.double({ min: -3, max: 3 }) }, { weight: 1, arbitrary: special });

describe('the extremes of rows', () => {
  it('are those of every number looked at, for any part of any array, asked for in any order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(number, { minLength: 5, maxLength: 1500 }),
        fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        (width, numbers, parts, isSingle) => {
          const count = Math.floor(numbers.length / width);
          const exact = numbers.slice(0, count * width);
          const data = isSingle ? Float32Array.from(exact) : Float64Array.from(exact);
          const t = tensor([count, width], data);
          const lazy: LazyRows = { shape: t.shape, read: (from, to) => data.subarray(from * width, to * width) };
          for (const [a, b] of parts) {
            const from = a % count;
            const to = from + 1 + (b % (count - from));
            for (const rows of [t, lazy]) {
              const { minimum, maximum } = extremes(rows, from, to);
              expect({ minimum: unsigned(minimum), maximum: unsigned(maximum) }).toEqual(looked(data, width, from, to));
            }
          }
        },
      ),
    );
  });

  it('are what the rows know about themselves, without reading any', () => {
    const read = () => {
      throw new Error('read');
    };
    const known = { minimum: new Float32Array([1]), maximum: new Float32Array([2]) };
    expect(extremes({ shape: [100_000, 1], read, extremes: () => known }, 3, 90_000)).toBe(known);
  });

  it('read few rows the second time, wherever they are asked for', () => {
    let count = 0;
    const read = (from: number, to: number) => {
      count += to - from;
      return new Float32Array(to - from);
    };
    const lazy = { shape: [100_000, 1], read };
    extremes(lazy, 0, 100_000);
    count = 0;
    extremes(lazy, 12_345, 98_765);
    expect(count).toBeLessThan(128);
  });
});

describe('the place of an extreme', () => {
  it('is the first that has it, wherever that is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 4, maxLength: 900 }),
        (width, numbers) => {
          const count = Math.floor(numbers.length / width);
          const data = Float64Array.from(numbers.slice(0, count * width));
          const t = tensor([count, width], data);
          for (const end of ['maximum', 'minimum'] as const) {
            const place = placeOfExtreme(t, end)!;
            const wanted = end === 'maximum' ? Math.max(...data) : Math.min(...data);
            expect(data[place.row * width + place.column]).toBe(wanted);
            for (let row = 0; row < place.row; row++) expect(data[row * width + place.column]).not.toBe(wanted);
          }
        },
      ),
    );
  });

  it('is nowhere among what is no number', () => {
    expect(placeOfExtreme(tensor([3, 1], [Number.NaN, Number.NaN, Number.NaN]), 'maximum')).toBeNull();
  });
});
