import stringWidth from 'string-width';
import { quickWidth } from './terminal/quick-width.ts';
import type { Tone } from './theme/theme.ts';

/** A stretch of text in one style. A bare string is plain text. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly inverse?: boolean;
}

/** One row of the screen. Panels make lines, and `components/lines.tsx` gives each to Ink as one Text. */
export type Line = readonly (Span | string)[];

export function span(text: string, tone?: Tone, style: Omit<Span, 'text' | 'tone'> = {}): Span {
  return { text, tone, ...style };
}

export function textOf(line: Line): string {
  return line.map((part) => (typeof part === 'string' ? part : part.text)).join('');
}

/** Columns that text takes: a Chinese character two, a combining mark none. */
export function widthOfText(text: string): number {
  return quickWidth(text) ?? stringWidth(text);
}

export function widthOfLine(line: Line): number {
  return widthOfText(textOf(line));
}

/** The text cut or padded to exactly `width` columns; a cut is marked with an ellipsis. */
export function fit(text: string, width: number, align: 'left' | 'right' | 'center' = 'left'): string {
  const cut = truncate(text, width);
  const space = Math.max(0, width - widthOfText(cut));
  if (align === 'right') return ' '.repeat(space) + cut;
  if (align === 'center') return ' '.repeat(Math.floor(space / 2)) + cut + ' '.repeat(Math.ceil(space / 2));
  return cut + ' '.repeat(space);
}

function truncate(text: string, width: number): string {
  if (width <= 0) return '';
  if (text.length <= width && /^[\x20-\x7e]*$/.test(text)) return text;
  if (widthOfText(text) <= width) return text;
  let kept = '';
  let columns = 0;
  for (const { segment } of segmenter.segment(text)) {
    const more = widthOfText(segment);
    if (columns + more > width - 1) break;
    kept += segment;
    columns += more;
  }
  return `${kept}…`;
}

/**
 * A name cut or padded to exactly `width` columns. Long names of one model begin alike and differ at their ends
 * (`decoder/rnn/LSTM`, `heads.0.key`), so the ellipsis stands before their last two thirds.
 */
export function fitName(name: string, width: number): string {
  if (width < 6 || widthOfText(name) <= width) return fit(name, width);
  const parts = [...segmenter.segment(name)].map(({ segment }) => segment);
  const most = width - Math.floor(width / 3);
  let end = '';
  while (widthOfText(parts[parts.length - 1] + end) <= most) end = parts.pop() + end;
  return fit(name, width - widthOfText(end)) + end;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The line cut or padded to exactly `width` columns. */
export function fitLine(line: Line, width: number): Line {
  let left = width;
  const out: (Span | string)[] = [];
  for (const part of line) {
    const text = typeof part === 'string' ? part : part.text;
    const columns = widthOfText(text);
    if (columns <= left) {
      out.push(part);
      left -= columns;
      continue;
    }
    const cut = fit(text, left);
    out.push(typeof part === 'string' ? cut : { ...part, text: cut });
    left = 0;
    break;
  }
  if (left > 0) out.push(' '.repeat(left));
  return out;
}
