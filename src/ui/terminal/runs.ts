import { hasCertainWidth } from './clusters.ts';
import { contentEnd, type Grid } from './grid.ts';
import { isVisibleWhenBlank, PLAIN, type Style } from './style.ts';

/** Cells beside each other, of one style, that are written in one go. */
export type Run = {
  readonly x: number;
  readonly y: number;
  /** The column after its last cell. */
  end: number;
  text: string;
  style: Style;
  /** Only blanks that no style without a background would change. */
  blank: boolean;
  /** False for a character of which terminals disagree how wide it is. It stands alone, and the cell after it is written again. */
  readonly certain: boolean;
};

/** What to write on a terminal that shows `previous` so that it shows `next`: row by row, from left to right. */
export function changedRuns(next: Grid, previous: Grid): Run[] {
  const { columns, rows, chars, styles } = next;
  const runs: Run[] = [];
  const changed = (at: number) =>
    chars[at] !== previous.chars[at] ||
    (styles[at] !== previous.styles[at] && !(isEmpty(next, at) && isEmpty(previous, at)));
  const anyChanged = (from: number, to: number) => {
    for (let at = from; at < to; at++) if (changed(at)) return true;
    return false;
  };
  for (let y = 0; y < rows; y++) {
    const start = y * columns;
    const end = contentEnd(next, y);
    let run: Run | undefined;
    // If a character is drawn wider than it should be, the next cell has to be drawn over the overhang.
    let redo = false;
    for (let x = 0; x < end; ) {
      const at = start + x;
      if (!redo && !changed(at)) {
        x += 1;
        continue;
      }
      const text = chars[at]!;
      const after = x + (x + 1 < columns && chars[at + 1] === '' ? 2 : 1);
      redo = !hasCertainWidth(text);
      if (redo || !run || !lengthen(run, next, x, after)) {
        const blank = isEmpty(next, at);
        run = { x, y, end: after, text, style: blank ? PLAIN : styles[at]!, blank, certain: !redo };
        runs.push(run);
      }
      x = after;
    }
    if (end < columns && (redo || anyChanged(start + end, start + columns)))
      runs.push({ x: end, y, end, text: '\x1b[K', style: PLAIN, blank: false, certain: true });
  }
  return runs;
}

/** Unchanged cells are written again where that takes no more bytes than the move over them. */
const MOVE_BYTES = 4;

/** Adds the cells up to `after`, which have changed from `x` on, where they have the run's style. Says whether it did. */
function lengthen(run: Run, grid: Grid, x: number, after: number): boolean {
  if (!run.certain || x - run.end > MOVE_BYTES) return false;
  let { text, style, blank } = run;
  let gap = 0;
  for (let column = run.end; column <= x; column++) {
    const at = run.y * grid.columns + column;
    const char = grid.chars[at]!;
    if (column < x) {
      gap += Buffer.byteLength(char);
      if (gap > MOVE_BYTES || !(char === '' || hasCertainWidth(char))) return false;
    }
    if (isEmpty(grid, at)) {
      if (isVisibleWhenBlank(style)) return false;
    } else {
      const own = grid.styles[at]!;
      if (style !== own && !(blank && !isVisibleWhenBlank(own))) return false;
      style = own;
      blank = false;
    }
    text += char;
  }
  Object.assign(run, { text, style, blank, end: after });
  return true;
}

/** A cell that shows nothing, whatever colour a letter there would have. */
const isEmpty = ({ chars, styles }: Grid, at: number): boolean => chars[at] === ' ' && !isVisibleWhenBlank(styles[at]!);
