/*
 * Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000), as Keras computes it:
 *
 *   i = σ(x W_i + h₋₁ U_i + b_i)      input gate: how much of the candidate is written
 *   f = σ(x W_f + h₋₁ U_f + b_f)      forget gate: how much of the old cell state is kept
 *   g = φ(x W_g + h₋₁ U_g + b_g)      candidate (Keras's `c` gate)
 *   o = σ(x W_o + h₋₁ U_o + b_o)      output gate: how much of the cell state is shown
 *   c = f ⊙ c₋₁ + i ⊙ g               cell state
 *   h = o ⊙ φ(c)                      hidden state, the output
 *
 * σ is recurrent_activation, φ activation; the same φ squashes candidate and output.
 * x [inputDim]; every other vector [units]. Source: keras/src/layers/rnn/lstm.py, LSTMCell.call.
 *
 * Other frameworks vary it. ONNX (operator LSTM): a third function squashes c; pre-activations are clipped; f = 1 − i; peepholes, where i and f
 * see p ⊙ c₋₁ and o sees p ⊙ c (Gers & Schmidhuber 2000). PyTorch (proj_size): h = (o ⊙ φ(c)) P, so that h is shorter than c.
 */
import { activationCall, activationLoop } from '../math/activations.ts';
import { addVectorMatrix } from '../math/linear.ts';
import { columns, type Tensor } from '../math/tensor.ts';
import type { Equation, LayerKind, LstmLayer, Quantities } from './layer.ts';
import { alongTime, clipped, clipTo, recurrentShapes } from './recurrent.ts';

/** The order of the gates' blocks in the stored arrays, and everywhere else. */
export const GATES = ['i', 'f', 'g', 'o'] as const;

type Gate = (typeof GATES)[number];

const gateNames = { i: 'input gate', f: 'forget gate', g: 'candidate', o: 'output gate' };

/** The order of the peepholes' blocks. The candidate has none. */
const PEEPHOLES = ['i', 'f', 'o'] as const;

/** Where the block of a gate begins and ends among the 4·units columns of kernel, recurrent kernel and bias. */
function gateColumns(layer: Pick<LstmLayer, 'units'>, gate: Gate): { from: number; to: number } {
  const from = GATES.indexOf(gate) * layer.units;
  return { from, to: from + layer.units };
}

