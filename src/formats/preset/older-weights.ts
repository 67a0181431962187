import { LabError } from '../../math/lab-error.ts';
import { shapeText, type Tensor, tensor } from '../../math/tensor.ts';

/* Layouts of weights that older versions saved → today's. Source: keras 2.3.1, keras/engine/saving.py, preprocess_weights_for_loading. */

/** Where the gates of today's kernels stand in Keras 1's list: LSTM kept i, c, f, o and GRU z, r, h. */
const gateOrder = { LSTM: [0, 2, 1, 3], GRU: [0, 1, 2] } as const;

/** Keras 1's list of an LSTM (12 arrays: W, U, b of each gate) or a GRU (9) as kernel, recurrent kernel and bias. */
export function fused(className: 'LSTM' | 'GRU', arrays: readonly Tensor[]): Tensor[] {
  return [0, 1, 2].map((part) => sideBySide(gateOrder[className].map((gate) => arrays[3 * gate + part])));
}

/** Matrices (or vectors) of as many rows each, as one. */
function sideBySide(parts: readonly Tensor[]): Tensor {
  const rows = parts[0].shape.length > 1 ? parts[0].shape[0] : 1;
  const widths = parts.map(({ data }) => data.length / rows);
  if (parts.some(({ shape }) => shape.length !== parts[0].shape.length || (shape.length > 1 && shape[0] !== rows)))
    throw new LabError({
      problem: 'the gates’ arrays must have as many rows each.',
      received: parts.map(({ shape }) => shapeText(shape)).join(', '),
    });
  const width = widths.reduce((sum, one) => sum + one, 0);
  const out = tensor(parts[0].shape.length > 1 ? [rows, width] : [width]);
  for (let r = 0; r < rows; r++) {
    let at = r * width;
    parts.forEach(({ data }, part) => {
      out.data.set(data.subarray(r * widths[part], (r + 1) * widths[part]), at);
      at += widths[part];
    });
  }
  return out;
}

/**
 * cuDNN's layout as Keras's own. It is told by the bias alone, which has an input and a recurrent half: [8·units] for an LSTM, [6·units] for a GRU.
 * There the kernel of each gate lies column by column, the recurrent kernel is transposed, and an LSTM adds both biases.
 */
export function fromCudnn(
  className: 'LSTM' | 'GRU',
  units: number,
  given: Readonly<Record<string, Tensor>>,
): Readonly<Record<string, Tensor>> {
  const { kernel, recurrent_kernel: recurrentKernel, bias } = given;
  const gates = gateOrder[className].length;
  if (!kernel || !recurrentKernel || bias?.shape.length !== 1 || bias.shape[0] !== 2 * gates * units) return given;
  const fits = ({ shape }: Tensor) => shape.length === 2 && shape[1] === gates * units;
  if (!fits(kernel) || !fits(recurrentKernel) || recurrentKernel.shape[0] !== units) return given;
  const half = gates * units;
  return {
    kernel: gatewise(kernel, units, (rows, a, b) => b * rows + a),
    recurrent_kernel: gatewise(recurrentKernel, units, (rows, a, b) => b * rows + a),
    bias:
      className === 'GRU'
        ? tensor([2, half], bias.data)
        : tensor(
            [half],
            Float64Array.from({ length: half }, (_, at) => bias.data[at] + bias.data[half + at]),
          ),
  };
}

/** In each gate's block [rows, units], element (a, b) is the one that stands at `from` in the block as it lies in memory. */
function gatewise(
  { shape, data }: Tensor,
  units: number,
  from: (rows: number, a: number, b: number) => number,
): Tensor {
  const [rows, columns] = shape;
  const out = tensor(shape);
  for (let start = 0; start < columns; start += units) {
    for (let a = 0; a < rows; a++) {
      for (let b = 0; b < units; b++) {
        const flat = from(rows, a, b);
        out.data[a * columns + start + b] = data[Math.floor(flat / units) * columns + start + (flat % units)];
      }
    }
  }
  return out;
}

/** Keras 1's kernel of a Convolution1D, [length, 1, in, out], or older still [out, in, length, 1], as [length, in, out]. */
export function convolution1d(kernel: Tensor, kernelSize: number, filters: number): Tensor {
  const { shape, data } = kernel;
  if (shape.length !== 4) return kernel;
  if (shape[0] === kernelSize && shape[1] === 1 && shape[3] === filters)
    return tensor([shape[0], shape[2], shape[3]], data);
  const [out, input, length, one] = shape;
  if (one !== 1 || out !== filters || length !== kernelSize) return kernel;
  const made = tensor([length, input, out]);
  for (let k = 0; k < length; k++)
    for (let i = 0; i < input; i++)
      for (let o = 0; o < out; o++) made.data[(k * input + i) * out + o] = data[(o * input + i) * length + k];
  return made;
}
