import { describe, expect, it } from 'vitest';
import { prepareLayers } from '../../src/engines/simd/simd.ts';
import type { DenseLayer, RecurrentLayer, RecurrentState } from '../../src/layers/layer.ts';
import { stateNames } from '../../src/layers/recurrent.ts';
import { row, rows, type Tensor, tensor } from '../../src/math/tensor.ts';
import { gruLayer, lstmLayer, numbers, recurrentLayers } from './simd-layers.ts';

const STEPS = 120;

/** Beginnings and ends, of one timestep and of many, of a length that products take four rows at a time of and not. */
const WINDOWS = [
  [0, 1],
  [0, 4],
  [1, 2],
  [5, 12],
  [33, 97],
  [64, 120],
  [119, 120],
] as const;

const steps = ({ shape: [, ...rest], data }: Tensor, from: number, to: number): Tensor =>
  tensor([to - from, ...rest], data.slice((from * data.length) / STEPS, (to * data.length) / STEPS));

const bits = (data: Tensor['data']) => Array.from(new Uint32Array(Float32Array.from(data).buffer));

function expectSameWindows(layer: RecurrentLayer, mask: Uint8Array | null): void {
  const compute = prepareLayers([layer], 1);
  const x = numbers([STEPS, layer.weights.kernel.shape[0]]);
  const whole = compute(layer, x, { mask, initialState: null, inputs: [x], masks: [mask] });
  for (const [from, to] of WINDOWS) {
    const before = from > 0 && stateNames(layer).map((name) => [name, Float64Array.from(row(whole[name], from - 1))]);
    const initialState = before ? (Object.fromEntries(before) as unknown as RecurrentState) : null;
    const [part, itsMask] = [steps(x, from, to), mask ? mask.subarray(from, to) : null];
    const window = compute(layer, part, { mask: itsMask, initialState, inputs: [part], masks: [itsMask] });
    for (const [symbol, t] of Object.entries(whole))
      expect(bits(window[symbol].data), `${symbol} of steps ${from} to ${to}`).toEqual(bits(rows(t, from, to)));
  }
}

describe('a window of a run, from the state recorded before it, is the same bit for bit as in the whole run', () => {
  const mask = Uint8Array.from({ length: STEPS }, (_, t) => (t % 5 === 1 ? 0 : 1));
  const inFloat64 = {
    'LSTM with peepholes': lstmLayer(3, 5, {
      usePeepholes: true,
      weights: { ...lstmLayer(3, 5).weights, peepholes: numbers([15]) },
    }),
    'LSTM that is clipped': lstmLayer(3, 5, { clip: 0.2 }),
    'GRU that is clipped': gruLayer(3, 5, { clip: 0.2 }),
  };
  const layers = { ...recurrentLayers(3, 5), ...inFloat64 };

  it.each(Object.entries(layers))('%s', (_, layer) => {
    expectSameWindows(layer, null);
    expectSameWindows(layer, mask);
  });

  it.each(Object.entries(recurrentLayers(9, 72)))('%s in several blocks', (_, layer) => {
    expectSameWindows(layer, null);
  });
});

describe('a row of a product is the same bit for bit whatever rows are computed with it', () => {
  it.each([
    [1, 1],
    [5, 7],
    [33, 20],
    [64, 40],
  ])('Dense of %i inputs and %i units', (inputs, units) => {
    const layer: DenseLayer = {
      kind: 'dense',
      name: 'dense',
      trainable: true,
      units,
      activation: 'tanh',
      useBias: true,
      timeDistributed: false,
      weights: { kernel: numbers([inputs, units]), bias: numbers([units]) },
    };
    const compute = prepareLayers([layer], 1);
    const run = (x: Tensor) => compute(layer, x, { mask: null, initialState: null, inputs: [x], masks: [null] });
    const x = numbers([STEPS, inputs]);
    const whole = run(x);
    for (const [from, to] of WINDOWS)
      expect(bits(run(steps(x, from, to)).z.data)).toEqual(bits(rows(whole.z, from, to)));
  });
});
