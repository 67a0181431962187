import stringWidth from 'string-width';
import { certainWidth, isCombining } from './certain-width.ts';

/** What goes into one cell (width 1) or two (width 2); width 0 joins the cell before. */
export type Piece = { readonly char: string; readonly width: 0 | 1 | 2 };

const segmenter = new Intl.Segmenter();
const known = new Map<string, readonly Piece[]>();

/** The first character of `text` as a reader sees it, with its marks. */
export function firstCluster(text: string): string {
  // No script needs more, and a cluster of thousands of marks must not cost more.
  const [first] = segmenter.segment(text.slice(0, 64));
  return first?.segment ?? '';
}

/**
 * Cells for a cluster, as many as Ink laid out for it, of characters whose width terminals agree on. They do not agree
 * on joined emoji, skin tones, flags and keycaps: of those the first picture is kept, and blanks fill the rest.
 */
export function piecesOf(cluster: string): readonly Piece[] {
  let pieces = known.get(cluster);
  if (!pieces) {
    pieces = split(cluster);
    // Text comes from users; the table must not grow with it for ever.
    if (known.size > 4000) known.clear();
    known.set(cluster, pieces);
  }
  return pieces;
}

function split(cluster: string): Piece[] {
  const width = stringWidth(cluster);
  const visible = [...cluster.normalize('NFC')].filter(
    (c) => !/[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Cs}]/u.test(c),
  );
  // Ten marks on one letter are an attack on the renderer, not writing.
  const marks = visible
    .filter((c) => /\p{Mn}/u.test(c))
    .slice(0, 8)
    .join('');
  const at = visible.findIndex((c) => !/[\p{Mn}\p{Me}]/u.test(c));
  if (at === -1 || width === 0) {
    return marks === '' ? [] : [{ char: marks, width: 0 }];
  }
  if (/^\p{RI}{2}$/u.test(cluster)) return [...cluster].map((letter) => ({ char: flagLetter(letter), width: 1 }));

  const base = visible[at] === '\u00a0' ? ' ' : visible[at]!;
  const pieces: Piece[] = [{ char: base + marks, width: stringWidth(base) >= 2 ? 2 : 1 }];
  let used: number = pieces[0]!.width;
  for (const spacing of visible.slice(at + 1).filter((c) => /\p{Mc}|[\uff00-\uffef]/u.test(c))) {
    // Some have no column in Ink's count, as the stem that U+1D15E, a half note, is taken apart into.
    if (used >= width) break;
    pieces.push({ char: spacing, width: 1 });
    used += 1;
  }
  for (; used < width; used++) pieces.push({ char: ' ', width: 1 });
  return pieces;
}

const flagLetter = (indicator: string): string => String.fromCharCode(65 + indicator.codePointAt(0)! - 0x1f1e6);

/** Whether every terminal moves its cursor by the same number of columns for this cell. Emoji are drawn more carefully. */
export function hasCertainWidth(char: string): boolean {
  if (certainWidth(char.charCodeAt(0)) === 0) return false;
  for (let i = 1; i < char.length; i++) if (!isCombining(char.charCodeAt(i))) return false;
  return true;
}
