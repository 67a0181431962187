import { LabError, quote } from '../math/lab-error.ts';
import { type Tensor, tensor } from '../math/tensor.ts';
import { isNumber, numberOf } from './input/number-text.ts';

/** As many numbers as a table may hold. */
const MAX_CELLS = 2 ** 26;

export interface Table {
  /** [rows, columns] */
  readonly numbers: Tensor;
  /** The names of the columns, where the first line has any. */
  readonly header: readonly string[] | null;
}

/**
 * A table of numbers: one row a line, columns separated by commas, semicolons, tabs or spaces (as the first line has them). The first line may name
 * the columns; lines that begin with # are comments, as numpy.savetxt writes them. Throws a LabError that names line and column.
 */
export function readCsv(text: string): Table {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const separator = separatorOf(lines.find((line) => !isBlank(line)) ?? '');
  const data: number[] = [];
  let header: string[] | null = null;
  let columns = 0;
  let rows = 0;
  for (const [at, line] of lines.entries()) {
    if (isBlank(line)) continue;
    const cells = cellsOf(line, separator);
    if (rows === 0 && header === null && !cells.some((cell) => isCellNumber(cell, separator))) {
      header = cells;
      continue;
    }
    columns ||= cells.length;
    if (cells.length !== columns || (header !== null && header.length !== columns)) {
      throw new LabError({
        path: `line ${at + 1}`,
        problem: `${header !== null && rows === 0 ? `${header.length} columns are wanted, as in the first line` : `a row of ${columns} numbers is wanted, as those before it are`}.`,
        received: `${cells.length}`,
      });
    }
    if ((rows + 1) * columns > MAX_CELLS)
      throw new LabError({
        problem: 'there are more numbers here than the lab reads from a table.',
        hint: 'save them as .npy.',
      });
    for (const [column, cell] of cells.entries()) {
      if (!isCellNumber(cell, separator)) throw noNumber(cell, at, column, header);
      data.push(numberOf(separator === ';' ? cell.replace(',', '.') : cell));
    }
    rows++;
  }
  if (rows === 0) throw new LabError({ problem: 'there are no numbers here.' });
  return { numbers: tensor([rows, columns], Float64Array.from(data)), header };
}

function isBlank(line: string): boolean {
  return line.trim() === '' || line.startsWith('#');
}

function separatorOf(line: string): string {
  return ['\t', ';', ','].find((mark) => line.includes(mark)) ?? ' ';
}

function cellsOf(line: string, separator: string): string[] {
  if (separator === ' ') return line.trim().split(/\s+/);
  if (!line.includes('"')) return line.split(separator).map((cell) => cell.trim());
  // A quoted cell may contain the separator, and "" stands for a quote. Source: RFC 4180.
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (const mark of line) {
    if (mark === '"') quoted = !quoted;
    else if (mark === separator && !quoted) {
      cells.push(cell.trim());
      cell = '';
    } else cell += mark;
  }
  return [...cells, cell.trim()];
}

/** Where semicolons separate, a comma is the decimal mark, as spreadsheets in many languages write it. */
function isCellNumber(cell: string, separator: string): boolean {
  return isNumber(separator === ';' ? cell.replace(',', '.') : cell);
}

function noNumber(cell: string, line: number, column: number, header: readonly string[] | null): LabError {
  const name = header?.[column];
  return new LabError({
    path: `line ${line + 1}, column ${column + 1}${name ? ` (${name})` : ''}`,
    problem: 'a number is wanted here.',
    received: cell === '' ? 'nothing' : quote(cell),
    hint: cell === '' ? 'write nan for a number that is missing.' : 'leave out columns that are no features.',
  });
}
