import type { Layer } from '../../layers/layer.ts';
import { type ActivationName, type ActivationRef, activationParts } from '../../math/activations.ts';
import { type Rows, rowsOf } from '../../math/tensor.ts';
import { extremes, isSurveyed } from '../../trace/extremes.ts';
import { extremesOf } from '../../trace/statistics.ts';
import { numberText } from '../notation.ts';
import type { HeatScale } from '../theme/heat.ts';

export interface Scale {
  readonly kind: HeatScale;
  readonly max: number;
  /** True where the end is the largest number of the run and not a bound of the activation. */
  readonly fitted: boolean;
}

const UNIT_INTERVAL: readonly ActivationName[] = [
  'sigmoid',
  'hard_sigmoid',
  'hard_sigmoid_keras2',
  'sparse_sigmoid',
  'softmax',
  'sparsemax',
];
const BOTH_SIGNS: readonly ActivationName[] = ['tanh', 'hard_tanh', 'softsign'];
const NOT_NEGATIVE: readonly ActivationName[] = [
  'relu',
  'relu6',
  'softplus',
  'exponential',
  'sparse_plus',
  'squareplus',
];

/**
 * The scale of a quantity: the bounds of its activation where it has any, else 0 or − to the largest of the run, so that colours stay while one steps.
 * Numbers that use less than a quarter of −1 … 1 get a scale of their own, as a cell state always does: they would all look like zero.
 */
export function scaleOf(layer: Layer, symbol: string, tensor: Rows): Scale {
  const activation = activationOf(layer, symbol);
  if (symbol === 'm' || (activation && UNIT_INTERVAL.includes(activation)))
    return { kind: 'sequential', max: 1, fitted: false };
  const largest = largestOf(tensor);
  const bounded = activation !== null && BOTH_SIGNS.includes(activation);
  if (bounded && largest >= 0.25) return { kind: 'diverging', max: 1, fitted: false };
  const positive = activation !== null && NOT_NEGATIVE.includes(activation);
  return { kind: positive ? 'sequential' : 'diverging', max: largest || 1, fitted: true };
}

/** The activation whose bounds a quantity has; null where it is not the result of one. h is o ⊙ φ(c), within φ's bounds where o is a share. */
function activationOf(layer: Layer, symbol: string): ActivationName | null {
  const ref = activationRef(layer, symbol);
  return ref && activationParts(ref).name;
}

function activationRef(layer: Layer, symbol: string): ActivationRef | null {
  if (layer.kind === 'lstm') {
    if (symbol === 'i' || symbol === 'f' || symbol === 'o') return layer.recurrentActivation;
    if (symbol === 'g') return layer.activation;
    if (symbol === 'tanh_c') return layer.outputActivation ?? layer.activation;
    return symbol === 'h' && UNIT_INTERVAL.includes(activationParts(layer.recurrentActivation).name)
      ? layer.activation
      : null;
  }
  if (layer.kind === 'gru') {
    if (symbol === 'z' || symbol === 'r') return layer.recurrentActivation;
    return symbol === 'g' || symbol === 'h' ? layer.activation : null;
  }
  if (layer.kind === 'simple_rnn') return symbol === 'h' ? layer.activation : null;
  if (layer.kind === 'softmax' || /^a(_\d+)?$/.test(symbol)) return 'softmax';
  return (layer.kind === 'dense' || layer.kind === 'conv1d' || layer.kind === 'activation') && symbol === 'y'
    ? layer.activation
    : null;
}

const largest = new WeakMap<Rows, { readonly computed: number; readonly size: number }>();

/** Rows that say how large numbers are where not all can be looked at. */
const FIRST = 64;

/** Of the finite numbers, as far as they are computed. */
function largestOf(tensor: Rows): number {
  const computed = ('data' in tensor ? undefined : tensor.computed) ?? rowsOf(tensor);
  const found = largest.get(tensor);
  if (found?.computed === computed) return found.size;
  // Most often none is infinite, and what is found here is what an overview needs too. Where there is none, the first rows have to do.
  const { minimum, maximum } = extremes(tensor, 0, isSurveyed(tensor) ? computed : Math.min(computed, FIRST));
  let size = 0;
  for (let unit = 0; unit < minimum.length; unit++) {
    const each = Math.max(Math.abs(minimum[unit]), Math.abs(maximum[unit]));
    if (each > size) size = each;
  }
  if (size === Number.POSITIVE_INFINITY && isSurveyed(tensor)) size = largestFinite(tensor);
  largest.set(tensor, { computed, size });
  return size;
}

function largestFinite(tensor: Rows): number {
  const { minimum, maximum } = extremesOf(tensor);
  return Number.isFinite(maximum) ? Math.max(Math.abs(minimum), Math.abs(maximum)) : 0;
}

/** `0 … 1`, `±1`, `±0.52` */
export function scaleText({ kind, max }: Scale): string {
  const end = max === 1 ? '1' : numberText(max, 6, max < 0.1 ? 4 : 2);
  return kind === 'sequential' ? `0 … ${end}` : `±${end}`;
}
