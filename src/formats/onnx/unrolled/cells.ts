import type { Building } from '../building.ts';
import type { NodeProto } from '../model-proto.ts';
import { constantOf, type Linear, linearOf } from './linear.ts';

/* One timestep of a cell as exporters write it out: LSTMCell, GRUCell, RNNCell of PyTorch, and the same equations written by hand. */

export interface Step {
  readonly operator: 'LSTM' | 'GRU' | 'RNN';
  /** What it gives. */
  readonly h: string;
  readonly c: string | null;
  /** What it starts from; an RNN's h is one of the inputs of its sum. */
  readonly cPrevious: string | null;
  readonly hPrevious: string | null;
  /** LSTM: i o f c; GRU: z r, and of the candidate what comes of x and what of h; RNN: one. */
  readonly parts: readonly Linear[];
  readonly activation: 'Tanh' | 'Relu';
}

/** The timestep whose h this node makes; null where it makes none. */
export function stepOf(building: Building, node: NodeProto): Step | null {
  if (node.domain !== '') return null;
  switch (node.opType) {
    case 'Mul':
      return lstm(building, node);
    case 'Add':
      return gru(building, node);
    case 'Tanh':
    case 'Relu':
      return rnn(building, node);
    default:
      return null;
  }
}

export function made({ producers }: Building, name: string | undefined, opType: string): NodeProto | null {
  const node = producers.get(name ?? '');
  return node?.opType === opType && node.domain === '' ? node : null;
}

/** Both orders of an operator's two inputs. */
export function orders(node: NodeProto | null): readonly (readonly [string, string])[] {
  if (node?.inputs.length !== 2) return [];
  const [a, b] = node.inputs;
  return [
    [a, b],
    [b, a],
  ];
}

/** What is inside an activation, as a sum. */
function inside(building: Building, name: string, activation: 'Sigmoid' | 'Tanh'): Linear | null {
  const node = made(building, name, activation);
  return node && linearOf(building, node.inputs[0]);
}

function alike(parts: readonly (Linear | null)[]): readonly Linear[] | null {
  const whole = parts.filter((one) => one !== null);
  return whole.length === parts.length && whole.every(({ length }) => length === whole[0].length) ? whole : null;
}

/** h = σ(o) · tanh(c), c = σ(f) · c_prev + σ(i) · tanh(g) */
function lstm(building: Building, node: NodeProto): Step | null {
  for (const [o, squashed] of orders(node)) {
    const c = made(building, squashed, 'Tanh')?.inputs[0];
    if (c === undefined || made(building, o, 'Sigmoid') === null) continue;
    for (const [kept, written] of orders(made(building, c, 'Add')))
      for (const [f, cPrevious] of orders(made(building, kept, 'Mul')))
        for (const [i, g] of orders(made(building, written, 'Mul'))) {
          const gates = [i, o, f].map((name) => inside(building, name, 'Sigmoid'));
          const parts = alike([...gates, inside(building, g, 'Tanh')]);
          if (parts)
            return { operator: 'LSTM', h: node.outputs[0], c, cPrevious, hPrevious: null, parts, activation: 'Tanh' };
        }
  }
  return null;
}

/** h = (1 − z) · n + z · h_prev, or n + z · (h_prev − n); n = tanh(x part + r · h part) */
function gru(building: Building, node: NodeProto): Step | null {
  for (const [a, b] of orders(node))
    for (const [z, rest] of orders(made(building, a, 'Mul'))) {
      const difference = made(building, rest, 'Sub');
      const found =
        difference && difference.inputs[1] === b
          ? { n: b, hPrevious: difference.inputs[0] }
          : blended(building, z, rest, b);
      if (found === null) continue;
      const candidate = made(building, found.n, 'Tanh')?.inputs[0];
      for (const [own, gated] of orders(made(building, candidate, 'Add')))
        for (const [r, of] of orders(made(building, gated, 'Mul'))) {
          const gates = [z, r].map((name) => inside(building, name, 'Sigmoid'));
          const parts = alike([...gates, linearOf(building, own), linearOf(building, of)]);
          const { hPrevious } = found;
          if (parts)
            return {
              operator: 'GRU',
              h: node.outputs[0],
              c: null,
              cPrevious: null,
              hPrevious,
              parts,
              activation: 'Tanh',
            };
        }
    }
  return null;
}

/** z · h_prev beside (1 − z) · n */
function blended(building: Building, z: string, hPrevious: string, other: string) {
  for (const [less, n] of orders(made(building, other, 'Mul'))) {
    const [one, own] = made(building, less, 'Sub')?.inputs ?? [];
    if (own === z && constantOf(building, one ?? '')?.data.every((value) => value === 1)) return { n, hPrevious };
  }
  return null;
}

/** h = tanh(W x + U h_prev + b) */
function rnn(building: Building, node: NodeProto): Step | null {
  const sum = linearOf(building, node.inputs[0]);
  if (sum === null || sum.terms.length === 0 || sum.terms.length > 2) return null;
  const activation = node.opType as 'Tanh' | 'Relu';
  return { operator: 'RNN', h: node.outputs[0], c: null, cPrevious: null, hPrevious: null, parts: [sum], activation };
}
