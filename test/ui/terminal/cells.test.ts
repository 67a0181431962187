import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { decodeFrame, gridToAnsi, gridToText } from '../../../src/ui/terminal/cells.ts';
import { printable } from '../../../src/ui/terminal/printable.ts';
import { has } from '../../../src/ui/terminal/style.ts';
import { rgb } from '../../../src/ui/theme/colour.ts';
import { decodeHeat, heatCell, type Palette } from '../../../src/ui/theme/heat.ts';

const palette: Palette = { depth: 'truecolor', background: 'dark', ascii: false };
const plain: Palette = { ...palette, depth: 'none' };
const decode = (frame: string, columns = 12, rows = 3, with_ = palette) =>
  decodeFrame(frame, { columns, rows, palette: with_ });
const row = (frame: string, columns = 12) => decode(frame, columns, 1).chars;
const styleAt = (frame: string, x = 0) => decode(frame).styles[x]!;

describe('a frame', () => {
  it('becomes as many cells as the screen has, and what does not fit is cut off', () => {
    const grid = decode('abcdef\n12\nxyz\nnever', 4, 3);
    expect(grid.chars).toEqual([...'abcd', ...'12  ', ...'xyz ']);
    expect(gridToText(grid)).toBe('abcd\n12\nxyz');
  });

  it('gives a wide character two cells, and none where half of it would stick out', () => {
    expect(row('a日b', 5)).toEqual(['a', '日', '', 'b', ' ']);
    expect(row('abc日', 4)).toEqual(['a', 'b', 'c', ' ']);
  });

  it('keeps c̃ in one cell', () => {
    expect(row('c̃ = f', 6)).toEqual(['c̃', ' ', '=', ' ', 'f', ' ']);
    expect(row('日\u0303b', 4)).toEqual(['日\u0303', '', 'b', ' ']);
    expect(row('\u0303b', 2)).toEqual(['b', ' ']);
    expect(row(`a${'\u0303'.repeat(200)}b`, 2).join('').length).toBeLessThan(20);
  });

  it.each(['\u{1d15e}', '👨‍👩‍👧', '❤️', '👍🏽', '🇫🇷', '1️⃣', 'नि', '각', '⚠', 'ｶﾞ', 'é', '\u00a0'])(
    'gives “%s” the columns that Ink laid out for it',
    (text) => {
      const chars = row(`${text}|`, 12);
      expect(chars.indexOf('|')).toBe(stringWidth(text));
      for (const char of chars) expect(char).not.toMatch(/[\u200d\ufe0f\u20e3]|\p{RI}|\p{Emoji_Modifier}/u);
    },
  );

  it('loses control characters, titles and links, but not their text', () => {
    expect(row('a\x07b\x00\x9bc\x7f\td', 6).join('')).toBe('abcd  ');
    expect(row('\x1b]8;;https://x.org\x07link\x1b]8;;\x07 \x1b]0;title\x1b\\t', 8).join('')).toBe('link t  ');
    expect(row('\x1b[2J\x1b[5;5H\x1b[?25la\x1b(Bb\x1bMc', 4).join('')).toBe('abc ');
  });

  it('with an unfinished sequence at its end is read up to there', () => {
    for (const end of ['\x1b', '\x1b[', '\x1b[38;2;1', '\x1b]8;;x'])
      expect(row(`ab${end}`, 12).join('')).toContain('ab');
  });

  it('never fails, and always fills the screen', () => {
    const bits = fc.constantFrom(
      '\x1b',
      '[',
      ']',
      'm',
      '\n',
      '日',
      '\u0303',
      '\ue005',
      '\x07',
      '38;5;',
      '0',
      ';',
      '‍',
      '👩',
      '�',
      '\ud800',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(bits, fc.string({ unit: 'binary' }))), (parts) => {
        const { chars, styles } = decode(parts.join(''), 7, 4);
        expect([chars.length, styles.length]).toEqual([28, 28]);
        for (const char of chars) expect(char).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
      }),
    );
  });
});

