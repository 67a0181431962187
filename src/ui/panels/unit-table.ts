import { fitLine, type Line, span } from '../line.ts';
import { indices, rangeText, scrollbar, windowAround } from './heatmap.ts';

export interface UnitTable {
  readonly count: number;
  readonly chosen: number;
  readonly width: number;
  readonly height: number;
  /** Below this a block of the table is not readable. */
  readonly narrowest: number;
  head(width: number): Line;
  line(unit: number, width: number): Line;
}

const GAP = 3;

/** A line for each unit around the chosen one, under a head; in blocks side by side where there are many units and room for them. */
export function unitTableLines({ count, chosen, width, height, narrowest, head, line }: UnitTable): Line[] {
  const fits = Math.max(1, Math.floor((width + GAP) / (narrowest + GAP)));
  const most = Math.max(1, height - 1);
  const rows = count <= most ? count : Math.max(1, height - 2);
  const blocks = Math.max(1, Math.min(fits, Math.ceil(count / rows)));
  const blockWidth = Math.floor((width - 1 - (blocks - 1) * GAP) / blocks);
  const shown = windowAround(chosen, rows * blocks, count);
  // Blocks are filled one after the other, as newspaper columns are.
  const places = indices(shown);
  const block = (n: number): Line[] => [
    fitLine(head(blockWidth), blockWidth),
    ...places.slice(n * rows, (n + 1) * rows).map((unit) => fitLine(line(unit, blockWidth), blockWidth)),
  ];
  const drawn = Array.from({ length: blocks }, (_, n) => block(n));
  const bar = scrollbar(shown, count, chosen, Math.min(rows, shown.count));
  const lines = Array.from({ length: drawn[0].length }, (_, y): Line => {
    const parts = drawn.flatMap(
      (column, n): Line => [...(column[y] ?? [' '.repeat(blockWidth)]), ...(n < blocks - 1 ? [' '.repeat(GAP)] : [])],
    );
    return y === 0 ? parts : [...parts, bar[y - 1] ?? ' '];
  });
  const more = shown.count < count ? [[span(`   ${rangeText('units', shown, count)}`, 'muted')]] : [];
  return [...lines, ...more].slice(0, height);
}
