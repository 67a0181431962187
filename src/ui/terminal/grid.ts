import { isVisibleWhenBlank, PLAIN, type Style, sgrBetween } from './style.ts';

/** A screen, row after row. The second cell of a wide character holds ''. */
export type Grid = {
  readonly columns: number;
  readonly rows: number;
  readonly chars: readonly string[];
  readonly styles: readonly Style[];
};

export function blankGrid(columns: number, rows: number): Grid {
  return { columns, rows, chars: Array(columns * rows).fill(' '), styles: Array(columns * rows).fill(PLAIN) };
}

/** The column after the last one in `row` that shows anything. */
export function contentEnd(grid: Grid, row: number): number {
  let end = grid.columns;
  const start = row * grid.columns;
  while (end > 0 && grid.chars[start + end - 1] === ' ' && !isVisibleWhenBlank(grid.styles[start + end - 1]!)) end--;
  return end;
}

const lines = (grid: Grid, line: (row: number) => string): string =>
  Array.from({ length: grid.rows }, (_, row) => line(row))
    .join('\n')
    .replace(/\n+$/, '');

/** The characters alone, without blanks at the end of a line or lines at the end of the screen. */
export function gridToText(grid: Grid): string {
  return lines(grid, (row) =>
    grid.chars
      .slice(row * grid.columns, (row + 1) * grid.columns)
      .join('')
      .trimEnd(),
  );
}

/** The screen with its colours, for a pipe or a pager: no cursor moves, and every line ends with colours reset. */
export function gridToAnsi(grid: Grid): string {
  return lines(grid, (row) => {
    let pen = PLAIN;
    let line = '';
    for (let x = 0, end = contentEnd(grid, row); x < end; x++) {
      const at = row * grid.columns + x;
      line += sgrBetween(pen, grid.styles[at]!) + grid.chars[at];
      pen = grid.styles[at]!;
    }
    return line + sgrBetween(pen, PLAIN);
  });
}
