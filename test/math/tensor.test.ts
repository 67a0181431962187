import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columns, fromNested, shapeText, tensor, toNested } from '../../src/math/tensor.ts';

describe('nested lists', () => {
  it('become tensors and nested lists again', () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(shapes, (shape) => {
        const size = shape.reduce((product, length) => product * length, 1);
        const t = tensor(
          shape,
          Float64Array.from({ length: size }, (_, at) => at / 7),
        );
        expect(fromNested(JSON.parse(JSON.stringify(toNested(t))))).toEqual(t);
      }),
    );
  });

  it('may hold "NaN" and "Infinity" as strings, since JSON has no others', () => {
    expect(Array.from(fromNested(['NaN', 'Infinity', '-Infinity', 1]).data)).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      1,
    ]);
  });

  it('that are ragged are refused with the place', () => {
    expect(() => fromNested([[1, 2], [3]], 'kernel')).toThrow(
      'kernel[1]: a list of 2 is wanted here, as its neighbours are. Received: a list of 1.',
    );
    expect(() => fromNested([[1, 2], 3], 'kernel')).toThrow('kernel[1]');
    expect(() => fromNested([[1, 'two']], 'kernel')).toThrow('kernel[0][1]: a number is wanted here. Received: "two".');
  });

  it('nested a hundred thousand deep are refused, not followed', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(() => fromNested(deep)).toThrow('nested more than 8 deep');
    expect(() => fromNested([1, deep], 'x')).toThrow('x[1]: a number is wanted here. Received: a deeply nested list.');
  });
});

describe('shapes and columns', () => {
  it('are written as Keras writes shapes', () => {
    expect([[], [3], [2, 3], [null, 3]].map(shapeText)).toEqual(['()', '(3,)', '(2, 3)', '(None, 3)']);
  });

  it('columns cuts a block out of every row', () => {
    const t = tensor([2, 4], [1, 2, 3, 4, 5, 6, 7, 8]);
    expect(toNested(columns(t, 1, 3))).toEqual([
      [2, 3],
      [6, 7],
    ]);
  });
});
