import { hasCertainWidth } from './clusters.ts';
import { blankGrid, contentEnd, type Grid } from './grid.ts';
import { PLAIN, sgrBetween } from './style.ts';

/**
 * What to send to a terminal that shows `previous` (or anything, if there is none) so that it shows `next`.
 *
 * The cursor may be anywhere before, and colours are reset before and after. A character in the last column is never
 * followed by another without a move, so nothing wraps or scrolls.
 */
export function paint(next: Grid, previous?: Grid): string {
  if (!previous || previous.columns !== next.columns || previous.rows !== next.rows) {
    // Home and erase below, as erasing everything scrolls the screen into the history in some terminals.
    return `\x1b[m\x1b[H\x1b[J${paint(next, blankGrid(next.columns, next.rows))}`;
  }

  const { columns, chars, styles } = next;
  const changed = (at: number) => chars[at] !== previous.chars[at] || styles[at] !== previous.styles[at];
  let out = '';
  let pen = PLAIN;
  // Where the terminal's cursor is, if that is certain.
  let cursor: Cursor | undefined;

  const put = (x: number, y: number) => {
    const at = y * columns + x;
    const char = chars[at]!;
    const width = x + 1 < columns && chars[at + 1] === '' ? 2 : 1;
    out += move(cursor, { x, y }) + sgrBetween(pen, styles[at]!);
    pen = styles[at]!;
    const certain = hasCertainWidth(char);
    // Terminals disagree about this one. Blanks first, so that no old half remains if it is drawn narrower.
    if (!certain) out += ' '.repeat(width) + move(undefined, { x, y });
    out += char;
    cursor = certain && x + width < columns ? { x: x + width, y } : undefined;
    return { after: x + width, certain };
  };

  for (let y = 0; y < next.rows; y++) {
    const start = y * columns;
    const end = contentEnd(next, y);
    let redo = false;
    for (let x = 0; x < end; ) {
      if (!redo && !changed(start + x)) {
        x += 1;
        continue;
      }
      if (cursor?.y === y && cursor.x < x && isCheaperThanMove(next, cursor.x, x, y, pen)) {
        out += chars.slice(start + cursor.x, start + x).join('');
        cursor = { x, y };
      }
      const { after, certain } = put(x, y);
      // If it is drawn wider, the next cell has to be drawn over the overhang.
      redo = !certain;
      x = after;
    }
    if (end === columns) continue;
    const stale = redo || Array.from({ length: columns - end }, (_, i) => start + end + i).some(changed);
    if (!stale) continue;
    out += move(cursor, { x: end, y }) + sgrBetween(pen, PLAIN) + '\x1b[K';
    pen = PLAIN;
    cursor = { x: end, y };
  }
  return out + sgrBetween(pen, PLAIN);
}

type Cursor = { readonly x: number; readonly y: number };

/** Repeating a few unchanged characters takes fewer bytes than skipping them, if they need no change of style. */
function isCheaperThanMove(grid: Grid, from: number, to: number, y: number, pen: object): boolean {
  if (to - from > 4) return false;
  let bytes = 0;
  for (let at = y * grid.columns + from; at < y * grid.columns + to; at++) {
    const char = grid.chars[at]!;
    if (grid.styles[at] !== pen || (char !== '' && !hasCertainWidth(char))) return false;
    bytes += Buffer.byteLength(char);
  }
  // The gap must not begin or end inside a wide character.
  if (grid.chars[y * grid.columns + from] === '') return false;
  return bytes <= (to - from === 1 ? 3 : 4);
}

/** The shortest way to `to`. */
function move(from: Cursor | undefined, to: Cursor): string {
  const absolute = to.x === 0 ? `\x1b[${to.y + 1}H` : `\x1b[${to.y + 1};${to.x + 1}H`;
  if (!from) return absolute;
  const down = to.y - from.y;
  if (down < 0) return absolute;
  const vertical = down === 0 ? '' : down === 1 ? '\x1b[B' : `\x1b[${down}B`;
  const right = to.x - from.x;
  const sideways =
    right === 0
      ? ''
      : right > 0
        ? right === 1
          ? '\x1b[C'
          : `\x1b[${right}C`
        : right >= -3
          ? '\b'.repeat(-right)
          : to.x === 0
            ? '\r'
            : `\x1b[${-right}D`;
  const relative = vertical + sideways;
  return relative.length < absolute.length ? relative : absolute;
}
