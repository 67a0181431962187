import { type Tensor, tensor } from '../../../math/tensor.ts';
import { type Building, copying, type Doing, type Weights } from '../building.ts';
import { constantOf, type Term } from '../unrolled/linear.ts';
import { matrix } from '../unrolled/operator.ts';
import type { Cell, Part } from './cell.ts';

/** What a layer returns beside what its cell says. */
export interface Flags {
  readonly goBackwards: boolean;
  readonly maskBackwards?: true;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly zeroOutputForMask: boolean;
  readonly maskedStart: 'zeros' | 'state';
}

/** A cell as a layer's spec. */
export function specOf(
  { operator, activation, recurrentActivation, outputActivation, resetAfter, parts }: Cell,
  flags: Flags,
): Doing {
  const common = {
    ...flags,
    units: parts[0].added.length,
    useBias: parts.some(({ hasBias }) => hasBias),
    activation,
    stateful: false,
    unroll: false,
    dropout: 0,
    recurrentDropout: 0,
  } as const;
  switch (operator) {
    case 'LSTM': {
      const isOwn = JSON.stringify(outputActivation) !== JSON.stringify(activation);
      return { kind: 'lstm', ...common, recurrentActivation, ...(isOwn && { outputActivation }) };
    }
    case 'GRU':
      return { kind: 'gru', ...common, recurrentActivation, resetAfter };
    case 'RNN':
      return { kind: 'simple_rnn', ...common };
  }
}

/** Its weights as Keras has them: kernel [features, gates · units], recurrent_kernel, bias. */
export function weightsOf(building: Building, view: Building, cell: Cell): Weights {
  const { parts, operator, resetAfter } = cell;
  const [kernel, recurrent] = (['x', 'h'] as const).map((which) => joined(building, view, parts, which));
  if (!parts.some(({ hasBias }) => hasBias)) return { kernel, recurrent_kernel: recurrent };
  const added = parts.map((part) => Array.from(part.added));
  const bias = (rows: readonly (readonly number[])[]) => rows.flat();
  if (operator !== 'GRU' || !resetAfter)
    return { kernel, recurrent_kernel: recurrent, bias: tensor([bias(added).length], Float64Array.from(bias(added))) };
  const [z, r, own, of] = added;
  const none = z.map(() => 0);
  const both = Float64Array.from(bias([z, r, own, none, none, of]));
  return { kernel, recurrent_kernel: recurrent, bias: tensor([2, both.length / 2], both) };
}

function joined(building: Building, view: Building, parts: readonly Part[], which: 'x' | 'h'): Tensor {
  const terms = parts.flatMap((part): readonly Term[] => {
    const term = part[which];
    return term === null ? [] : [term];
  });
  const gates = terms.map((term) => {
    const size = constantOf(view, term.weight)?.shape.reduce((a, b) => a * b, 1) ?? 0;
    copying(building, size);
    return matrix(view, term);
  });
  const rows = gates.flat();
  const length = rows[0].length;
  const isSingle = terms.every(({ weight }) => constantOf(view, weight)?.data instanceof Float32Array);
  const data = new (isSingle ? Float32Array : Float64Array)(length * rows.length);
  rows.forEach((row, column) => {
    for (let at = 0; at < length; at++) data[at * rows.length + column] = row[at];
  });
  return tensor([length, rows.length], data);
}
