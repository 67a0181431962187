import { type Line, type Span, span, widthOfText } from '../line.ts';
import type { Theme } from '../theme/theme.ts';
import { blanks, indices, maskedCell, type Window } from './heatmap.ts';

/** A wider cell says no more. */
export const WIDEST_CELL = 6;

/** Where timesteps stand in a row of cells. All heatmaps of a view share one. */
export interface TimeColumns {
  readonly shown: Window;
  readonly cellWidth: number;
  readonly cursor: number;
  /** Timesteps of each cell: more than 1 where the whole run is to be seen at once. */
  readonly each: number;
}

/**
 * The whole run in at most `room` columns, each of as many timesteps as that takes, or up to a quarter more: extremes are kept for blocks of a power of
 * two, and columns that begin where blocks do need nothing else. A run that fits has wider cells.
 */
export function wholeRunColumns(steps: number, room: number, cursor: number): TimeColumns {
  const shown = { from: 0, count: steps };
  const least = Math.ceil(steps / Math.max(1, room));
  if (least === 1)
    return { shown, cellWidth: Math.max(1, Math.min(WIDEST_CELL, Math.floor(room / steps))), cursor, each: 1 };
  const block = least < 8 ? 1 : 2 ** Math.floor(Math.log2(least / 4));
  return { shown, cellWidth: 1, cursor, each: Math.ceil(least / block) * block };
}

/** The timesteps of each cell. */
export function cellsOf({ shown, each }: TimeColumns): Window[] {
  return Array.from({ length: Math.ceil(shown.count / each) }, (_, n) => ({
    from: shown.from + n * each,
    count: Math.min(each, shown.count - n * each),
  }));
}

export function timeWidth({ shown, cellWidth, each }: TimeColumns): number {
  return Math.ceil(shown.count / each) * cellWidth;
}

/** The first column of a timestep's cell. */
function columnOf({ shown, cellWidth, each }: TimeColumns, timestep: number): number {
  return Math.floor((timestep - shown.from) / each) * cellWidth;
}

function cursorColumn(time: TimeColumns): number {
  return columnOf(time, time.cursor) + Math.floor((time.cellWidth - 1) / 2);
}

/**
 * The upper edge of the cursor's column with ▾ in it. Lines beside the column would move in every row at every step, and bytes to the terminal are
 * time; what is right of the column is still to come and blank.
 */
export function cursorLine(time: TimeColumns): Line {
  const { cellWidth } = time;
  const before = Math.floor((cellWidth - 1) / 2);
  const after = cellWidth - 1 - before;
  const edge = (corner: string, count: number, isLeft: boolean) =>
    count === 0 ? '' : isLeft ? corner + '─'.repeat(count - 1) : '─'.repeat(count - 1) + corner;
  return [
    blanks(columnOf(time, time.cursor)),
    span(`${edge('┌', before, true)}▾${edge('┐', after, false)}`, 'accent', { bold: true }),
  ];
}

/** Timestep numbers under their columns, as many as fit without touching; the cursor's always. */
export function tickLine(time: TimeColumns, width: number): Line {
  const label = (timestep: number) => {
    const text = String(timestep);
    const centred = columnOf(time, timestep) + Math.floor((time.cellWidth - text.length) / 2);
    return { timestep, text, from: Math.max(0, Math.min(centred, width - text.length)) };
  };
  const chosen = label(time.cursor);
  const { from, count } = time.shown;
  const every = tickDistance(String(from + count).length + 1, time.cellWidth / time.each);
  const first = Math.ceil(from / every);
  const others = indices({ from: first, count: Math.ceil((from + count) / every) - first })
    .map((n) => n * every)
    .filter((timestep) => timestep !== time.cursor)
    .map(label)
    .filter(({ text, from }) => from + text.length < chosen.from || from > chosen.from + chosen.text.length);
  return place(
    [...others, chosen].map(({ timestep, text, from }) => ({
      from,
      span: timestep === time.cursor ? span(text, 'accent', { bold: true, inverse: true }) : span(text, 'muted'),
    })),
    width,
  );
}

/** A tick at every 1, 2, 5, 10, … timesteps: the first distance at which labels do not touch. `stepWidth`: columns of a timestep. */
function tickDistance(labelWidth: number, stepWidth: number): number {
  for (let power = 1; ; power *= 10) {
    for (const step of [1, 2, 5]) if (step * power * stepWidth >= labelWidth) return step * power;
  }
}

/** Words under their columns where they fit, else a pointer and the cursor's word. Masked timesteps are marked. */
export function wordLine(
  time: TimeColumns,
  width: number,
  theme: Theme,
  wordAt: (timestep: number) => string | null,
  isMasked: (timestep: number) => boolean,
): Line {
  // Where a cell is several timesteps, no word belongs under it but the cursor's.
  const timesteps = time.each > 1 ? [time.cursor] : indices(time.shown);
  const mask = maskedCell(theme).char;
  const padding = mask.repeat(Math.max(1, Math.min(3, time.cellWidth - 1)));
  const words = timesteps.map((timestep) => wordAt(timestep) ?? (isMasked(timestep) ? padding : ''));
  const longest = Math.max(...words.map(widthOfText));
  if (time.each === 1 && longest > 0 && longest < time.cellWidth) {
    return place(
      timesteps.map((timestep, n) => ({
        from: columnOf(time, timestep) + Math.floor((time.cellWidth - widthOfText(words[n])) / 2),
        span: span(
          words[n],
          isMasked(timestep) ? 'masked' : timestep === time.cursor ? 'accent' : 'muted',
          timestep === time.cursor ? { bold: true } : {},
        ),
      })),
      width,
    );
  }
  const at = cursorColumn(time);
  const marks = timesteps.filter((timestep) => timestep !== time.cursor && isMasked(timestep));
  const word = words[timesteps.indexOf(time.cursor)] ?? '';
  const text = span('▴', 'accent', { bold: true });
  const beside = word === '' ? null : wordBeside(word, at, width);
  const covered = (from: number) => beside !== null && from >= beside.from - 1 && from <= beside.from + beside.width;
  return place(
    [
      { from: at, span: text },
      ...(beside ? [{ from: beside.from, span: span(beside.text, isMasked(time.cursor) ? 'masked' : 'accent') }] : []),
      ...marks
        .map((timestep) => ({ from: columnOf(time, timestep), span: span(mask.repeat(time.cellWidth), 'masked') }))
        .filter(({ from }) => !covered(from) && !covered(from + time.cellWidth - 1)),
    ],
    width,
  );
}

/** The word right of the pointer where there is room, else left of it, else not at all. */
function wordBeside(word: string, at: number, width: number): { text: string; from: number; width: number } | null {
  const columns = widthOfText(word);
  if (at + 2 + columns <= width) return { text: word, from: at + 2, width: columns };
  return columns + 1 <= at ? { text: word, from: at - 1 - columns, width: columns } : null;
}

/** Spans at their columns on a line of `width`. What would overlap or stand out is left away. */
function place(parts: readonly { readonly from: number; readonly span: Span }[], width: number): Line {
  const line: (Span | string)[] = [];
  let column = 0;
  for (const { from, span: part } of [...parts].sort((a, b) => a.from - b.from)) {
    const columns = widthOfText(part.text);
    if (from < column || from + columns > width || columns === 0) continue;
    if (from > column) line.push(blanks(from - column));
    line.push(part);
    column = from + columns;
  }
  if (column < width) line.push(blanks(width - column));
  return line;
}
