import fc from 'fast-check';
import realWidth from 'string-width';
import { expect, test } from 'vitest';
import quickWidth from '../../../src/ui/terminal/string-width.ts';

const character = fc.oneof(
  fc.constantFrom(...'aZ9 ~│─█▁▸⊙−σ·←→√Σ中文かカ한ＡéñÅ'),
  fc.constantFrom('c\u0303', 'h\u0303', '\x1b[38;5;246m', '\x1b[39m', '\x1b[1m', '\ue000', '\uf8ff'),
  fc.constantFrom('👍', '👩‍🚀', '🇨🇭', '1️⃣', '\u0301', '\u200b', '\t', '\x1b', '\u00ad', 'नि', '\x1b]8;;x\x07'),
  fc.string({ unit: 'binary', maxLength: 3 }),
);

test('the quick width of any text is the width that string-width gives', () => {
  fc.assert(
    fc.property(fc.array(character, { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      expect(quickWidth(text), JSON.stringify(text)).toBe(realWidth(text));
    }),
    { numRuns: 3000 },
  );
});
