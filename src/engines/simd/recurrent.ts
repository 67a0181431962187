import { gru } from '../../layers/gru.ts';
import type { GruLayer, LstmLayer, SimpleRnnLayer } from '../../layers/layer.ts';
import { lstm } from '../../layers/lstm.ts';
import { simpleRnn } from '../../layers/simple-rnn.ts';
import { row } from '../../math/tensor.ts';
import type { Cell } from './along-time.ts';
import { pack, packBias } from './packed.ts';
import type { Space } from './space.ts';

/** Not for what other frameworks vary (peepholes, projection, clip, f = 1 − i): those run in float64. */
export function lstmCell(space: Space, layer: LstmLayer): Cell {
  const { units, weights } = layer;
  const kernel = pack(space, weights.kernel);
  const recurrent = pack(space, weights.recurrentKernel);
  const sums = space.allocate(recurrent.columns);
  const gate = space.activation(layer.recurrentActivation);
  const candidate = space.activation(layer.activation);
  const output = space.activation(layer.outputActivation ?? layer.activation);
  return {
    layer,
    symbols: lstm.equations(layer).map(({ symbol }) => symbol),
    kernel,
    bias: packBias(space, kernel, weights.bias?.data),
    steps({ quantities, stride, projected, mask }, count) {
      const { place, panels } = recurrent;
      const activations = [gate, candidate, output];
      space.kernels.lstm(quantities, stride, count, units, projected, place, panels, mask, sums, ...activations);
    },
  };
}

export function gruCell(space: Space, layer: GruLayer): Cell {
  const { units, weights } = layer;
  const kernel = pack(space, weights.kernel);
  const cell = {
    layer,
    symbols: gru.equations(layer).map(({ symbol }) => symbol),
    kernel,
    bias: packBias(space, kernel, weights.bias && row(weights.bias, 0)),
  };
  const sums = space.allocate(kernel.columns);
  const activations = [space.activation(layer.recurrentActivation), space.activation(layer.activation)];
  if (layer.resetAfter) {
    const { place, panels } = pack(space, weights.recurrentKernel);
    const bias = packBias(space, kernel, weights.bias && row(weights.bias, 1));
    return {
      ...cell,
      steps({ quantities, stride, projected, mask }, count) {
        const block = [quantities, stride, count, units, projected];
        space.kernels.gruResetAfter(...block, place, panels, bias, mask, sums, ...activations);
      },
    };
  }
  const gates = pack(space, weights.recurrentKernel, 0, 2 * units);
  const candidate = pack(space, weights.recurrentKernel, 2 * units);
  const reset = space.allocate(units);
  const recurrent = [kernel.panels, gates.place, gates.panels, candidate.place, candidate.panels];
  return {
    ...cell,
    steps({ quantities, stride, projected, mask }, count) {
      const block = [quantities, stride, count, units, projected];
      space.kernels.gruResetBefore(...block, ...recurrent, mask, sums, reset, ...activations);
    },
  };
}

export function simpleRnnCell(space: Space, layer: SimpleRnnLayer): Cell {
  const { units, weights } = layer;
  const kernel = pack(space, weights.kernel);
  const { place, panels } = pack(space, weights.recurrentKernel);
  const sums = space.allocate(kernel.columns);
  const activation = space.activation(layer.activation);
  return {
    layer,
    symbols: simpleRnn.equations(layer).map(({ symbol }) => symbol),
    kernel,
    bias: packBias(space, kernel, weights.bias?.data),
    steps({ quantities, stride, projected, mask }, count) {
      space.kernels.simpleRnn(quantities, stride, count, units, projected, place, panels, mask, sums, activation);
    },
  };
}