describe('a style', () => {
  it.each([
    ['\x1b[31mx', { fg: 1 }],
    ['\x1b[97mx', { fg: 15 }],
    ['\x1b[44mx', { bg: 4 }],
    ['\x1b[103mx', { bg: 11 }],
    ['\x1b[38;5;200mx', { fg: 200 }],
    ['\x1b[48;2;1;2;3mx', { bg: rgb([1, 2, 3]) }],
    ['\x1b[38:2::1:2:3mx', { fg: rgb([1, 2, 3]) }],
    ['\x1b[38:5:9mx', { fg: 9 }],
    ['\x1b[1;38;5;3;48;5;4mx', { fg: 3, bg: 4, attributes: 1 }],
    ['\x1b[31m\x1b[39mx', { fg: undefined }],
    ['\x1b[1;2;3;4;7;9mx', { attributes: 63 }],
    ['\x1b[1;2m\x1b[22mx', { attributes: 0 }],
    ['\x1b[4m\x1b[24mx', { attributes: 0 }],
    ['\x1b[31;1;44m\x1b[mx', { fg: undefined, bg: undefined, attributes: 0 }],
    ['\x1b[31;1;44m\x1b[0mx', { fg: undefined, bg: undefined, attributes: 0 }],
    ['\x1b[5;8;10;58;21mx', { fg: undefined, bg: undefined }],
  ])('is read from %j', (frame, style) => {
    expect(styleAt(frame)).toMatchObject(style);
  });

  it('is the same object when it is equal, and lasts across lines', () => {
    const grid = decode('\x1b[1;31mab\ncd\x1b[m', 2, 2);
    expect(new Set(grid.styles).size).toBe(1);
    expect(has(grid.styles[3]!, 'bold')).toBe(true);
  });
});

describe('a heatmap cell in a frame', () => {
  const cell = heatCell('diverging', -0.8);

  it('is drawn by the palette', () => {
    const look = decodeHeat(cell.codePointAt(0)!, palette);
    const grid = decode(cell, 1, 1);
    expect([grid.chars[0], grid.styles[0]!.fg, grid.styles[0]!.bg]).toEqual([look.char, look.fg, look.bg]);
    expect(gridToText(decode(cell, 1, 1, plain))).toBe('▓');
    expect(gridToText(decode(cell, 1, 1, { ...plain, ascii: true }))).toBe('&');
  });

  it('under a dim style fades, and under inverse video stays a cell', () => {
    expect(styleAt(`\x1b[2m${cell}`).bg).not.toBe(styleAt(cell).bg);
    expect(has(styleAt(`\x1b[7m${cell}`), 'inverse')).toBe(true);
  });
});

describe('ASCII', () => {
  it('replaces every drawing character of a frame and keeps words', () => {
    const grid = decode('─ c̃ ⊙ h₋₁ 日 ▸', 20, 1, { ...plain, ascii: true });
    expect(gridToText(grid)).toBe('- g * h-1 日 >');
  });
});

describe('a grid as text', () => {
  it('ends without blanks, unless they are painted', () => {
    const grid = decode('a  \n\x1b[44m  \x1b[49m \n   ', 6, 3);
    expect(gridToText(grid)).toBe('a');
    expect(gridToAnsi(grid)).toBe('a\n\x1b[44m  \x1b[m');
  });

  it('with colours decodes to the same grid again', () => {
    const code = fc.constantFrom(
      '31',
      '97',
      '48;5;9',
      '48;2;1;2;3',
      '1',
      '2',
      '22',
      '7',
      '27',
      '39',
      '49',
      '0',
      '3',
      '4',
      '24',
      '9',
    );
    const part = fc
      .tuple(code, fc.constantFrom('a', ' ', '日', 'c̃', '│', '\n', cellOf(0.2)))
      .map(([c, text]) => `\x1b[${c}m${text}`);
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const grid = decode(parts.join(''), 9, 4);
        const again = decode(gridToAnsi(grid), 9, 4);
        expect(gridToAnsi(again)).toBe(gridToAnsi(grid));
        expect(again.chars).toEqual(grid.chars);
      }),
    );
  });
});

const cellOf = (value: number) => heatCell('sequential', value);

describe('text from a file', () => {
  it('cannot send sequences to the terminal or pose as a heatmap', () => {
    expect(printable('a\x1b[31mb\tc\n')).toBe('a␛[31mb␉c␊');
    expect(printable(heatCell('sequential', 1))).toBe('�');
    expect(printable('\x9b31m\x7f')).toBe('�31m␡');
  });

  it('loses what has no width, and keeps what readers see', () => {
    expect(printable('a\u200bb\ufeffc\u202ed')).toBe('abcd');
    expect(printable('日本 é c̃ 👨‍👩‍👧 ❤️')).toBe('日本 é c̃ 👨‍👩‍👧 ❤️');
  });

  it('fills exactly its width on screen', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 8 }), (text) => {
        const shown = printable(text);
        expect(row(`${shown}|`, 40).lastIndexOf('|')).toBe(stringWidth(shown));
      }),
    );
  });
});
