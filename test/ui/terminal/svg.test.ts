import { describe, expect, it } from 'vitest';
import { decodeFrame, gridToSvg } from '../../../src/ui/terminal/cells.ts';
import { heatCell } from '../../../src/ui/theme/heat.ts';

const draw = (frame: string, columns = 20, rows = 2) =>
  gridToSvg(decodeFrame(frame, { columns, rows, palette: { depth: 'truecolor', background: 'dark', ascii: false } }), {
    title: 'a < b',
  });
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]).slice(1);
const rects = (svg: string) =>
  [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)].map((match) =>
    match.slice(1).map(Number),
  );

describe('a picture of the screen', () => {
  it('joins words of one style into one text, and escapes them', () => {
    expect(texts(draw('c = f & i < 3  far'))).toEqual(['c = f &amp; i &lt; 3', 'far']);
    expect(texts(draw('a \x1b[31mb\x1b[39m c'))).toEqual(['a', 'b', 'c']);
    expect(draw('')).toContain('<title>a &lt; b</title>');
  });

  it('places a wide character over its two cells', () => {
    expect(draw('日本')).toMatch(/<text x="0"[^>]*textLength="16.8"[^>]*>日<\/text>\n<text x="16.8"/);
  });

  it('draws blocks as rectangles and lines as paths that reach the edge of the cell', () => {
    expect(rects(draw('█▌'))).toEqual([
      [0, 0, 8.4, 18],
      [8.4, 0, 4.2, 18],
    ]);
    expect(rects(draw('▂'))).toEqual([[0, 13.5, 8.4, 4.5]]);
    expect(draw('───┐')).toContain('M0 9h25.2');
    expect(texts(draw('█▌─│'))).toEqual([]);
  });

  it('merges heatmap cells of equal colour', () => {
    const cell = heatCell('sequential', 0.5);
    expect(rects(draw(cell.repeat(5) + heatCell('sequential', 1)))).toHaveLength(2);
  });

  it('shows inverse video, bold, italic, underline and dim', () => {
    expect(draw('\x1b[7mx')).toContain('fill="#161616">x');
    expect(draw('\x1b[1;3;4mx')).toMatch(/font-weight="bold" font-style="italic" text-decoration="underline">x/);
    expect(draw('\x1b[2mx')).toMatch(/fill="#[0-9a-f]{6}">x/);
  });
});
