import { transposed } from '../../math/axes.ts';
import { LabError } from '../../math/lab-error.ts';
import { shapeText, type Tensor, tensor } from '../../math/tensor.ts';

/** Blocks of `units` columns in another order: `order[n]` is where block n comes from. */
export function reordered(matrix: Tensor, order: readonly number[]): Tensor {
  const width = matrix.shape[matrix.shape.length - 1];
  const units = width / order.length;
  const rows = matrix.data.length / width;
  const out = matrix.data.slice();
  for (let r = 0; r < rows; r++) {
    order.forEach((from, to) => {
      const start = r * width + from * units;
      out.set(matrix.data.subarray(start, start + units), r * width + to * units);
    });
  }
  return tensor(matrix.shape, out);
}

/** Gates of PyTorch's rows in the lab's order: i f g o is the same; r z n becomes z r g. */
const ORDER: Readonly<Record<number, readonly number[]>> = { 4: [0, 1, 2, 3], 3: [1, 0, 2], 1: [0] };

/** The arrays of one layer and direction of nn.LSTM, nn.GRU or nn.RNN. */
export interface CellArrays {
  /** 4 for an LSTM, 3 for a GRU, 1 for an RNN. */
  readonly gates: 1 | 3 | 4;
  readonly units: number;
  /** proj_size, where h is projected. */
  readonly projectionUnits: number | undefined;
  readonly useBias: boolean;
  /** By Keras's names and in its layout. */
  readonly given: Readonly<Record<string, Tensor>>;
}

/** `suffix` is `_l0`, `_l1_reverse`, or empty for a cell. Throws a LabError where shapes do not fit each other. */
export function cellArrays(arrays: ReadonlyMap<string, Tensor>, suffix: string): CellArrays {
  const input = arrays.get(`weight_ih${suffix}`);
  const hidden = arrays.get(`weight_hh${suffix}`);
  const projection = arrays.get(`weight_hr${suffix}`);
  if (input?.shape.length !== 2 || hidden?.shape.length !== 2)
    throw new LabError({
      path: `weight_ih${suffix}`,
      problem: 'a recurrent module has matrices weight_ih and weight_hh.',
    });
  const rows = input.shape[0];
  const units = projection ? projection.shape[1] : hidden.shape[1];
  const gates = rows / units;
  if ((gates !== 1 && gates !== 3 && gates !== 4) || hidden.shape[0] !== rows || (projection && gates !== 4)) {
    throw new LabError({
      path: `weight_ih${suffix}`,
      problem: 'its rows are 4 · units (LSTM), 3 · units (GRU) or units (RNN), and as many as those of weight_hh.',
      received: `${shapeText(input.shape)} and ${shapeText(hidden.shape)}`,
    });
  }
  // PyTorch stores (out, in), Keras (in, out).
  const laidOut = (matrix: Tensor) => reordered(transposed(matrix), ORDER[gates]);
  const [inputBias, hiddenBias] = ['ih', 'hh'].map((part) => arrays.get(`bias_${part}${suffix}`));
  for (const bias of [inputBias, hiddenBias]) {
    if (bias !== undefined && bias.data.length !== rows)
      throw new LabError({
        path: `bias_ih${suffix}`,
        problem: `a bias has ${rows} numbers.`,
        received: `${bias.data.length}`,
      });
  }
  const bias = biasOf(inputBias, hiddenBias, gates, rows);
  return {
    gates,
    units,
    projectionUnits: projection?.shape[0],
    useBias: bias !== undefined,
    given: {
      kernel: laidOut(input),
      recurrent_kernel: laidOut(hidden),
      ...(bias && { bias }),
      ...(projection && { projection: transposed(projection) }),
    },
  };
}

/** PyTorch adds two biases; only a GRU's candidate needs them apart. */
function biasOf(
  input: Tensor | undefined,
  hidden: Tensor | undefined,
  gates: number,
  rows: number,
): Tensor | undefined {
  if (input === undefined && hidden === undefined) return undefined;
  const [a, b] = [input, hidden].map((bias) => bias ?? tensor([rows]));
  if (gates === 3) {
    const out = new Float64Array(2 * rows);
    out.set(a.data);
    out.set(b.data, rows);
    return reordered(tensor([2, rows], out), ORDER[3]);
  }
  return tensor(
    [rows],
    Float64Array.from(a.data, (value, at) => value + b.data[at]),
  );
}
