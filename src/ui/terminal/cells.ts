import { toAscii } from '../theme/glyphs.ts';
import { decodeHeat, isHeat, type Palette } from '../theme/heat.ts';
import { certainWidth, quickEnd } from './certain-width.ts';
import { firstCluster, hasCertainWidth, piecesOf } from './clusters.ts';
import type { Grid } from './grid.ts';
import { Attribute, applySgr, PLAIN, type Style, styleOf } from './style.ts';

export { type Grid, gridToAnsi, gridToText } from './grid.ts';
export { gridToSvg } from './svg.ts';

export type FrameOptions = { readonly columns: number; readonly rows: number; readonly palette: Palette };

// CSI, then strings such as hyperlinks and titles, then any other escape.
const SEQUENCE = /\x1b(?:\[([0-?]*)([ -/]*)([@-~])|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])?/y;

/** The screen that a frame of Ink's fills. What does not fit is cut off. */
export function decodeFrame(frame: string, { columns, rows, palette }: FrameOptions): Grid {
  const chars = Array<string>(columns * rows).fill(' ');
  const styles = Array<Style>(columns * rows).fill(PLAIN);
  let pen = PLAIN;
  let x = 0;
  let y = 0;

  const put = (char: string, width: 0 | 1 | 2, style: Style) => {
    if (width === 0) {
      const before = y * columns + Math.min(x, columns) - 1;
      const at = chars[before] === '' ? before - 1 : before;
      if (x > 0 && x <= columns && chars[at] !== ' ' && chars[at]!.length < 10) chars[at] += char;
      return;
    }
    if (x + width <= columns) {
      const at = y * columns + x;
      // A terminal that takes it for wide would go on in the next row, and scroll after the last.
      const mayWrap = width === 1 && x === columns - 1 && !hasCertainWidth(char);
      chars[at] = mayWrap ? '?' : char;
      styles[at] = style;
      if (width === 2) {
        chars[at + 1] = '';
        styles[at + 1] = style;
      }
    }
    x += width;
  };

  for (let i = 0; i < frame.length && y < rows; ) {
    const code = frame.charCodeAt(i);
    if (code === 0x0a) {
      x = 0;
      y += 1;
      i += 1;
    } else if (code === 0x1b) {
      SEQUENCE.lastIndex = i;
      const [sequence, parameters, between, final] = SEQUENCE.exec(frame)!;
      if (final === 'm' && between === '' && /^[\d;:]*$/.test(parameters!)) pen = applySgr(pen, parameters!);
      i += sequence.length;
    } else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
      i += 1;
    } else if (isHeat(code)) {
      const { char, fg, bg } = decodeHeat(code, palette, (pen.attributes & Attribute.dim) !== 0);
      put(char, 1, styleOf(fg ?? pen.fg, bg ?? pen.bg, pen.attributes & ~(bg === undefined ? 0 : Attribute.dim)));
      i += 1;
    } else {
      const cluster = clusterAt(frame, i);
      const shown = palette.ascii ? toAscii(cluster) : cluster;
      const width = shown.length === 1 ? certainWidth(shown.charCodeAt(0)) : 0;
      if (width > 0) put(shown, width, pen);
      else for (const piece of piecesOf(shown)) put(piece.char, piece.width, pen);
      i += cluster.length;
    }
  }
  return { columns, rows, chars, styles };
}

// Segmenting by Unicode's rules takes ten times as long as all the rest, and hardly any text on screen needs it.
function clusterAt(frame: string, i: number): string {
  const end = quickEnd(frame, i);
  return end > 0 ? frame.slice(i, end) : firstCluster(frame.slice(i, i + 64));
}
