import { type Rows, row, rowsOf } from '../../math/tensor.ts';
import { fit, type Line, span, widthOfText } from '../line.ts';
import { numberCell } from '../notation.ts';
import type { Tone } from '../theme/theme.ts';

/** A vector in `width` columns: numbers that align from row to row, with four decimals where they fit; where not all fit, the first ones and `…`. */
export function vectorText(values: ArrayLike<number>, width: number): string {
  const cell = width >= 40 || values.length * 8 - 1 <= width ? 8 : 7;
  const all = Math.floor((width + 1) / cell);
  const count = values.length <= all ? values.length : Math.max(0, Math.floor((width - 1) / cell));
  const shown = Array.from({ length: count }, (_, at) => numberCell(values[at], cell - 1, cell - 4));
  return fit(`${shown.join(' ')}${count < values.length ? ' …' : ''}`.trimEnd(), width).trimEnd();
}

export interface SequenceRow {
  /** `t3` */
  readonly label: string;
  /** Whether the cursor has reached it. */
  readonly reached: boolean;
  readonly atCursor: boolean;
  /** What is special about it: carried, zero. */
  readonly tone?: Tone;
  readonly values: ArrayLike<number>;
}

/** Rows of a returned sequence, one a timestep; what is still to come is `·`. */
export function sequenceLines(rows: readonly SequenceRow[], width: number, wholeRun: boolean): Line[] {
  const longest = Math.max(0, ...rows.map(({ label }) => widthOfText(label)));
  const labelWidth = Math.min(Math.floor(width / 2), longest + 2);
  return rows.map(({ label, reached, atCursor, tone, values }) => {
    const name = span(`${atCursor ? '▸' : ' '}${fit(label, labelWidth - 1)}`, atCursor ? 'accent' : 'muted', {
      bold: atCursor,
    });
    if (!reached && !wholeRun) return [name, span(fit('     ·', width - labelWidth), 'muted')];
    const text = fit(vectorText(values, width - labelWidth), width - labelWidth);
    return [name, span(text, tone, { bold: atCursor && reached, dim: !reached })];
  });
}

export function rowValues(t: Rows, at: number): ArrayLike<number> {
  return row(t, Math.min(at, Math.max(0, rowsOf(t) - 1)));
}
