import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textToInput } from '../../src/formats/tokens.ts';
import { readVocabulary, type Vocabulary, vocabularyFromLayer } from '../../src/formats/vocabulary.ts';
import { LabError } from '../../src/math/lab-error.ts';

const folder = join(import.meta.dirname, '../fixtures/vocabulary');

interface LayerCase {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly assets: Readonly<Record<string, string>>;
  readonly sequences: readonly (readonly number[])[];
}
/** What Keras's own Tokenizer and layers make of the texts (make.py there). */
const keras: {
  texts: string[];
  tokenizers: Record<string, number[][]>;
  layers: Record<string, LayerCase>;
} = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));

let place = '';
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'lstm-lab-vocabulary-'));
});
afterAll(() => rmSync(place, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(place, name), content);
  return join(place, name);
}
const json = (value: unknown) => file('v.json', JSON.stringify(value));
const indices = (text: string, vocabulary: Vocabulary) =>
  textToInput(text, { length: null, truncating: 'pre', ...vocabulary }).indices;

function refusal(work: () => unknown): LabError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(LabError);
    return error as LabError;
  }
  throw new Error('it was accepted');
}

describe('what tokenizer.to_json() gives', () => {
  it.each(Object.keys(keras.tokenizers))('makes the indices that Keras makes: %s', (name) => {
    const vocabulary = readVocabulary(join(folder, `tokenizer-${name}.json`));
    expect(keras.texts.map((text) => indices(text, vocabulary))).toEqual(keras.tokenizers[name]);
  });

  it('holds words that JavaScript has meanings for', () => {
    const { words } = readVocabulary(join(folder, 'tokenizer-cased.json'));
    const found = new Map(Object.entries(words));
    expect([found.get('constructor'), found.get('__proto__')]).toEqual([14, 15]);
    expect(Object.hasOwn(words, 'toString')).toBe(true);
    expect(Object.hasOwn(words, 'valueOf')).toBe(false);
  });
});

describe('layers that carry a vocabulary', () => {
  it.each(Object.keys(keras.layers))('make the indices that Keras makes: %s', (name) => {
    const { class_name: className, config, assets, sequences } = keras.layers[name];
    const vocabulary = vocabularyFromLayer({ className, config }, Object.values(assets)[0] ?? null) as Vocabulary;
    const isLookup = className === 'StringLookup';
    for (const [at, text] of keras.texts.entries()) {
      // A StringLookup sees words that somebody else made.
      const made = isLookup
        ? text.split(/\s+/).flatMap((word) => indices(word, vocabulary))
        : indices(text, vocabulary);
      expect([text, made]).toEqual([text, sequences[at]]);
    }
  });

  it('and those that do not say theirs, or are other layers', () => {
    const layer = (className: string, config: object) =>
      vocabularyFromLayer({ className, config: { ...config } }, null);
    expect(layer('TextVectorization', { vocabulary: null })).toBeNull();
    expect(layer('TextVectorization', { vocabulary: ['a'], output_mode: 'tf_idf' })).toBeNull();
    expect(layer('StringLookup', { vocabulary: ['a'], invert: true })).toBeNull();
    expect(layer('Hashing', { vocabulary: ['a'] })).toBeNull();
  });
});

