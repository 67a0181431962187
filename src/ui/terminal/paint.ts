import { blankGrid, type Grid } from './grid.ts';
import { changedRuns, type Run } from './runs.ts';
import { PLAIN, type Style, sgrBetween } from './style.ts';

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
  let out = '';
  let pen = PLAIN;
  // Where the terminal's cursor is, if that is certain.
  let cursor: Cursor | undefined;
  for (const group of groups(changedRuns(next, previous))) {
    while (group.length > 0) {
      const run = takeNearest(group, cursor);
      out += move(cursor, run) + sgrBetween(pen, run.style);
      pen = run.style;
      // Blanks first, so that no old half remains if a character is drawn narrower.
      if (!run.certain) out += ' '.repeat(run.end - run.x) + move(undefined, run);
      out += run.text;
      cursor = run.certain && run.end < next.columns ? { x: run.end, y: run.y } : undefined;
    }
  }
  return out + sgrBetween(pen, PLAIN);
}

type Cursor = { readonly x: number; readonly y: number };

/**
 * The runs of each style, as colours take more bytes than moves. Characters of uncertain width come before all others, from left to right:
 * what they may have drawn over is written after them.
 */
function groups(runs: readonly Run[]): Run[][] {
  const byStyle = new Map<Style | undefined, Run[]>([
    [undefined, []],
    [PLAIN, []],
  ]);
  for (const run of runs) {
    const key = run.certain ? run.style : undefined;
    const group = byStyle.get(key);
    if (group) group.push(run);
    else byStyle.set(key, [run]);
  }
  return [...byStyle.values()];
}

/** Looking further ahead saves hardly a byte. */
const LOOK_AHEAD = 8;

/** Takes the run that the cursor gets to in the fewest bytes out of the group. */
function takeNearest(group: Run[], cursor: Cursor | undefined): Run {
  let nearest = 0;
  if (cursor && group[0]!.certain) {
    let least = Number.POSITIVE_INFINITY;
    for (let at = 0; at < LOOK_AHEAD && at < group.length; at++) {
      const { x, y } = group[at]!;
      const back = cursor.x - x;
      const bytes = stepBytes(y - cursor.y) + (isBackspaces(back) ? back : stepBytes(back));
      if (bytes < least) [nearest, least] = [at, bytes];
    }
  }
  return group.splice(nearest, 1)[0]!;
}

/** The shortest way to `to`. */
function move(from: Cursor | undefined, to: Cursor): string {
  const absolute = to.x === 0 ? `\x1b[${to.y + 1}H` : `\x1b[${to.y + 1};${to.x + 1}H`;
  if (!from) return absolute;
  const back = from.x - to.x;
  const sideways = isBackspaces(back) ? '\b'.repeat(back) : back > 0 && to.x === 0 ? '\r' : steps(back, 'D', 'C');
  const relative = steps(to.y - from.y, 'B', 'A') + sideways;
  return relative.length < absolute.length ? relative : absolute;
}

const isBackspaces = (back: number) => back > 0 && back <= 3;

function steps(count: number, forth: string, back: string): string {
  if (count === 0) return '';
  const size = Math.abs(count);
  return `\x1b[${size === 1 ? '' : size}${count > 0 ? forth : back}`;
}

/** How long `steps` are, without making them. */
const stepBytes = (count: number) => (count === 0 ? 0 : Math.abs(count) === 1 ? 3 : Math.abs(count) < 10 ? 4 : 5);
