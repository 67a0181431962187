/*
 * Dense: z = x W + b, y = φ(z), on the last axis; every timestep of a sequence alike, which is also what TimeDistributed(Dense) does.
 * x [inputDim], z and y [units]. Source: keras/src/layers/core/dense.py.
 */
import { activationCall, activationLoop } from '../math/activations.ts';
import { LabError } from '../math/lab-error.ts';
import { addVectorMatrix } from '../math/linear.ts';
import { row, rowsOf, shapeText, tensor } from '../math/tensor.ts';
import type { DenseLayer, LayerKind } from './layer.ts';

export const dense: LayerKind<DenseLayer> = {
  className: (layer) => (layer.timeDistributed ? 'TimeDistributed' : 'Dense'),

  equations: (layer) => [
    { symbol: 'z', meaning: 'weighted sum', expression: `z = x * W${layer.useBias ? ' + b' : ''}` },
    { symbol: 'y', meaning: 'output', expression: `y = ${activationCall(layer.activation, 'z')}` },
  ],

  constants: ({ weights }) => ({ W: weights.kernel, ...(weights.bias && { b: weights.bias }) }),

  weightShapes: ({ units, useBias }, input) => ({
    kernel: [input[input.length - 1], units],
    ...(useBias && { bias: [units] }),
  }),

  outputShapes(layer, input) {
    if (input.length < (layer.timeDistributed ? 2 : 1)) {
      throw new LabError({
        problem: layer.timeDistributed
          ? 'TimeDistributed wants (timesteps, features), two axes besides the batch.'
          : 'Dense wants at least one axis besides the batch.',
        received: shapeText(input),
      });
    }
    return [[...input.slice(0, -1), layer.units]];
  },

  forward(layer, x) {
    const steps = rowsOf(x);
    const z = tensor([steps, layer.units]);
    const y = tensor([steps, layer.units]);
    const { kernel, bias } = layer.weights;
    const activate = activationLoop(layer.activation);
    for (let t = 0; t < steps; t++) {
      const sum = row(z, t) as Float64Array;
      addVectorMatrix(sum, row(x, t), kernel);
      if (bias) for (let u = 0; u < layer.units; u++) sum[u] += bias.data[u];
      const out = row(y, t) as Float64Array;
      out.set(sum);
      activate(out);
    }
    return { z, y };
  },
};
