import { type ActivationRef, activationWith } from '../../math/activations.ts';
import { cannot } from './building.ts';
import type { NodeProto } from './model-proto.ts';
import { floatOf, stringOf } from './node.ts';

/** Float32 parameters as they were meant: 0.2, not 0.20000000298. */
export function rounded(value: number): number {
  const short = Number(value.toPrecision(7));
  return Math.fround(short) === Math.fround(value) ? short : value;
}

/** A function of a cell, with the alpha and beta that it has if none are given. */
interface CellFunction {
  readonly make: (alpha: number, beta: number) => ActivationRef;
  readonly alpha?: number;
  readonly beta?: number;
}

/** The functions that LSTM, GRU and RNN may name. Source: onnxruntime, rnn_helpers.h. */
const CELL = new Map<string, CellFunction>(
  Object.entries({
    relu: { make: () => 'relu' },
    tanh: { make: () => 'tanh' },
    sigmoid: { make: () => 'sigmoid' },
    softsign: { make: () => 'softsign' },
    softplus: { make: () => 'softplus' },
    leakyrelu: { make: (alpha) => activationWith('leaky_relu', alpha), alpha: 0.01 },
    thresholdedrelu: { make: (alpha) => activationWith('thresholded_relu', alpha), alpha: 1 },
    elu: { make: (alpha) => activationWith('elu', alpha), alpha: 1 },
    hardsigmoid: { make: (alpha, beta) => activationWith('linear_hard_sigmoid', alpha, beta), alpha: 0.2, beta: 0.5 },
    scaledtanh: { make: (alpha, beta) => activationWith('scaled_tanh', alpha, beta), alpha: 1, beta: 1 },
    affine: { make: (alpha, beta) => activationWith('affine', alpha, beta), alpha: 1, beta: 0 },
  } satisfies Record<string, CellFunction>),
);

const DEFAULTS = { LSTM: ['Sigmoid', 'Tanh', 'Tanh'], GRU: ['Sigmoid', 'Tanh'], RNN: ['Tanh'] };

/** The functions of each direction. activation_alpha and activation_beta are used up in order, by those functions that have such a parameter. */
export function recurrentActivations(
  { attributes }: NodeProto,
  operator: 'LSTM' | 'GRU' | 'RNN',
  directions: number,
): ActivationRef[][] {
  const each = DEFAULTS[operator];
  const names = attributes.get('activations')?.strings ?? [];
  const alphas = [...(attributes.get('activation_alpha')?.floats ?? [])];
  const betas = [...(attributes.get('activation_beta')?.floats ?? [])];
  if (names.length !== 0 && names.length !== each.length * directions)
    throw cannot(`it names ${names.length} activations, and ${each.length * directions} are wanted.`);
  return Array.from({ length: directions }, (_, direction) =>
    each.map((usual, at) => {
      const name = names[direction * each.length + at] ?? usual;
      const known = CELL.get(name.toLowerCase());
      if (known === undefined) throw cannot(`the lab does not know the activation "${name.slice(0, 40)}".`);
      const alpha = known.alpha === undefined ? 0 : rounded(alphas.shift() ?? known.alpha);
      const beta = known.beta === undefined ? 0 : rounded(betas.shift() ?? known.beta);
      return known.make(alpha, beta);
    }),
  );
}

/** Operators that are one function of each number. Null: none of them. */
export function activationOf(node: NodeProto): ActivationRef | null {
  const parameter = (name: string, otherwise: number) => rounded(floatOf(node, name, otherwise));
  switch (node.opType) {
    case 'Relu':
      return 'relu';
    case 'Sigmoid':
      return 'sigmoid';
    case 'Tanh':
      return 'tanh';
    case 'Softplus':
      return 'softplus';
    case 'Softsign':
      return 'softsign';
    case 'Exp':
      return 'exponential';
    case 'Neg':
      return activationWith('affine', -1, 0);
    case 'Mish':
      return 'mish';
    case 'LeakyRelu':
      return activationWith('leaky_relu', parameter('alpha', 0.01));
    case 'ThresholdedRelu':
      return activationWith('thresholded_relu', parameter('alpha', 1));
    case 'Elu':
      return activationWith('elu', parameter('alpha', 1));
    case 'Celu':
      return activationWith('celu', parameter('alpha', 1));
    case 'HardSigmoid':
      return activationWith('linear_hard_sigmoid', parameter('alpha', 0.2), parameter('beta', 0.5));
    case 'HardSwish':
      return 'hard_silu';
    case 'Swish':
      return parameter('alpha', 1) === 1 ? 'silu' : null;
    case 'Gelu':
      return stringOf(node, 'approximate', 'none') === 'tanh' ? 'gelu_tanh' : 'gelu';
    case 'Selu':
      return isSelu(parameter('alpha', 1.673_263_2), parameter('gamma', 1.050_701)) ? 'selu' : null;
    case 'Shrink':
      return shrink(parameter('lambd', 0.5), parameter('bias', 0));
    default:
      return null;
  }
}

function isSelu(alpha: number, gamma: number): boolean {
  return Math.abs(alpha - 1.673_263_242) < 1e-5 && Math.abs(gamma - 1.050_700_987) < 1e-5;
}

function shrink(threshold: number, bias: number): ActivationRef | null {
  if (bias === 0) return activationWith('hard_shrink', threshold);
  return bias === threshold ? activationWith('soft_shrink', threshold) : null;
}

/** min(high, max(low, x)); null where the lab has no one function for it. */
export function clip(low: number, high: number): ActivationRef | null {
  if (low === 0)
    return high === 6
      ? 'relu6'
      : high > 3e38
        ? 'relu'
        : high > 0
          ? activationWith('bounded_relu', rounded(high), 0, 0)
          : null;
  if (low === -1 && high === 1) return 'hard_tanh';
  return low < -3e38 && high > 3e38 ? 'linear' : null;
}
