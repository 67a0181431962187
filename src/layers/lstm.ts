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
 * σ is recurrent_activation, φ activation; the same φ squashes candidate and output. No peepholes.
 * x [inputDim]; every other vector [units]. Source: keras/src/layers/rnn/lstm.py, LSTMCell.call.
 */
import { activations } from '../math/activations.ts';
import { LabError } from '../math/lab-error.ts';
import { addVectorMatrix } from '../math/linear.ts';
import { columns, row, rowsOf, shapeText, type Tensor, tensor } from '../math/tensor.ts';
import type { Equation, LayerKind, LstmLayer, LstmState, Mask, Quantities, Shape, StepContext } from './layer.ts';

/** The order of the gates' blocks in the stored arrays, and everywhere else. */
export const GATES = ['i', 'f', 'g', 'o'] as const;

const gateNames = { i: 'input gate', f: 'forget gate', g: 'candidate', o: 'output gate' };

/** Where the block of a gate begins and ends among the 4·units columns of kernel, recurrent kernel and bias. */
export function gateColumns(layer: LstmLayer, gate: (typeof GATES)[number]): { from: number; to: number } {
  const from = GATES.indexOf(gate) * layer.units;
  return { from, to: from + layer.units };
}

export const lstm: LayerKind<LstmLayer> = {
  className: () => 'LSTM',

  equations(layer) {
    const { activation, recurrentActivation, useBias } = layer;
    const squash = (gate: string) => (gate === 'g' ? activation : recurrentActivation);
    return [
      ...GATES.map((k) => ({
        symbol: `z_${k}`,
        meaning: `${gateNames[k]} before its activation`,
        expression: `z_${k} = x * W_${k} + h_prev * U_${k}${useBias ? ` + b_${k}` : ''}`,
      })),
      ...GATES.map((k) => ({ symbol: k, meaning: gateNames[k], expression: `${k} = ${squash(k)}(z_${k})` })),
      { symbol: 'c', meaning: 'cell state', expression: 'c = f .* c_prev + i .* g' },
      { symbol: 'tanh_c', meaning: 'cell state, squashed', expression: `tanh_c = ${activation}(c)` },
      { symbol: 'h', meaning: 'hidden state', expression: 'h = o .* tanh_c' },
    ] satisfies Equation[];
  },

  constants(layer) {
    const { kernel, recurrentKernel, bias } = layer.weights;
    const out: Record<string, Tensor> = {};
    for (const gate of GATES) {
      const { from, to } = gateColumns(layer, gate);
      out[`W_${gate}`] = columns(kernel, from, to);
      out[`U_${gate}`] = columns(recurrentKernel, from, to);
      if (bias) out[`b_${gate}`] = columns(bias, from, to);
    }
    return out;
  },

  weightShapes({ units, useBias }, input) {
    const inputDim = input[input.length - 1];
    return {
      kernel: [inputDim, 4 * units],
      recurrent_kernel: [units, 4 * units],
      ...(useBias && { bias: [4 * units] }),
    };
  },

  outputShapes(layer, input) {
    if (input.length !== 2) {
      throw new LabError({
        problem: `LSTM wants (timesteps, features), two axes besides the batch.`,
        received: shapeText(input),
        hint:
          input.length === 1
            ? 'the layer before it returns one vector: set return_sequences=True there, or give input_shape=(timesteps, features).'
            : 'flatten or remove the axes that are too many.',
      });
    }
    const state: Shape = [layer.units];
    const output: Shape = layer.returnSequences ? [input[0], layer.units] : state;
    return layer.returnState ? [output, state, state] : [output];
  },

  forward(layer, x, { mask, initialState }): Quantities {
    const { units } = layer;
    const steps = rowsOf(x);
    const symbols = lstm.equations(layer).map((equation) => equation.symbol);
    const quantities = Object.fromEntries(symbols.map((symbol) => [symbol, tensor([steps, units])]));
    const { kernel, recurrentKernel, bias } = layer.weights;
    const squash = activations[layer.activation];
    const gate = activations[layer.recurrentActivation];
    let { h, c } = initialState ?? zeroState(units);
    const z = new Float64Array(4 * units);
    const recurrent = new Float64Array(4 * units);

    for (let t = 0; t < steps; t++) {
      const at = (symbol: string) => row(quantities[symbol], t) as Float64Array;
      if (mask && !mask[t]) {
        for (const symbol of symbols) at(symbol).fill(Number.NaN);
        at('h').set(h);
        at('c').set(c);
        continue;
      }
      // z = x·W + h₋₁·U + b   [4·units], summed in Keras's order
      z.fill(0);
      recurrent.fill(0);
      addVectorMatrix(z, row(x, t), kernel);
      addVectorMatrix(recurrent, h, recurrentKernel);
      for (let k = 0; k < z.length; k++) z[k] += recurrent[k];
      if (bias) for (let k = 0; k < z.length; k++) z[k] += bias.data[k];
      for (const k of GATES) {
        const { from, to } = gateColumns(layer, k);
        at(`z_${k}`).set(z.subarray(from, to));
        at(k).set(z.subarray(from, to));
        (k === 'g' ? squash : gate).apply(at(k));
      }
      const [i, f, g, o] = GATES.map(at);
      const cNext = at('c');
      for (let u = 0; u < units; u++) cNext[u] = f[u] * c[u] + i[u] * g[u];
      const squashed = at('tanh_c');
      squashed.set(cNext);
      squash.apply(squashed);
      const hNext = at('h');
      for (let u = 0; u < units; u++) hNext[u] = o[u] * squashed[u];
      c = cNext;
      h = hNext;
    }
    return quantities;
  },
};

export function zeroState(units: number): LstmState {
  return { h: new Float64Array(units), c: new Float64Array(units) };
}

/**
 * What the layer gives at each step: h, except at masked steps, where Keras repeats the output before it (zero_output_for_mask: gives 0).
 * [steps, units], in processing order, which is also the order in which Keras returns it. Source: keras/src/backend/tensorflow/rnn.py.
 */
export function outputSequence(layer: LstmLayer, h: Tensor, { mask, initialState }: StepContext): Tensor {
  if (!mask) return h;
  const steps = rowsOf(h);
  const out = tensor([steps, layer.units]);
  const start = layer.maskedStart === 'state' && initialState ? initialState.h : new Float64Array(layer.units);
  for (let t = 0; t < steps; t++) {
    if (mask[t]) row(out, t).set(row(h, t));
    else if (!layer.zeroOutputForMask) row(out, t).set(t === 0 ? start : row(out, t - 1));
  }
  return out;
}

/** What the layer returns under its own flags: the output, then h and c after the last step. */
export function lstmReturns(layer: LstmLayer, quantities: Quantities, context: StepContext): Tensor[] {
  const steps = rowsOf(quantities.h);
  const last = (t: Tensor): Tensor => tensor([layer.units], row(t, steps - 1).slice());
  const sequence = outputSequence(layer, quantities.h, context);
  const output = layer.returnSequences ? sequence : last(sequence);
  return layer.returnState ? [output, last(quantities.h), last(quantities.c)] : [output];
}

/** Input order to processing order and back: the same reversal. */
export function reversed<T extends Tensor | Mask>(value: T): T {
  if (value === null) return value;
  if (value instanceof Uint8Array) return value.slice().reverse() as T;
  const steps = rowsOf(value as Tensor);
  const out = tensor((value as Tensor).shape);
  for (let t = 0; t < steps; t++) row(out, t).set(row(value as Tensor, steps - 1 - t));
  return out as T;
}