describe('maps and lists', () => {
  it.each([
    ['a map of words', { the: 4, cat: 5 }, 'The cat?', [4, 5]],
    ['a map under a name', { word_index: { the: 4, cat: 5 } }, 'cat, the', [5, 4]],
    ['a map of indices', { 0: 'the', 1: 'cat' }, 'the cat', [0, 1]],
    ['a list', ['the', 'cat'], 'the cat', [0, 1]],
    ['a list of TextVectorization', ['', '[UNK]', 'the', 'cat'], 'the dog cat', [2, 1, 3]],
    ['a map with a token for unknown words', { '<OOV>': 1, the: 2 }, 'the end', [2, 1]],
    ['words with punctuation in them', { 'e-mail': 1, the: 2 }, 'the e-mail.', [2, 1]],
    ['words with capitals', { The: 1, the: 2 }, 'The the', [1, 2]],
    ['Chinese words', { 我: 1, 喜欢: 2, 电影: 3 }, '我喜欢电影', [1, 2, 3]],
  ])('%s', (_, value, text, expected) => {
    expect(indices(text as string, readVocabulary(json(value)))).toEqual(expected);
  });

  it('a map of characters takes every character, also the space and the line’s end', () => {
    const characters = readVocabulary(json({ '\n': 10, ' ': 0, a: 4, T: 29, h: 5, e: 1, '.': 25, '  ': 13 }));
    expect(characters.charLevel).toBe(true);
    expect(indices('The\n a.t', characters)).toEqual([29, 5, 1, 10, 0, 4, 25]);
  });

  it.each([
    ['the first word is 1, as 0 is padding', 'the\ncat\n', undefined, { the: 1, cat: 2 }],
    ['Windows’ line ends', 'the\r\ncat\r\n', undefined, { the: 1, cat: 2 }],
    ['an offset', 'the\ncat', 4, { the: 4, cat: 5 }],
    ['what Keras’s lookup layers save', '\n[UNK]\nthe\ncat', undefined, { '': 0, '[UNK]': 1, the: 2, cat: 3 }],
    ['what BERT has', '[PAD]\nthe', undefined, { '[PAD]': 0, the: 1 }],
    ['counts are left out', 'the 1061396\nof 593677\nand 416629', undefined, { the: 1, of: 2, and: 3 }],
    ['numbers that count up are indices', 'the\t2\ncat\t3\nsat\t4', undefined, { the: 2, cat: 3, sat: 4 }],
    ['an empty line keeps its index', 'the\n\ncat', undefined, { the: 1, cat: 3 }],
    ['a word that comes twice keeps its first index', 'the\ncat\nthe\nsat', undefined, { the: 1, cat: 2, sat: 4 }],
  ])('a list with one word a line: %s', (_, text, offset, expected) => {
    const { words } = readVocabulary(file('v.txt', text as string), { offset: offset as number | undefined });
    expect({ ...words }).toEqual(expected);
  });
});

describe('what is no vocabulary is refused', () => {
  it.each([
    ['a pickle', Uint8Array.from([0x80, 4, 0x95]), /Python pickle.*tokenizer.to_json\(\)/],
    [
      'an index that is no number',
      '{"the": "one", "cat": 2}',
      /"the": the index of a word is a whole number.*Received: "one"/,
    ],
    ['a negative index', '{"the": -1}', /whole number, 0 or more. Received: -1/],
    ['a broken index', '{"the": 1.5}', /whole number/],
    ['a list of numbers', '[1, 2]', /\[0\]: a word is wanted/],
    ['nothing in it', '{}', /no words here/],
    ['broken JSON', '{"the": 1,}', /line 1, column 11: this is not JSON/],
    ['broken JSON in a Tokenizer', '{"class_name": "Tokenizer", "config": {"word_index": "{"}}', /not JSON/],
    ['a Tokenizer without words', '{"class_name": "Tokenizer", "config": {"word_index": null}}', /config.word_index/],
    ['a git-LFS pointer', 'version https://git-lfs.github.com/spec/v1\nsize 12\n', /git lfs pull/],
    ['bytes', Uint8Array.from([0x61, 0, 1, 2]), /not text/],
    ['JSON that is no map', 'true', undefined],
  ])('%s', (_, content, message) => {
    const path = file('wrong.json', content as string);
    const error = refusal(() => readVocabulary(path));
    if (message) expect(error.message).toMatch(message as RegExp);
    expect(error.fields.file).toBe(path);
  });

  it('any text and any JSON is a vocabulary or a LabError', () => {
    const content = fc.oneof(
      fc.string(),
      fc.json(),
      fc.uint8Array({ maxLength: 100 }),
      fc
        .dictionary(fc.constantFrom('word_index', 'config', '__proto__', 'a', 'class_name'), fc.jsonValue())
        .map((v) => JSON.stringify(v)),
    );
    fc.assert(
      fc.property(content, fc.string(), (bytes, text) => {
        try {
          indices(text, readVocabulary(file('random', bytes)));
        } catch (error) {
          expect(error).toBeInstanceOf(LabError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
