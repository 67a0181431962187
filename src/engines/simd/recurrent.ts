import { gru } from '../../layers/gru.ts';
import type { GruLayer, LstmLayer, SimpleRnnLayer } from '../../layers/layer.ts';
import { lstm } from '../../layers/lstm.ts';
import { simpleRnn } from '../../layers/simple-rnn.ts';
import { row } from '../../math/tensor.ts';
import { type Cell, makeCell } from './cell.ts';
import { KINDS } from './part.ts';
import type { Space } from './space.ts';

/** Not for what other frameworks vary (peepholes, projection, clip, f = 1 − i): those run in float64. */
export function lstmCell(space: Space, layer: LstmLayer): Cell {
  const { activation, recurrentActivation, outputActivation = activation } = layer;
  return makeCell(space, layer, {
    kind: KINDS.lstm,
    symbols: lstm.equations(layer).map(({ symbol }) => symbol),
    gates: 4,
    bias: layer.weights.bias?.data,
    activations: {
      gate: space.activation(recurrentActivation),
      candidate: space.activation(activation),
      output: space.activation(outputActivation),
    },
  });
}

export function gruCell(space: Space, layer: GruLayer): Cell {
  const { resetAfter, activation, recurrentActivation } = layer;
  const { bias } = layer.weights;
  return makeCell(space, layer, {
    kind: resetAfter ? KINDS.gruResetAfter : KINDS.gruResetBefore,
    symbols: gru.equations(layer).map(({ symbol }) => symbol),
    gates: 3,
    bias: bias && row(bias, 0),
    recurrentBias: bias && resetAfter ? row(bias, 1) : undefined,
    candidateApart: !resetAfter,
    activations: { gate: space.activation(recurrentActivation), candidate: space.activation(activation) },
  });
}

export function simpleRnnCell(space: Space, layer: SimpleRnnLayer): Cell {
  return makeCell(space, layer, {
    kind: KINDS.simpleRnn,
    symbols: simpleRnn.equations(layer).map(({ symbol }) => symbol),
    gates: 1,
    bias: layer.weights.bias?.data,
    activations: { candidate: space.activation(layer.activation) },
  });
}
