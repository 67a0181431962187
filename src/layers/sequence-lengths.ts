/*
 * What ONNX's sequence_lens makes of a sequence x [timesteps, features] of which the first n timesteps count:
 *
 *   mask         m_t = 1 where t < n                   the mask of x
 *   mask_at_end  m_t = 1 where t ≥ timesteps − n       the mask of x moved to the end
 *   to_end       y_t = x_(t − timesteps + n)           the n timesteps moved to the end, so that reading backwards begins with the last of them
 *   reverse      y_t = x_(n − 1 − t) where t < n       the n timesteps turned around, 0 after them
 *   keep         y_t = x_t where t < n                 0 after them
 *
 * Inputs: x and n. Source: github.com/onnx/onnx, docs/Operators.md, LSTM and ReverseSequence.
 */
import { LabError } from '../math/lab-error.ts';
import { row, rowsOf, shapeText, type Tensor, tensor } from '../math/tensor.ts';
import type { Bindings, LayerKind, SequenceLengthsLayer, StepContext } from './layer.ts';

const meanings = {
  mask: '1 where the timestep counts',
  mask_at_end: '1 where the timestep counts, moved to the end',
  to_end: 'the timesteps that count, moved to the end',
  reverse: 'the timesteps that count, turned around',
  keep: 'the timesteps that count, 0 after them',
};

/** Which timestep of x stands at t; null: none. */
function sourceAt({ operation }: SequenceLengthsLayer, t: number, steps: number, length: number): number | null {
  const from =
    operation === 'reverse' ? length - 1 - t : operation === 'mask' || operation === 'keep' ? t : t - steps + length;
  return from >= 0 && from < length ? from : null;
}

const isMask = ({ operation }: Pick<SequenceLengthsLayer, 'operation'>) =>
  operation === 'mask' || operation === 'mask_at_end';

export const sequenceLengths: LayerKind<SequenceLengthsLayer> = {
  className: () => 'SequenceLengths',
  inputCount: [2, 2],
  equations: (layer) => [
    { symbol: 'y', meaning: meanings[layer.operation], expression: isMask(layer) ? 'y = m' : 'y = m * x' },
  ],
  constants: () => ({}),
  weightShapes: () => ({}),

  outputShapes(layer, x, lengths) {
    if (x.length !== 2 || lengths.length !== 0) {
      throw new LabError({
        problem: 'sequence_lens wants a sequence (timesteps, features) and one length for each sample.',
        received: `${shapeText(x)} and ${shapeText(lengths)}`,
      });
    }
    return [isMask(layer) ? [x[0]] : x];
  },

  rows(layer, { inputs }) {
    const [x] = inputs;
    const { steps, length } = counts(inputs);
    return {
      count: steps,
      bindings(t): Bindings {
        const from = sourceAt(layer, t, steps, length);
        if (isMask(layer)) return { m: from === null ? 0 : 1 };
        const [m, data] = from === null ? [0, new Float64Array(x.shape[1])] : [1, row(x, from)];
        return { m, x: { shape: [x.shape[1]], data } };
      },
    };
  },

  forward(layer, _, { inputs }) {
    const [x] = inputs;
    const { steps, length } = counts(inputs);
    const y = tensor([steps, isMask(layer) ? 1 : x.shape[1]]);
    for (let t = 0; t < steps; t++) {
      const from = sourceAt(layer, t, steps, length);
      if (from !== null) row(y, t).set(isMask(layer) ? [1] : row(x, from));
    }
    return { y };
  },

  outputMask: () => null,
};

function counts(inputs: StepContext['inputs']): { steps: number; length: number } {
  const [x, lengths] = inputs as readonly [Tensor, Tensor];
  const steps = rowsOf(x);
  const length = Math.trunc(lengths.data[0]);
  if (!(length >= 0 && length <= steps)) {
    throw new LabError({
      path: 'input',
      problem: `a sequence of ${steps} timesteps has a length of 0 to ${steps}.`,
      received: String(lengths.data[0]),
    });
  }
  return { steps, length };
}
