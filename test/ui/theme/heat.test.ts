import { interpolateCividis, interpolateRdBu } from 'd3-scale-chromatic';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { type ColourDepth, luminance, toRgb } from '../../../src/ui/theme/colour.ts';
import {
  decodeHeat,
  type HeatScale,
  heatCell,
  heatLegend,
  heatNotComputed,
  isHeat,
  type Palette,
} from '../../../src/ui/theme/heat.ts';

const depths: ColourDepth[] = ['truecolor', '256', '16', 'none'];
const palettes: Palette[] = depths.flatMap((depth) =>
  (['dark', 'light'] as const).flatMap((background) => [false, true].map((ascii) => ({ depth, background, ascii }))),
);
const scales: HeatScale[] = ['sequential', 'diverging'];
const plain: Palette = { depth: 'none', background: 'dark', ascii: false };
const colour: Palette = { depth: 'truecolor', background: 'dark', ascii: false };
const show = (scale: HeatScale, values: number[], palette: Palette, max?: number) =>
  values.map((value) => decodeHeat(heatCell(scale, value, max).codePointAt(0)!, palette).char).join('');

describe('a heat cell', () => {
  it('is one character of one column, whatever the value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...scales), fc.double(), fc.double(), (scale, value, max) => {
        const cell = heatCell(scale, value, max);
        expect(cell).toHaveLength(1);
        expect(isHeat(cell.codePointAt(0)!)).toBe(true);
        expect(stringWidth(cell)).toBe(1);
      }),
    );
  });

  it('grows with the value, and stops growing at the ends of the scale', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...scales),
        fc.double({ noNaN: true, min: -3, max: 3 }),
        fc.double({ noNaN: true, min: -3, max: 3 }),
        (scale, a, b) => {
          const [low, high] = a < b ? [a, b] : [b, a];
          expect(heatCell(scale, low, 2) <= heatCell(scale, high, 2)).toBe(true);
        },
      ),
    );
    expect(heatCell('sequential', 7, 2)).toBe(heatCell('sequential', 2, 2));
    expect(heatCell('diverging', -7, 2)).toBe(heatCell('diverging', -2, 2));
    expect(heatCell('sequential', -1)).toBe(heatCell('sequential', 0));
  });

  it('of −v mirrors the one of v about an exact zero', () => {
    const zero = heatCell('diverging', 0).codePointAt(0)!;
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: 0, max: 1 }), (value) => {
        const up = heatCell('diverging', value).codePointAt(0)! - zero;
        const down = heatCell('diverging', -value).codePointAt(0)! - zero;
        expect(up + down).toBe(0);
      }),
    );
    expect(heatCell('diverging', -0)).toBe(heatCell('diverging', 0));
  });

  it('has a scale of zeros only when every value is zero', () => {
    expect(show('diverging', [0, 0], plain, 0)).toBe('00');
    expect(show('sequential', [0], plain, 0)).toBe('▁');
  });

  it('of a value that is not a number or not finite is alarmed in every palette', () => {
    for (const palette of palettes) {
      expect(show('diverging', [Number.NaN, Infinity, -Infinity], palette)).toBe('!!!');
      expect(show('sequential', [Number.NaN, Infinity, -Infinity], palette)).toBe('!!!');
    }
  });

  it('decodes to one column in every palette, and to ASCII where ASCII is asked for', () => {
    for (const palette of palettes) {
      for (let codePoint = 0xe000; codePoint <= 0xe040; codePoint++) {
        const { char } = decodeHeat(codePoint, palette);
        expect(stringWidth(char)).toBe(1);
        if (palette.ascii) expect(char).toMatch(/^[ -~]$/);
      }
    }
  });
});

describe('without colour', () => {
  const values = [-1, -0.6, -0.2, 0, 0.2, 0.4, 0.7, 1];

  it('the two signs have different glyphs, and zero is visible', () => {
    expect(show('diverging', values, plain)).toBe('▓▒░0▂▄▆█');
    expect(show('sequential', [0, 0.2, 0.4, 0.6, 0.8, 1], plain)).toBe('▁▂▄▅▇█');
    expect(decodeHeat(heatNotComputed.codePointAt(0)!, plain).char).toBe('·');
  });

  it('the two signs have different ASCII characters', () => {
    const ascii = { ...plain, ascii: true };
    expect(show('diverging', values, ascii)).toBe('&=-0+*##');
    expect(show('sequential', [0, 0.2, 0.4, 0.6, 0.8, 1], ascii)).toBe('_.-+#@');
    expect(decodeHeat(heatNotComputed.codePointAt(0)!, ascii).char).toBe(' ');
  });

  it('a cell has no colours', () => {
    for (let codePoint = 0xe000; codePoint <= 0xe040; codePoint++) {
      expect(Object.keys(decodeHeat(codePoint, plain))).toEqual(['char']);
    }
  });
});

