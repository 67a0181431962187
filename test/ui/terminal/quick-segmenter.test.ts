import fc from 'fast-check';
import { expect, test } from 'vitest';
import { QuickSegmenter } from '../../../src/ui/terminal/quick-segmenter.ts';

const character = fc.oneof(
  fc.constantFrom(...'aZ9 ~│─█▁▸⊙−σ·←→√Σ中文かカ한ＡéñÅ©™'),
  fc.constantFrom('c\u0303', 'h\u0303\u0303', '\x1b[38;5;246m', '\ue000', '\uf8ff', '\r', '\n', '\r\n', '\t', '\x7f'),
  fc.constantFrom(
    '👍',
    '👩‍🚀',
    '🇨🇭',
    '1️⃣',
    '\u0301',
    '\u200d',
    '\ufe0f',
    '\u00ad',
    'नि',
    '한글',
    '\u1100\u1161',
    '\u0600',
    '\u3099',
  ),
);
const texts = fc.oneof(
  fc.array(character, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

test('text falls into the graphemes that Unicode’s rules say', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const given = [undefined, { granularity: 'grapheme' }] as const;
      const [quick, whole] = [QuickSegmenter(...given).segment(text), new Intl.Segmenter(...given).segment(text)];
      expect([...quick], JSON.stringify(text)).toEqual([...whole]);
      expect(quick.containing(1)).toEqual(whole.containing(1));
    }),
    { numRuns: 3000 },
  );
});

test('every character that is taken to stand alone does so beside every other one', () => {
  const neighbours = ['a', ' ', '中', 'か', '한', '─', '\ue000', '\x1b', '\n', 'a\u0301'];
  const segmenter = QuickSegmenter();
  const whole = new Intl.Segmenter();
  for (let code = 0; code < 0x10000; code++) {
    const char = String.fromCharCode(code);
    for (const beside of neighbours) {
      const text = `${char}${beside}${char}`;
      const parts = (segments: Intl.Segments) => Array.from(segments, ({ segment }) => segment).join('|');
      const found = parts(segmenter.segment(text));
      if (found !== parts(whole.segment(text))) expect(found, code.toString(16)).toBe(parts(whole.segment(text)));
    }
  }
});

test('words and sentences are left to Intl.Segmenter', () => {
  const words = (segments: Intl.Segments) => Array.from(segments, ({ segment }) => segment);
  expect(words(QuickSegmenter('en', { granularity: 'word' }).segment('not good'))).toEqual(['not', ' ', 'good']);
});
