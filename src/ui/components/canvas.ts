import type { Line, Span } from '../line.ts';
import { widthOfText } from '../line.ts';
import type { Tone } from '../theme/theme.ts';

/** How something on a canvas is drawn. */
export interface Ink {
  readonly tone?: Tone;
  readonly bold?: boolean;
  readonly dim?: boolean;
}

/** A drawing in characters: what is put later covers what was there. What lies outside is left away. */
export interface Canvas {
  text(x: number, y: number, text: string, ink?: Ink): void;
  /** From `x` to `to`, both included. */
  across(x: number, to: number, y: number, char: string, ink?: Ink): void;
  down(x: number, y: number, to: number, char: string, ink?: Ink): void;
  lines(): Line[];
}

interface Cell {
  readonly char: string;
  readonly ink: Ink;
}

const BLANK: Cell = { char: ' ', ink: {} };
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

export function createCanvas(width: number, height: number): Canvas {
  const cells: Cell[][] = Array.from({ length: height }, () => Array<Cell>(width).fill(BLANK));
  const put = (x: number, y: number, char: string, ink: Ink) => {
    if (y >= 0 && y < height && x >= 0 && x < width) cells[y][x] = { char, ink };
  };
  return {
    text(x, y, text, ink = {}) {
      let column = x;
      for (const { segment } of segmenter.segment(text)) {
        const columns = widthOfText(segment);
        if (columns === 2 && column + 1 >= width) return;
        put(column, y, segment, ink);
        // A wide character covers the next cell too.
        if (columns === 2) put(column + 1, y, '', ink);
        column += columns;
      }
    },
    across(x, to, y, char, ink = {}) {
      for (let column = x; column <= to; column++) put(column, y, char, ink);
    },
    down(x, y, to, char, ink = {}) {
      for (let line = y; line <= to; line++) put(x, line, char, ink);
    },
    lines: () => cells.map(spansOf),
  };
}

/** Neighbours of one look are one span. */
function spansOf(row: readonly Cell[]): Span[] {
  const spans: (Span & { text: string })[] = [];
  for (const { char, ink } of row) {
    const last = spans.at(-1);
    const { tone, bold, dim } = ink;
    if (last && last.tone === tone && last.bold === bold && last.dim === dim) {
      spans[spans.length - 1] = { ...last, text: last.text + char };
    } else spans.push({ text: char, tone, bold, dim });
  }
  return spans;
}
