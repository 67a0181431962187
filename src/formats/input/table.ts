import { LabError } from '../../math/lab-error.ts';
import { shapeText, sizeOf, type Tensor, tensor } from '../../math/tensor.ts';
import type { Model } from '../../model/graph.ts';
import type { Table } from '../csv.ts';

/**
 * A table as a batch of the model's one input, [batch, …]. Rows are the timesteps of one sample (or of several, one below the other, where the model
 * has a fixed number of timesteps), if there are as many columns as features; rows are samples, if one row has all the numbers of a sample.
 * A single column is one sequence. Throws a LabError that says what is wanted.
 */
export function tableInput({ numbers, header }: Table, model: Model): Tensor {
  const names = model.inputs.map((call) => model.calls[call].layer.name);
  if (names.length !== 1) {
    throw new LabError({
      problem: `the model has ${names.length} inputs (${names.join(', ')}), and a table fills one.`,
      received: 'a table',
      hint: 'give an .npz file with an array for each, or JSON: {"inputs": {…}}.',
    });
  }
  const shape = model.calls[model.inputs[0]].outputShapes[0];
  const [rows, columns] = numbers.shape;
  const batch = batchShape(shape, rows, columns);
  if (batch !== null) return tensor(batch, numbers.data);
  throw new LabError({
    problem: `the model takes ${shapeText([null, ...shape])}: ${wantedRows(shape)}.`,
    received: `${rows} row${rows === 1 ? '' : 's'} of ${columns} column${columns === 1 ? '' : 's'}`,
    hint:
      header?.[0] === ''
        ? 'the first column has no name: if it only counts the rows, leave it out (in pandas: to_csv(index=False)).'
        : 'batches of longer samples come from .npy or .json files.',
  });
}

function batchShape(shape: readonly (number | null)[], rows: number, columns: number): number[] | null {
  const rest = shape.slice(1);
  const [length = 1] = shape;
  if (shape.length === 1 && columns === 1 && length !== 1 && (length === null || length === rows)) return [1, rows];
  if (shape.length === 2 && (rest[0] ?? columns) === columns && (columns > 1 || rest[0] === 1 || length === null)) {
    if (length === null) return [1, rows, columns];
    if (rows % length === 0) return [rows / length, length, columns];
  }
  return rowsAsSamples(shape, rows, columns);
}

/** One row is one sample, its numbers in the order of the shape; at most one length of it may be open. */
function rowsAsSamples(shape: readonly (number | null)[], rows: number, columns: number): number[] | null {
  const known = sizeOf(shape.map((length) => length ?? 1));
  const open = shape.filter((length) => length === null).length;
  if (open > 1 || known === 0 || columns % known !== 0 || (open === 0 && columns !== known)) return null;
  return [rows, ...shape.map((length) => length ?? columns / known)];
}

function wantedRows(shape: readonly (number | null)[]): string {
  if (shape.length === 1)
    return shape[0] === null
      ? 'a column is one sequence, or a row is one sample'
      : `a row of ${shape[0]} numbers is one sample`;
  const features =
    shape.length === 2 && shape[1] !== null ? `a row of ${shape[1]} numbers is one timestep` : 'a row is one sample';
  return shape[0] === null ? features : `${features}, and a sample has ${shape[0]} timesteps`;
}
