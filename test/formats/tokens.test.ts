import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textToInput, tokenize } from '../../src/formats/tokens.ts';

const words = {
  the: 1,
  movie: 2,
  was: 3,
  not: 4,
  good: 5,
  这部: 6,
  电影: 7,
  不: 8,
  好看: 9,
  不好: 10,
  lstm: 11,
  l: 12,
};

describe('a text as words', () => {
  it.each([
    ['The movie was NOT good', ['the', 'movie', 'was', 'not', 'good']],
    // tensorflow.keras.preprocessing.text.text_to_word_sequence gives the same lists.
    ['Not good!Really, not-good (at all).', ['not', 'good', 'really', 'not', 'good', 'at', 'all']],
    ['don\'t  "stop"\tnow\n', ["don't", 'stop', 'now']],
    ['a_b c@d.e/f [g] {h|i} ~j^k=l*m+n;o:p<q>r?', [...'abcdefghijklmnopqr']],
    ['\r', ['\r']],
    ['', []],
  ])('%j', (text, expected) => {
    expect(tokenize(text, words)).toEqual(expected);
  });

  it.each([
    ['这部 电影 不 好看', ['这部', '电影', '不', '好看']],
    ['这部电影不好看', ['这部', '电影', '不好', '看']],
    ['这部电影，好看！', ['这部', '电影', '好看']],
    ['我爱这部电影', ['我爱', '这部', '电影']],
    ['LSTM这部电影', ['lstm', '这部', '电影']],
    ['lab这部', ['lab', '这部']],
    ['我爱你', ['我爱你']],
  ])('Chinese is cut by the longest words of the vocabulary: %s', (text, expected) => {
    expect(tokenize(text, words)).toEqual(expected);
  });

  it('a word that is a property of every object is still unknown', () => {
    expect(textToInput('constructor __proto__', { words, length: null, padding: 'pre', truncating: 'pre' })).toEqual({
      indices: [],
      unknown: ['constructor', 'proto'],
      cut: [],
    });
  });
});

describe('a text as indices', () => {
  const options = { words, length: 4, padding: 'pre', truncating: 'pre' } as const;

  it.each([
    // keras.utils.pad_sequences([[…]], maxlen=4, padding=…, truncating=…) gives these rows.
    ['the movie', 'pre', 'pre', [0, 0, 1, 2], []],
    ['the movie', 'post', 'pre', [1, 2, 0, 0], []],
    ['the movie was not good', 'pre', 'pre', [2, 3, 4, 5], ['the']],
    ['the movie was not good', 'pre', 'post', [1, 2, 3, 4], ['good']],
    ['', 'pre', 'pre', [0, 0, 0, 0], []],
  ] as const)('%j padded %s, truncated %s', (text, padding, truncating, indices, cut) => {
    expect(textToInput(text, { ...options, padding, truncating })).toEqual({ indices, unknown: [], cut });
  });

  it('drops unknown words as the Tokenizer does, and names each once', () => {
    expect(textToInput('the plot was the PLOT', options)).toEqual({
      indices: [0, 1, 3, 1],
      unknown: ['plot'],
      cut: [],
    });
  });

  it('gives unknown words their index where there is one', () => {
    expect(textToInput('the plot was dull', { ...options, unknown: 20 })).toEqual({
      indices: [1, 20, 3, 20],
      unknown: ['plot', 'dull'],
      cut: [],
    });
  });

  it('is as long as the text where the model takes any length', () => {
    expect(textToInput('not good', { ...options, length: null }).indices).toEqual([4, 5]);
  });

  it('has the length that is asked for, whatever is typed', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.nat(8),
        fc.constantFrom('pre', 'post'),
        fc.constantFrom('pre', 'post'),
        (text, length, padding, truncating) => {
          const { indices } = textToInput(text, { words, length, padding, truncating });
          expect(indices).toHaveLength(length);
          expect(indices.every(Number.isInteger)).toBe(true);
        },
      ),
    );
  });
});
