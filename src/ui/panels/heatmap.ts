import { fitLine, type Line, type Span, span } from '../line.ts';
import { heatNotComputed } from '../theme/heat.ts';
import type { Theme, Tone } from '../theme/theme.ts';

/** One cell of a heatmap: a heat character or a mark. */
export interface Cell {
  readonly char: string;
  readonly tone?: Tone;
  readonly dim?: boolean;
}

/** Cells side by side, each `width` columns; neighbours of one style are one span. */
export function cellSpans(cells: readonly Cell[], width: number): Span[] {
  const spans: { text: string; tone?: Tone; dim?: boolean }[] = [];
  for (const { char, tone, dim } of cells) {
    const last = spans.at(-1);
    // One point says "to come"; five of them would be a line.
    const text = char === heatNotComputed ? centred(char, width) : char.repeat(width);
    if (last && last.tone === tone && last.dim === dim) last.text += text;
    else spans.push({ text, tone, dim });
  }
  return spans;
}

function centred(char: string, width: number): string {
  const before = Math.floor((width - 1) / 2);
  return blanks(before) + char + blanks(width - 1 - before);
}

/** Whether values are colours rather than glyphs: colours may be drawn two rows high, ▂ over ▂ would be read as two values. */
export function isColoured({ depth }: Theme): boolean {
  return depth === 'truecolor' || depth === '256';
}

/** What stands for a masked timestep. ░ is a small negative number where glyphs carry the values. */
export function maskedCell(theme: Theme): Cell {
  return { char: isColoured(theme) ? '░' : '╱', tone: 'masked' };
}

/** A part of a row of things: `count` of them from `from`. */
export interface Window {
  readonly from: number;
  readonly count: number;
}

/** `room` of `total` things around `at`. */
export function windowAround(at: number, room: number, total: number): Window {
  const count = Math.max(0, Math.min(room, total));
  return { from: Math.max(0, Math.min(at - Math.floor(count / 2), total - count)), count };
}

/** `room` of `total` things with `at` among them. It turns by half its length, so that it does not move at every step; half of it shows where one comes from. */
export function windowTurning(at: number, room: number, total: number, backward = false): Window {
  if (backward) {
    const { from, count } = windowTurning(total - 1 - at, room, total);
    return { from: total - from - count, count };
  }
  const count = Math.max(0, Math.min(room, total));
  const half = Math.max(1, Math.floor(count / 2));
  return { from: Math.max(0, Math.min((Math.floor(at / half) - 1) * half, total - count)), count };
}

/** Below this no arrangement is sure to fit. */
const NARROW = 56;

/** Lines that fit by themselves unless the view is very narrow: measuring every row of cells takes longer than making them. */
export function fitted(lines: Line[], width: number): Line[] {
  return width < NARROW ? lines.map((line) => fitLine(line, width)) : lines;
}

/** As many blanks, none where there is no room for any. */
export function blanks(count: number): string {
  return ' '.repeat(Math.max(0, count));
}

export function indices({ from, count }: Window): number[] {
  return Array.from({ length: count }, (_, n) => from + n);
}

/** `units 6–14 of 0–49` */
export function rangeText(name: string, { from, count }: Window, total: number): string {
  return count === 1 ? `${name} ${from} of 0–${total - 1}` : `${name} ${from}–${from + count - 1} of 0–${total - 1}`;
}

/** One column beside a list that is longer than its window: where the window is, and where the chosen thing. */
export function scrollbar(shown: Window, total: number, chosen: number, rows: number): Span[] {
  if (shown.count >= total) return Array.from({ length: rows }, () => span(' '));
  const place = (index: number) => Math.min(rows - 1, Math.floor((index * rows) / total));
  const first = place(shown.from);
  const last = Math.max(first, place(shown.from + shown.count - 1));
  return Array.from({ length: rows }, (_, at) => {
    if (at === place(chosen)) return span('◆', 'accent');
    return at >= first && at <= last ? span('█', 'accent', { dim: true }) : span('│', 'muted');
  });
}

/** Columns of lines side by side, each padded to its width. The lines must not be wider. */
export function sideBySide(columns: readonly { lines: readonly Line[]; width: number }[], gap: number): Line[] {
  const height = Math.max(0, ...columns.map(({ lines }) => lines.length));
  return Array.from({ length: height }, (_, at) =>
    columns.flatMap(({ lines, width }, column) => [
      ...(lines[at] ?? [blanks(width)]),
      ...(column < columns.length - 1 ? [blanks(gap)] : []),
    ]),
  );
}
