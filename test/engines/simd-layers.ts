import type { GruLayer, LstmLayer, RecurrentLayer, SimpleRnnLayer } from '../../src/layers/layer.ts';
import { type Tensor, tensor } from '../../src/math/tensor.ts';

/** Numbers between −size and size that look like none in particular. */
export function numbers(shape: readonly number[], size = 1): Tensor {
  const data = Float32Array.from(
    { length: shape.reduce((product, length) => product * length, 1) },
    (_, at) => size * Math.sin(12.9898 * (at + 1) + at * at * 0.001),
  );
  return tensor(shape, data);
}

function weights(features: number, units: number, gates: number, bias: readonly number[]) {
  return {
    kernel: numbers([features, gates * units], 0.3),
    recurrentKernel: numbers([units, gates * units], 0.1),
    bias: numbers(bias, 0.2),
  };
}

const SETTINGS = {
  trainable: true,
  activation: 'tanh',
  useBias: true,
  returnSequences: true,
  returnState: false,
  goBackwards: false,
  stateful: false,
  unroll: false,
  zeroOutputForMask: false,
  maskedStart: 'zeros',
  dropout: 0,
  recurrentDropout: 0,
} as const;

export function lstmLayer(features: number, units: number, settings: Partial<LstmLayer> = {}): LstmLayer {
  return {
    ...SETTINGS,
    kind: 'lstm',
    name: 'lstm',
    units,
    recurrentActivation: 'sigmoid',
    weights: weights(features, units, 4, [4 * units]),
    ...settings,
  };
}

export function gruLayer(features: number, units: number, settings: Partial<GruLayer> = {}): GruLayer {
  const resetAfter = settings.resetAfter ?? true;
  return {
    ...SETTINGS,
    kind: 'gru',
    name: 'gru',
    units,
    recurrentActivation: 'sigmoid',
    resetAfter,
    weights: weights(features, units, 3, resetAfter ? [2, 3 * units] : [3 * units]),
    ...settings,
  };
}

function simpleRnnLayer(features: number, units: number, settings: Partial<SimpleRnnLayer> = {}): SimpleRnnLayer {
  return {
    ...SETTINGS,
    kind: 'simple_rnn',
    name: 'simple_rnn',
    units,
    weights: weights(features, units, 1, [units]),
    ...settings,
  };
}

/** Each kind of recurrent layer that the kernels compute. */
export function recurrentLayers(features: number, units: number): Record<string, RecurrentLayer> {
  return {
    LSTM: lstmLayer(features, units),
    GRU: gruLayer(features, units),
    'GRU that resets before the product': gruLayer(features, units, { resetAfter: false }),
    SimpleRNN: simpleRnnLayer(features, units),
  };
}
