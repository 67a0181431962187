import { statistics } from '../../trace/statistics.ts';
import { glyphs, type Theme } from '../theme/theme.ts';

/** A vector as columns of at most `width` characters, ▂▅▁▇▃: how large each number is beside the others, whatever its sign. */
export function sparkline(values: ArrayLike<number>, width: number, theme: Theme): string {
  const marks = glyphs(theme);
  const count = Math.min(values.length, width);
  const { minimum, maximum } = statistics(values);
  const largest = Math.max(Math.abs(minimum), Math.abs(maximum)) || 1;
  let text = '';
  for (let at = 0; at < count; at++) {
    // Where there are more numbers than columns, a column is the largest of those it stands for.
    const from = Math.floor((at * values.length) / count);
    const to = Math.max(from + 1, Math.floor(((at + 1) * values.length) / count));
    let size = 0;
    for (let n = from; n < to; n++) size = Math.max(size, Math.abs(values[n]) || 0);
    text += marks.column[Math.max(1, Math.min(8, Math.ceil((size / largest) * 8)))] ?? '▁';
  }
  return text;
}
