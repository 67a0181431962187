/*
 * The plain recurrent layer (Elman 1990): z_h = x W + h₋₁ U + b, h = φ(z_h). There is no gate: every step rewrites the whole state.
 * x [inputDim]; z_h and h [units]. Source: keras/src/layers/rnn/simple_rnn.py, SimpleRNNCell.call.
 */
import { activationCall, activationLoop } from '../math/activations.ts';
import { addVectorMatrix } from '../math/linear.ts';
import type { LayerKind, SimpleRnnLayer } from './layer.ts';
import { alongTime, clipped, clipTo, recurrentShapes } from './recurrent.ts';

export const simpleRnn: LayerKind<SimpleRnnLayer> = {
  className: () => 'SimpleRNN',

  equations: ({ activation, useBias, clip }) => [
    {
      symbol: 'z_h',
      meaning: 'hidden state before its activation',
      expression: `z_h = ${clipped(`x * W + h_prev * U${useBias ? ' + b' : ''}`, clip)}`,
    },
    { symbol: 'h', meaning: 'hidden state', expression: `h = ${activationCall(activation, 'z_h')}` },
  ],

  constants: ({ weights }) => ({
    W: weights.kernel,
    U: weights.recurrentKernel,
    ...(weights.bias && { b: weights.bias }),
  }),

  weightShapes: ({ units, useBias }, input) => ({
    kernel: [input[input.length - 1], units],
    recurrent_kernel: [units, units],
    ...(useBias && { bias: [units] }),
  }),

  outputShapes: (layer, input) => recurrentShapes('SimpleRNN', layer, input),

  forward(layer, x, context) {
    const { units, clip } = layer;
    const { kernel, recurrentKernel, bias } = layer.weights;
    const activate = activationLoop(layer.activation);
    const recurrent = new Float64Array(units);
    return alongTime(layer, { z_h: units, h: units }, x, context, (row, before, { z_h, h }) => {
      recurrent.fill(0);
      addVectorMatrix(z_h, row, kernel);
      addVectorMatrix(recurrent, before.h, recurrentKernel);
      for (let u = 0; u < units; u++) z_h[u] += recurrent[u];
      if (bias) for (let u = 0; u < units; u++) z_h[u] += bias.data[u];
      clipTo(z_h, clip);
      h.set(z_h);
      activate(h);
    });
  },
};