export const lstm: LayerKind<LstmLayer> = {
  className: () => 'LSTM',

  equations(layer) {
    const { activation, recurrentActivation, outputActivation = activation, useBias, clip } = layer;
    const before = (k: Gate): Equation => {
      const peephole = layer.usePeepholes && k !== 'g' ? ` + p_${k} .* ${k === 'o' ? 'c' : 'c_prev'}` : '';
      const sum = `x * W_${k} + h_prev * U_${k}${useBias ? ` + b_${k}` : ''}${peephole}`;
      return {
        symbol: `z_${k}`,
        meaning: `${gateNames[k]} before its activation`,
        expression: `z_${k} = ${clipped(sum, clip)}`,
      };
    };
    const gate = (k: Gate): Equation => ({
      symbol: k,
      meaning: gateNames[k],
      expression: `${k} = ${activationCall(k === 'g' ? activation : recurrentActivation, `z_${k}`)}`,
    });
    const forget = layer.inputForget
      ? { symbol: 'f', meaning: 'forget gate: what the input gate does not write', expression: 'f = 1 - i' }
      : gate('f');
    const cell = { symbol: 'c', meaning: 'cell state', expression: 'c = f .* c_prev + i .* g' };
    const own = GATES.filter((k) => !(layer.inputForget && k === 'f'));
    const gates = layer.usePeepholes
      ? // o sees the new cell state.
        [...own.filter((k) => k !== 'o').map(before), gate('i'), forget, gate('g'), cell, before('o'), gate('o')]
      : [...own.map(before), gate('i'), forget, gate('g'), gate('o'), cell];
    const shown = 'o .* tanh_c';
    const output = layer.projectionUnits
      ? [
          {
            symbol: 'h_before_projection',
            meaning: 'what the output gate shows',
            expression: `h_before_projection = ${shown}`,
          },
          { symbol: 'h', meaning: 'hidden state, projected', expression: 'h = h_before_projection * P' },
        ]
      : [{ symbol: 'h', meaning: 'hidden state', expression: `h = ${shown}` }];
    return [
      ...gates,
      {
        symbol: 'tanh_c',
        meaning: 'cell state, squashed',
        expression: `tanh_c = ${activationCall(outputActivation, 'c')}`,
      },
      ...output,
    ];
  },

  constants(layer) {
    const { kernel, recurrentKernel, bias, peepholes, projection } = layer.weights;
    const out: Record<string, Tensor> = {};
    for (const gate of GATES) {
      const { from, to } = gateColumns(layer, gate);
      out[`W_${gate}`] = columns(kernel, from, to);
      out[`U_${gate}`] = columns(recurrentKernel, from, to);
      if (bias) out[`b_${gate}`] = columns(bias, from, to);
    }
    if (peepholes) {
      PEEPHOLES.forEach((gate, block) => {
        out[`p_${gate}`] = columns(peepholes, block * layer.units, (block + 1) * layer.units);
      });
    }
    if (projection) out.P = projection;
    return out;
  },

  weightShapes({ units, useBias, usePeepholes, projectionUnits }, input) {
    return {
      kernel: [input[input.length - 1], 4 * units],
      recurrent_kernel: [projectionUnits ?? units, 4 * units],
      ...(useBias && { bias: [4 * units] }),
      ...(usePeepholes && { peepholes: [3 * units] }),
      ...(projectionUnits && { projection: [units, projectionUnits] }),
    };
  },

  outputShapes: (layer, input) => recurrentShapes('LSTM', layer, input),

  forward(layer, x, context): Quantities {
    const { units, clip, weights } = layer;
    const { kernel, recurrentKernel, bias, peepholes, projection } = weights;
    const activate = activationLoop(layer.activation);
    const gateActivate = activationLoop(layer.recurrentActivation);
    const squash = activationLoop(layer.outputActivation ?? layer.activation);
    const widths = Object.fromEntries(lstm.equations(layer).map(({ symbol }) => [symbol, units]));
    if (layer.projectionUnits) widths.h = layer.projectionUnits;
    const z = new Float64Array(4 * units);
    const recurrent = new Float64Array(4 * units);
    const blocks = Object.fromEntries(
      GATES.map((k) => {
        const { from, to } = gateColumns(layer, k);
        return [k, z.subarray(from, to)];
      }),
    ) as Record<Gate, Float64Array>;

    return alongTime(layer, widths, x, context, (row, before, now) => {
      // z = x·W + h₋₁·U + b   [4·units], summed in Keras's order
      z.fill(0);
      recurrent.fill(0);
      addVectorMatrix(z, row, kernel);
      addVectorMatrix(recurrent, before.h, recurrentKernel);
      for (let k = 0; k < z.length; k++) z[k] += recurrent[k];
      if (bias) for (let k = 0; k < z.length; k++) z[k] += bias.data[k];
      const open = (k: Gate, seen?: Float64Array) => {
        if (peepholes && seen) {
          const from = PEEPHOLES.indexOf(k as 'i') * units;
          for (let u = 0; u < units; u++) blocks[k][u] += peepholes.data[from + u] * seen[u];
        }
        clipTo(blocks[k], clip);
        now[`z_${k}`].set(blocks[k]);
        now[k].set(blocks[k]);
        (k === 'g' ? activate : gateActivate)(now[k]);
      };
      const previous = before.c as Float64Array;
      const { i, f, g, o, c, tanh_c: squashed } = now;
      open('i', previous);
      if (layer.inputForget) for (let u = 0; u < units; u++) f[u] = 1 - i[u];
      else open('f', previous);
      open('g');
      for (let u = 0; u < units; u++) c[u] = f[u] * previous[u] + i[u] * g[u];
      open('o', c);
      squashed.set(c);
      squash(squashed);
      const shown = projection ? now.h_before_projection : now.h;
      for (let u = 0; u < units; u++) shown[u] = o[u] * squashed[u];
      if (projection) addVectorMatrix(now.h, shown, projection);
    });
  },
};
