import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { luminance, type Rgb } from '../../../src/ui/theme/colour.ts';
import { glyphs, themeFor, toAscii } from '../../../src/ui/theme/theme.ts';

const hex = (text: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16)) as unknown as Rgb;

function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

describe('the colour depth', () => {
  it.each([
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, 8, 'truecolor'],
    [{ TERM: 'xterm-256color' }, 8, '256'],
    [{ TERM: 'xterm-256color' }, undefined, '256'],
    [{ TERM: 'xterm' }, 4, '16'],
    [{ TERM: 'weird' }, 1, 'none'],
    [{ TERM: 'xterm-direct' }, 8, 'truecolor'],
    [{ TERM: 'dumb', COLORTERM: 'truecolor' }, 24, 'none'],
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor', NO_COLOR: '1' }, 24, 'none'],
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor', NO_COLOR: '' }, 24, 'truecolor'],
  ] as const)('of %j with %s bits is %s', (env, colorDepth, depth) => {
    expect(themeFor({ env, colorDepth }).depth).toBe(depth);
  });

  it('is none with --no-color or the no-colour theme, and chalk is told', () => {
    const env = { TERM: 'xterm-256color', COLORTERM: 'truecolor' };
    expect(themeFor({ env, color: false })).toMatchObject({ name: 'no-colour', depth: 'none', chalkLevel: 0 });
    expect(themeFor({ env, name: 'no-colour' })).toMatchObject({ name: 'no-colour', depth: 'none', chalkLevel: 0 });
    expect(themeFor({ env })).toMatchObject({ name: 'dark', chalkLevel: 3 });
  });
});

describe('a theme', () => {
  it('follows the background that the terminal reports, unless it is named', () => {
    const env = { TERM: 'xterm-256color', COLORFGBG: '0;15' };
    expect(themeFor({ env }).name).toBe('light');
    expect(themeFor({ env, name: 'dark' }).background).toBe('dark');
  });

  it('in ASCII keeps its colours and changes its characters', () => {
    expect(themeFor({ env: { COLORTERM: 'truecolor' }, name: 'ascii' })).toMatchObject({
      name: 'ascii',
      ascii: true,
      depth: 'truecolor',
    });
    expect(themeFor({ env: { NO_COLOR: '1' }, name: 'ascii' })).toMatchObject({ ascii: true, depth: 'none' });
  });

  it.each([
    ['dark', [0, 0, 0]],
    ['dark', [28, 28, 28]],
    ['light', [255, 255, 255]],
  ] as const)('named %s can be read on %j', (name, background) => {
    const { tones } = themeFor({ env: { COLORTERM: 'truecolor' }, name });
    for (const [tone, style] of Object.entries(tones)) {
      if (!style.color) continue;
      expect(contrast(hex(style.color), background), tone).toBeGreaterThan(4);
    }
  });

  it('without colour keeps the cursor apart by inverse video', () => {
    expect(themeFor({ env: { NO_COLOR: '1' } }).tones.cursor).toEqual({ bold: true, inverse: true });
    for (const style of Object.values(themeFor({ env: { NO_COLOR: '1' } }).tones)) {
      expect(style).not.toHaveProperty('color');
    }
  });
});

describe('ASCII', () => {
  const drawn = [
    'c = f ⊙ c₋₁ + i ⊙ c̃ = 0.731 × −0.031 + 0.512 × 0.044 = −0.000',
    ' ───┬─ ┌ ├ ┤ ┘ └ ┐ │ ┴ ┼ ╭╮╰╯ ═ ║ ━',
    '██████░ ███▉ ◀██│ │▏ ▂▅▁▇▃ ▎▍▌▋▊ ▓▒',
    '▸ · ░ … ‖h‖ → ← ↑ ↓ ± σ ≈ ▶ ◀ ● ✓ ✗ • › ∂L/∂h Σ ∞ ² ᵀ ⚠ ₀₁₂₃₄₅₆₇₈₉',
    '⣿⡇⠁⠀ ▀▄▐▌',
  ];

  it.each(drawn)('has a stand-in of the same width for everything in “%s”', (text) => {
    expect(toAscii(text)).toMatch(/^[ -~]*$/);
    expect(stringWidth(toAscii(text))).toBe(stringWidth(text));
  });

  it('keeps the meaning of an equation', () => {
    expect(toAscii('c = f ⊙ c₋₁ + i ⊙ c̃')).toBe('c = f * c-1 + i * g');
    expect(toAscii('−0.52 × 0.04 → ±1')).toBe('-0.52 * 0.04 > ~1');
  });

  it('leaves words as they are', () => {
    expect(toAscii('日本 café καλό фильм')).toBe('日本 café καλό фильм');
  });

  it('gives every glyph a stand-in of the same width', () => {
    const [drawing, ascii] = [glyphs({ ascii: false }), glyphs({ ascii: true })];
    for (const [name, glyph] of Object.entries(drawing)) {
      const standIn = ascii[name as keyof typeof ascii];
      expect(standIn, name).toMatch(/^[ -~]+$/);
      expect(stringWidth(standIn), name).toBe(stringWidth(glyph));
    }
  });

  it('tells the cursor, the future and padding apart', () => {
    const { cursor, future, masked } = glyphs({ ascii: true });
    expect(new Set([cursor, future, masked, ' ']).size).toBe(4);
  });
});
