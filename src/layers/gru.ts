/*
 * Gated recurrent unit (Cho et al. 2014), as Keras computes it:
 *
 *   z = σ(x W_z + h₋₁ U_z + b_z)            update gate: how much of the old state is kept
 *   r = σ(x W_r + h₋₁ U_r + b_r)            reset gate: how much of the old state the candidate sees
 *   g = φ(x W_g + (r ⊙ h₋₁) U_g + b_g)      candidate (Keras's `hh`)
 *   h = z ⊙ h₋₁ + (1 − z) ⊙ g               hidden state, the output
 *
 * With reset_after, Keras's default since 2.1 and what PyTorch and cuDNN compute, the reset gate acts after the matrix product, and the recurrent
 * part has a bias of its own in every gate: rec_g = h₋₁ U_g + d_g; g = φ(x W_g + b_g + r ⊙ rec_g).
 * σ is recurrent_activation, φ activation. x [inputDim]; every other vector [units]. Source: keras/src/layers/rnn/gru.py, GRUCell.call.
 */
import { activationCall, activationLoop } from '../math/activations.ts';
import { addVectorMatrix } from '../math/linear.ts';
import { columns, row, type Tensor } from '../math/tensor.ts';
import type { Equation, GruLayer, LayerKind } from './layer.ts';
import { alongTime, clipped, clipTo, recurrentShapes } from './recurrent.ts';

/** The order of the gates' blocks in the stored arrays, and everywhere else. */
export const GRU_GATES = ['z', 'r', 'g'] as const;

type Gate = (typeof GRU_GATES)[number];

const gateNames = { z: 'update gate', r: 'reset gate', g: 'candidate' };

/** Where the block of a gate begins and ends among the 3·units columns of kernel, recurrent kernel and bias. */
function gruGateColumns(layer: Pick<GruLayer, 'units'>, gate: Gate): { from: number; to: number } {
  const from = GRU_GATES.indexOf(gate) * layer.units;
  return { from, to: from + layer.units };
}

export const gru: LayerKind<GruLayer> = {
  className: () => 'GRU',

  equations({ activation, recurrentActivation, useBias, resetAfter, clip }) {
    const bias = (k: Gate) => (useBias ? ` + b_${k}` : '');
    const recurrentBias = (k: Gate) => (useBias && resetAfter ? ` + d_${k}` : '');
    const before = (k: Gate, recurrent: string): Equation => ({
      symbol: `z_${k}`,
      meaning: `${gateNames[k]} before its activation`,
      expression: `z_${k} = ${clipped(`x * W_${k}${bias(k)} + ${recurrent}`, clip)}`,
    });
    const opened = (k: Gate): Equation => ({
      symbol: k,
      meaning: gateNames[k],
      expression: `${k} = ${activationCall(k === 'g' ? activation : recurrentActivation, `z_${k}`)}`,
    });
    const recurrentPart: Equation = {
      symbol: 'rec_g',
      meaning: 'what the candidate sees of the old state, before the reset gate',
      expression: `rec_g = h_prev * U_g${recurrentBias('g')}`,
    };
    return [
      before('z', `h_prev * U_z${recurrentBias('z')}`),
      before('r', `h_prev * U_r${recurrentBias('r')}`),
      opened('z'),
      opened('r'),
      ...(resetAfter ? [recurrentPart] : []),
      before('g', resetAfter ? 'r .* rec_g' : '(r .* h_prev) * U_g'),
      opened('g'),
      { symbol: 'h', meaning: 'hidden state', expression: 'h = z .* h_prev + (1 - z) .* g' },
    ];
  },

  constants(layer) {
    const { kernel, recurrentKernel, bias } = layer.weights;
    const out: Record<string, Tensor> = {};
    for (const gate of GRU_GATES) {
      const { from, to } = gruGateColumns(layer, gate);
      out[`W_${gate}`] = columns(kernel, from, to);
      out[`U_${gate}`] = columns(recurrentKernel, from, to);
      if (!bias) continue;
      out[`b_${gate}`] = vector(row(bias, 0).slice(from, to));
      if (layer.resetAfter) out[`d_${gate}`] = vector(row(bias, 1).slice(from, to));
    }
    return out;
  },

  weightShapes({ units, useBias, resetAfter }, input) {
    return {
      kernel: [input[input.length - 1], 3 * units],
      recurrent_kernel: [units, 3 * units],
      ...(useBias && { bias: resetAfter ? [2, 3 * units] : [3 * units] }),
    };
  },

  outputShapes: (layer, input) => recurrentShapes('GRU', layer, input),

  forward(layer, x, context) {
    const { units, resetAfter, clip } = layer;
    const { kernel, recurrentKernel, bias } = layer.weights;
    const activate = activationLoop(layer.activation);
    const gateActivate = activationLoop(layer.recurrentActivation);
    const inputBias = bias && row(bias, 0);
    const recurrentBias = bias && resetAfter ? row(bias, 1) : undefined;
    const candidate = resetAfter ? undefined : columns(recurrentKernel, 2 * units, 3 * units);
    const widths = Object.fromEntries(gru.equations(layer).map(({ symbol }) => [symbol, units]));
    // x·W + b and h₋₁·U + d   [3·units] each
    const seen = new Float64Array(3 * units);
    const recurrent = new Float64Array(3 * units);
    const reset = new Float64Array(units);

    return alongTime(layer, widths, x, context, (row, { h: previous }, now) => {
      seen.fill(0);
      recurrent.fill(0);
      addVectorMatrix(seen, row, kernel);
      if (inputBias) for (let k = 0; k < seen.length; k++) seen[k] += inputBias[k];
      addVectorMatrix(recurrent, previous, recurrentKernel);
      if (recurrentBias) for (let k = 0; k < seen.length; k++) recurrent[k] += recurrentBias[k];
      const { z_z, z_r, z_g, z, r, g, h } = now;
      for (let u = 0; u < units; u++) {
        z_z[u] = seen[u] + recurrent[u];
        z_r[u] = seen[units + u] + recurrent[units + u];
      }
      clipTo(z_z, clip);
      clipTo(z_r, clip);
      z.set(z_z);
      r.set(z_r);
      gateActivate(z);
      gateActivate(r);
      if (candidate) {
        for (let u = 0; u < units; u++) reset[u] = r[u] * previous[u];
        addVectorMatrix(z_g, reset, candidate);
        for (let u = 0; u < units; u++) z_g[u] += seen[2 * units + u];
      } else {
        now.rec_g.set(recurrent.subarray(2 * units));
        for (let u = 0; u < units; u++) z_g[u] = seen[2 * units + u] + r[u] * now.rec_g[u];
      }
      clipTo(z_g, clip);
      g.set(z_g);
      activate(g);
      for (let u = 0; u < units; u++) h[u] = z[u] * previous[u] + (1 - z[u]) * g[u];
    });
  },
};

function vector(data: Float64Array | Float32Array): Tensor {
  return { shape: [data.length], data };
}