describe('with colour', () => {
  it('a negative value carries a sign, so that colour never stands alone', () => {
    expect(show('diverging', [-1, -0.1, 0, 0.1, 1], colour)).toBe('−−   ');
    expect(show('diverging', [-1, 0, 1], { ...colour, ascii: true })).toBe('-  ');
  });

  it('zero is near the background, on dark and on light terminals', () => {
    const zero = heatCell('diverging', 0).codePointAt(0)!;
    expect(luminance(toRgb(decodeHeat(zero, colour).bg!))).toBeLessThan(0.03);
    expect(luminance(toRgb(decodeHeat(zero, { ...colour, background: 'light' }).bg!))).toBeGreaterThan(0.85);
  });

  it.each(['truecolor', '256'] as const)('the sequential scale is ordered by lightness (%s)', (depth) => {
    const lights = Array.from({ length: 32 }, (_, i) =>
      luminance(toRgb(decodeHeat(heatCell('sequential', i / 31).codePointAt(0)!, { ...colour, depth }).bg!)),
    );
    const slack = depth === '256' ? 0.05 : 0;
    lights.forEach((light, i) => {
      if (i > 0) expect(light).toBeGreaterThanOrEqual(lights[i - 1]! - slack);
    });
    expect(lights.at(-1)! - lights[0]!).toBeGreaterThan(0.5);
  });

  it.each(['dark', 'light'] as const)('the sign on a negative cell can be read (%s)', (background) => {
    for (let i = 1; i <= 15; i++) {
      const { fg, bg } = decodeHeat(heatCell('diverging', -i / 15).codePointAt(0)!, { ...colour, background });
      const [a, b] = [luminance(toRgb(fg!)), luminance(toRgb(bg!))];
      expect((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)).toBeGreaterThan(2);
    }
  });

  it('dimming moves a cell towards the background and keeps its sign', () => {
    const codePoint = heatCell('diverging', -1).codePointAt(0)!;
    const dimmed = decodeHeat(codePoint, colour, true);
    expect(dimmed.char).toBe('−');
    expect(luminance(toRgb(dimmed.bg!))).toBeLessThan(luminance(toRgb(decodeHeat(codePoint, colour).bg!)));
  });
});

describe('a legend', () => {
  it('runs from the low to the high end without repeating a step', () => {
    for (const palette of palettes) {
      for (const scale of scales) {
        const { ramp, high } = heatLegend(scale, palette, 1);
        expect([...ramp]).toEqual([...new Set(ramp)].sort());
        expect(ramp[0]).toBe(heatCell(scale, -1));
        expect(high).toMatch(/1$/);
        if (palette.depth === 'truecolor') expect(ramp.at(-1)).toBe(heatCell(scale, 1));
      }
    }
  });

  it('shows the glyphs of the palette it is for', () => {
    const glyphs = (scale: HeatScale, palette: Palette) =>
      [...heatLegend(scale, palette).ramp].map((cell) => decodeHeat(cell.codePointAt(0)!, palette).char).join('');
    expect(glyphs('sequential', plain)).toBe('▁▂▃▄▅▆▇█');
    expect(glyphs('diverging', plain)).toBe('▓▒░0▂▄▆█');
    expect(glyphs('sequential', { ...plain, ascii: true })).toBe('_.:-=+*#@');
  });

  it('labels its ends with the scale', () => {
    expect(heatLegend('diverging', plain, 2.512)).toMatchObject({ low: '−2.5', zero: '0', high: '+2.5' });
    expect(heatLegend('sequential', plain)).toMatchObject({ low: '0', high: '1' });
  });
});

describe('the colours of a scale', () => {
  const seen = (scale: HeatScale, value: number) => {
    const { bg } = decodeHeat(heatCell(scale, value).codePointAt(0)!, { ...colour, background: 'light' });
    return `rgb(${toRgb(bg!).join(', ')})`;
  };

  it('are cividis and RdBu as d3 has them, on a light terminal with the light end low and with red for positive', () => {
    for (let level = 0; level <= 31; level++)
      expect(seen('sequential', level / 31)).toBe(interpolateCividis(1 - level / 31));
    for (let level = -15; level <= 15; level++)
      expect(seen('diverging', level / 15)).toBe(interpolateRdBu(0.5 - level / 30));
  });
});
