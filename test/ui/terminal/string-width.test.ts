import { buildSync } from 'esbuild';
import fc from 'fast-check';
import realWidth from 'string-width';
import { expect, test } from 'vitest';
import { quickWidth } from '../../../src/ui/terminal/quick-width.ts';

/** The module that stands for the package in the bundle, as the bundler makes it. */
async function bundled(): Promise<typeof realWidth> {
  const entryPoints = ['src/ui/terminal/string-width.ts'];
  const [file] = buildSync({ entryPoints, bundle: true, format: 'esm', write: false }).outputFiles;
  return (await import(`data:text/javascript;base64,${Buffer.from(file.contents).toString('base64')}`)).default;
}

const character = fc.oneof(
  fc.constantFrom(...'aZ9 ~│─█▁▸⊙−σ·←→√Σ中文かカ한ＡéñÅ'),
  fc.constantFrom('c\u0303', 'h\u0303', '\x1b[38;5;246m', '\x1b[39m', '\x1b[1m', '\ue000', '\uf8ff'),
  fc.constantFrom('👍', '👩‍🚀', '🇨🇭', '1️⃣', '\u0301', '\u200b', '\t', '\x1b', '\u00ad', 'नि', '\x1b]8;;x\x07'),
  fc.string({ unit: 'binary', maxLength: 3 }),
);

test('in the bundle any text is as wide as string-width says, and quickly where no terminal doubts it', async () => {
  const width = await bundled();
  const counts = { quick: 0, slow: 0 };
  fc.assert(
    fc.property(fc.array(character, { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      expect(width(text), JSON.stringify(text)).toBe(realWidth(text));
      counts[quickWidth(text) === undefined ? 'slow' : 'quick'] += 1;
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(counts.quick, counts.slow)).toBeGreaterThan(100);
  expect(quickWidth('c̃ ▸ 0.5 中文 \x1b[1m│\x1b[22m\ue000')).toBe(15);
});
