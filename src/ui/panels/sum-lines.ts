import { fit, type Line, span, widthOfText } from '../line.ts';
import { bracketedNumber, joinedNumbers, writtenNumber } from '../notation.ts';
import type { Theme } from '../theme/theme.ts';
import type { Arithmetic, Part, Product } from './arithmetic.ts';
import { bar } from './gates-bars.ts';

/** `c[2] = f[2] × c₋₁[2] + …`, `= 0.731 × (−0.031) + … = −0.0003`; under a dot product its largest terms. */
export function sumLines(
  { result, parts, clip }: Extract<Arithmetic, { form: 'sum' }>,
  width: number,
  rows: number,
  theme: Theme,
): Line[] {
  const indent = ' '.repeat(widthOfText(result.label));
  const value = span(writtenNumber(result.value), undefined, { bold: true });
  const written = parts.map(writtenPart).join(' + ');
  const all = parts.map(({ label }) => label).join(' + ');
  const first = `${result.label} = ${clip === undefined ? all : `clip(${all}, ±${clip})`}`;
  const products = parts.some(({ isDot, terms }) => !isDot && terms[0].factors.length > 1);
  const isOneNumber = parts.length === 1 && parts[0].terms.length === 1 && parts[0].terms[0].factors.length === 1;
  if (isOneNumber) return [[`${first} = `, value]];
  const lines: Line[] = [[first]];
  // Where there is no room for the summands by themselves, the result stands behind the products.
  if (products && parts.length > 1 && rows >= 3) {
    lines.push([`${indent} = ${written}`]);
    lines.push([
      `${indent} = ${joinedNumbers(
        parts.map((part) => part.value),
        '+',
      )} = `,
      value,
    ]);
  } else lines.push([`${indent} = ${written} = `, value]);
  if (!parts.some(({ isDot }) => isDot)) return lines;
  return [...lines, ...termLines(parts, width, rows - lines.length, theme)];
}

/** A part of a sum in numbers; a minus is bracketed unless the sum begins with it. */
function writtenPart({ isDot, value, terms }: Part, at: number): string {
  const factors = isDot ? [value] : terms[0].factors.map((factor) => factor.value);
  return at === 0 ? joinedNumbers(factors, '×') : factors.map(bracketedNumber).join(' × ');
}

/** The largest terms first, the bias always, the sum of all others last. */
export function termLines(parts: readonly Part[], width: number, rows: number, theme: Theme): Line[] {
  if (rows <= 0) return [];
  const { listed, rest } = largestTerms(parts, rows);
  const labels = listed.map(labelOf);
  const labelWidth = Math.max(...labels.map(widthOfText), 12);
  const largest = Math.max(...listed.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  const barWidth = Math.min(31, width - labelWidth - 2 - 21 - 11);
  const drawn = (value: number) =>
    barWidth >= 7 ? ['  ', ...bar(value, { kind: 'diverging', max: largest, fitted: true }, barWidth, theme)] : [];
  const lines = listed.map((term, n): Line => {
    const factors =
      term.factors.length > 1 ? term.factors.map(({ value }) => writtenNumber(value).padStart(8)).join(' × ') : '';
    return [
      span(`${fit(labels[n], labelWidth)}  `, term.factors.length > 1 ? 'muted' : 'accent'),
      fit(factors, 19, 'right'),
      ` = ${writtenNumber(term.value).padStart(8)}`,
      ...drawn(term.value),
    ];
  });
  if (!rest) return lines;
  const label = `the other ${rest.count} terms`;
  return [...lines, [span(fit(label, labelWidth + 2 + 19), 'muted'), ` = ${writtenNumber(rest.value).padStart(8)}`]];
}

function labelOf({ factors }: Product): string {
  return factors.map(({ label }) => label).join(' · ');
}

/** As many of the largest terms as fit in `rows` with the bias and a line for the rest; together they are the whole sum. */
export function largestTerms(
  parts: readonly Part[],
  rows: number,
): { listed: Product[]; rest: { count: number; value: number } | null } {
  const biases = parts.filter(({ isDot }) => !isDot).flatMap(({ terms }) => terms);
  const terms = parts.filter(({ isDot }) => isDot).flatMap((part) => part.terms);
  const sorted = [...terms].sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const room = rows - biases.length;
  if (sorted.length <= room) return { listed: [...sorted, ...biases], rest: null };
  const listed = sorted.slice(0, Math.max(0, room - 1));
  const others = sorted.slice(listed.length);
  return {
    listed: [...listed, ...biases],
    rest: { count: others.length, value: others.reduce((sum, { value }) => sum + value, 0) },
  };
}
