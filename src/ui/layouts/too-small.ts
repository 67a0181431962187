import { fit, type Line, span } from '../line.ts';
import { type Size, SMALLEST } from './sizes.ts';

/** Says which size is needed and which is there. */
export function tooSmallLines({ columns, rows }: Size): Line[] {
  const texts: Line[] = [
    [span('lstm-lab needs more room', 'title')],
    [`here: ${columns} × ${rows}`],
    [`needed: ${SMALLEST.columns} × ${SMALLEST.rows}`],
    [],
    [span('q', 'accent'), span(' quit', 'muted')],
  ];
  const shown = texts.slice(0, rows);
  const above = Math.max(0, Math.floor((rows - shown.length) / 2));
  return [
    ...Array<Line>(above).fill([]),
    ...shown.map((line): Line => {
      const width = line.reduce((sum, part) => sum + (typeof part === 'string' ? part : part.text).length, 0);
      if (width > columns)
        return [fit(line.map((part) => (typeof part === 'string' ? part : part.text)).join(''), columns)];
      return [' '.repeat(Math.floor((columns - width) / 2)), ...line];
    }),
  ];
}
