import { fit, type Line, span, widthOfLine } from '../line.ts';
import { type Size, SMALLEST } from './sizes.ts';

/** Says which size is needed and which is there, in as few words as there is room for. */
export function tooSmallLines(size: Size): Line[] {
  const { columns, rows } = size;
  const shown = textsFor(size).slice(0, rows);
  const above = Math.max(0, Math.floor((rows - shown.length) / 2));
  return [...Array<Line>(above).fill([]), ...shown.map((line) => centred(line, columns))];
}

function textsFor({ columns, rows }: Size): Line[] {
  const needed = `${SMALLEST.columns}x${SMALLEST.rows}`;
  const here = `${columns}x${rows}`;
  const quit: Line = [span('q', 'accent'), span(' quit', 'muted')];
  if (columns >= 24 && rows >= 5)
    return [[span('lstm-lab needs more room', 'title')], [`here: ${here}`], [`needed: ${needed}`], [], quit];
  if (columns >= 34 && rows < 3) return [[`needed: ${needed}, here: ${here}   `, ...quit]];
  return columns >= 10 ? [[`need ${needed}`], [`here ${here}`], quit] : [[needed], [here], [span('q', 'accent')]];
}

function centred(line: Line, columns: number): Line {
  const width = widthOfLine(line);
  if (width <= columns) return [' '.repeat(Math.floor((columns - width) / 2)), ...line];
  return [fit(line.map((part) => (typeof part === 'string' ? part : part.text)).join(''), columns)];
}
