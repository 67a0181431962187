/*
 * Bidirectional: the same sequence is read twice, forwards and backwards, by two layers of their own; this is where their outputs meet.
 *
 *   y = [x_1, x_2]   concat     y = x_1 + x_2   sum     y = x_1 ⊙ x_2   mul     y = (x_1 + x_2) / 2   ave
 *
 * x_1 is what the forward layer gives, x_2 what the backward layer gives, turned around first if it is a sequence, so that both speak of the same
 * timestep. Without merging (mergeMode null) both are returned. States are never merged: they pass through.
 * Source: keras/src/layers/rnn/bidirectional.py.
 */
import { concatenated } from '../math/axes.ts';
import { LabError } from '../math/lab-error.ts';
import { row, rowsOf, type Tensor, tensor, widthOf } from '../math/tensor.ts';
import { batchShape } from './axes.ts';
import type { BidirectionalLayer, Equation, LayerKind, Quantities, StepContext } from './layer.ts';
import { reversed } from './recurrent.ts';

const merged = {
  concat: 'concat(-1, x_1, x_2)',
  sum: 'x_1 + x_2',
  mul: 'x_1 .* x_2',
  ave: '(x_1 + x_2) / 2',
};

/** The forward and the backward output as rows, both in the order of time. */
function directions(layer: BidirectionalLayer, { inputs }: Pick<StepContext, 'inputs'>): [Tensor, Tensor] {
  const [forward, backward] = inputs;
  return [forward, layer.returnSequences ? reversed(backward) : backward];
}

export const bidirectional: LayerKind<BidirectionalLayer> = {
  className: () => 'Bidirectional',
  inputCount: [2, 6],

  equations({ mergeMode }): Equation[] {
    if (mergeMode === null) {
      return [
        { symbol: 'y', meaning: 'what the forward layer gives', expression: 'y = x_1' },
        {
          symbol: 'y_backward',
          meaning: 'what the backward layer gives, in the order of time',
          expression: 'y_backward = x_2',
        },
      ];
    }
    return [{ symbol: 'y', meaning: 'both directions, merged', expression: `y = ${merged[mergeMode]}` }];
  },

  constants: () => ({}),
  weightShapes: () => ({}),

  outputShapes(layer, forward, backward, ...states) {
    const axes = layer.returnSequences ? 2 : 1;
    const width = (shape: typeof forward) => shape[shape.length - 1];
    const { mergeMode } = layer;
    if (
      forward.length !== axes ||
      backward.length !== axes ||
      (mergeMode !== 'concat' && mergeMode !== null && width(forward) !== width(backward))
    ) {
      throw new LabError({
        problem: `the two directions of a Bidirectional must both give ${layer.returnSequences ? 'a sequence' : 'one vector'}, of the same length.`,
        received: `${batchShape(forward)} and ${batchShape(backward)}`,
        hint: 'forward and backward layer have the same units and return_sequences.',
      });
    }
    if (mergeMode === null) return [forward, backward, ...states];
    if (mergeMode !== 'concat') return [forward, ...states];
    const both = [width(forward), width(backward)];
    const joined = both.includes(null) ? null : (both[0] as number) + (both[1] as number);
    return [[...forward.slice(0, -1), joined], ...states];
  },

  /** Keras's names of the outputs; the states are those of two LSTMs, or of two cells with one state each. */
  outputNames({ mergeMode }, count) {
    const outputs = mergeMode === null ? ['output_forward', 'output_backward'] : ['output'];
    const states = count - outputs.length === 4 ? ['h', 'c'] : ['h'];
    return [...outputs, ...['forward', 'backward'].flatMap((way) => states.map((state) => `${way}_${state}`))];
  },

  rows(layer, context) {
    const [forward, backward] = directions(layer, context);
    const at = (t: Tensor, n: number): Tensor => ({ shape: [widthOf(t)], data: row(t, n) });
    return { count: rowsOf(forward), bindings: (n) => ({ x_1: at(forward, n), x_2: at(backward, n) }) };
  },

  forward(layer, _, context): Quantities {
    const [forward, backward] = directions(layer, context).map((t) => tensor([rowsOf(t), widthOf(t)], t.data));
    if (layer.mergeMode === null) return { y: forward, y_backward: backward };
    if (layer.mergeMode === 'concat') return { y: concatenated([forward, backward], 1) };
    const y = tensor(forward.shape);
    const [a, b] = [forward.data, backward.data];
    for (let n = 0; n < y.data.length; n++)
      y.data[n] = layer.mergeMode === 'mul' ? a[n] * b[n] : layer.mergeMode === 'sum' ? a[n] + b[n] : (a[n] + b[n]) / 2;
    return { y };
  },

  returns(layer, quantities, { inputs }) {
    const [forward, backward, ...states] = inputs;
    const shaped = (t: Tensor, like: Tensor) => tensor([...like.shape.slice(0, -1), widthOf(t)], t.data);
    const outputs = [shaped(quantities.y, forward)];
    if (layer.mergeMode === null) outputs.push(shaped(quantities.y_backward, backward));
    return [...outputs, ...states];
  },

  outputMask: (layer, { mask }) => (layer.returnSequences ? mask : null),
};
