import { printable } from '../../math/lab-error.ts';
import { shapeText } from '../../math/tensor.ts';
import type { InspectedArray, Inspection } from './array.ts';
import type { Gates } from './gates.ts';

const HEAD = ['array', 'shape', 'dtype', 'min', 'max', 'mean', 'norm', 'NaN'];

/** Which columns hold numbers, that stand under one another. */
const NUMBERS = [3, 4, 5, 6, 7];

/** An inspection as lines of text: what the file is, a table of its arrays, and below a recurrent layer's which gate each block is. */
export function inspectionLines({ file, format, madeWith, metadata, notes, arrays }: Inspection): string[] {
  const rows = arrays.map(cells);
  const widths = HEAD.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at].length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (NUMBERS.includes(at) ? cell.padStart(widths[at]) : cell.padEnd(widths[at])))
      .join('  ')
      .trimEnd();
  const total = arrays.reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0);
  return [
    printable(`${file}: ${format}${madeWith ? `, ${madeWith}` : ''}`),
    ...metadata.map(([name, value]) => printable(`  ${name}: ${value}`)),
    ...notes.map((note) => printable(`  ${note}`)),
    `  ${arrays.length} array${arrays.length === 1 ? '' : 's'}, ${total} numbers`,
    ...(arrays.length === 0 ? [] : ['', line(HEAD)]),
    ...arrays.flatMap(({ gates, shape }, at) => [
      line(rows[at]),
      ...(gates === null ? [] : [`  ${gateText(gates, shape.length)}`]),
    ]),
  ];
}

function cells({ name, shape, dtype, min, max, mean, norm, nan }: InspectedArray): string[] {
  const number = (value: number | null) => (value === null ? '-' : Number(value.toPrecision(5)).toString());
  return [printable(name), shapeText(shape), dtype, number(min), number(max), number(mean), number(norm), String(nan)];
}

/** `LSTM kernel, columns: i 0–3 | f 4–7 | c 8–11 | o 12–15` */
function gateText({ of, axis, blocks }: Gates, rank: number): string {
  const along = rank === 1 ? 'numbers' : rank === 2 ? ['rows', 'columns'][axis] : `axis ${axis}`;
  const parts = blocks.map(
    ({ gate, from, length }) => `${gate} ${length === 1 ? from : `${from}–${from + length - 1}`}`,
  );
  return `${of}, ${along}: ${parts.join(' | ')}`;
}
