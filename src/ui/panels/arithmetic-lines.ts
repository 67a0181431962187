import type { Position } from '../../session/selectors.ts';
import { type Line, span, widthOfText } from '../line.ts';
import { writtenNumber } from '../notation.ts';
import type { Theme } from '../theme/theme.ts';
import type { Arithmetic } from './arithmetic.ts';
import { bar } from './gates-bars.ts';
import { termLines } from './sum-lines.ts';

type Of<Form> = Extract<Arithmetic, { form: Form }>;

/** `y[2] = x[0,2] = 0.31`: a number that was moved. */
export function placeLines(at: Position, { result, from }: Of<'place'>): Line[] {
  const value = span(writtenNumber(result.value), undefined, { bold: true });
  if (from === null)
    return [[`${result.label} = `, value], [span('padding: this number was not in the input.', 'muted')]];
  return [
    [`${result.label} = ${from.label} = `, value],
    [span(`${at.equations[at.stage].meaning}: nothing is computed, numbers are moved.`, 'muted')],
  ];
}

/** All numbers of a column, the largest marked. */
export function largestLines({ result, candidates }: Of<'largest'>, width: number, rows: number, theme: Theme): Line[] {
  const won = candidates.findIndex(({ value }) => value === result.value);
  const first: Line = [
    `${result.label} = ${candidates[won]?.label ?? 'none'} = `,
    span(writtenNumber(result.value), undefined, { bold: true }),
    span(`   the largest of ${candidates.length}`, 'muted'),
  ];
  const max = Math.max(...candidates.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  const labelWidth = Math.max(0, ...candidates.map(({ label }) => widthOfText(label)));
  const barWidth = Math.min(31, width - labelWidth - 18);
  // Where not all fit, those around the largest.
  const room = Math.max(0, rows - 1);
  const from = Math.max(0, Math.min(won - Math.floor(room / 2), candidates.length - room));
  return [
    first,
    ...candidates.slice(from, from + room).map(({ label, value }, n): Line => {
      const isLargest = from + n === won;
      return [
        span(`${isLargest ? '▸' : ' '} ${label.padEnd(labelWidth)} `, isLargest ? 'accent' : 'muted', {
          bold: isLargest,
        }),
        span(writtenNumber(value).padStart(9), undefined, { bold: isLargest }),
        ...(barWidth >= 7 ? ['  ', ...bar(value, { kind: 'diverging', max, fitted: true }, barWidth, theme)] : []),
      ];
    }),
  ];
}

/** The equation in letters and in numbers; under a dot product its largest terms. */
export function formulaLines(
  { result, letters, numbers, parts }: Of<'formula'>,
  width: number,
  rows: number,
  theme: Theme,
): Line[] {
  const indent = ' '.repeat(widthOfText(result.label));
  const value = span(writtenNumber(result.value), undefined, { bold: true });
  const lines: Line[] = [
    [`${result.label} = ${letters}`],
    ...(numbers === writtenNumber(result.value) ? [[`${indent} = `, value]] : [[`${indent} = ${numbers} = `, value]]),
  ];
  const sums = parts.filter(({ terms }) => terms.length > 1);
  return sums.length === 1 ? [...lines, ...termLines(sums, width, rows - lines.length, theme)] : lines;
}
