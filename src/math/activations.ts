import { erf } from './erf.ts';

/**
 * An activation, stated twice: as the mathjs expression in `x` that the reference engine evaluates and the screen prints, and as the loop that
 * the kernel runs. Formulas: keras/src/activations/activations.py and backend/numpy/nn.py, in the form that does not overflow early.
 */
export interface Activation {
  /** Of one number x, or of the whole vector x where `wholeVector` is set. */
  readonly expression: string;
  readonly wholeVector?: true;
  /** Overwrites z with the activation of z. */
  apply(z: Float64Array): void;
}

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const hardSigmoid = (x: number) => Math.max(0, Math.min(1, x / 6 + 0.5));

function each(expression: string, f: (x: number) => number): Activation {
  return {
    expression,
    apply(z) {
      for (let at = 0; at < z.length; at++) z[at] = f(z[at]);
    },
  };
}

function whole(expression: string, apply: (z: Float64Array) => void): Activation {
  return { expression, wholeVector: true, apply };
}

/** Keras's `hard_sigmoid` is two functions; `activationName` picks by version. */
const table = {
  linear: each('x', (x) => x),
  relu: each('max(0, x)', (x) => Math.max(0, x)),
  relu6: each('max(0, min(6, x))', (x) => Math.max(0, Math.min(6, x))),
  leaky_relu: each('x < 0 ? 0.2 * x : x', (x) => (x < 0 ? 0.2 * x : x)),
  elu: each('x < 0 ? expm1(x) : x', (x) => (x < 0 ? Math.expm1(x) : x)),
  selu: each(
    `${SELU_SCALE} * (x < 0 ? ${SELU_ALPHA} * expm1(x) : x)`,
    (x) => SELU_SCALE * (x < 0 ? SELU_ALPHA * Math.expm1(x) : x),
  ),
  celu: each('max(0, x) + expm1(min(0, x))', (x) => Math.max(0, x) + Math.expm1(Math.min(0, x))),
  sigmoid: each('1 / (1 + exp(-x))', sigmoid),
  hard_sigmoid: each('max(0, min(1, x / 6 + 0.5))', hardSigmoid),
  hard_sigmoid_keras2: each('max(0, min(1, 0.2 * x + 0.5))', (x) => Math.max(0, Math.min(1, 0.2 * x + 0.5))),
  hard_silu: each('x * max(0, min(1, x / 6 + 0.5))', (x) => x * hardSigmoid(x)),
  tanh: each('tanh(x)', Math.tanh),
  hard_tanh: each('max(-1, min(1, x))', (x) => Math.max(-1, Math.min(1, x))),
  tanh_shrink: each('x - tanh(x)', (x) => x - Math.tanh(x)),
  softplus: each('max(x, 0) + log1p(exp(-abs(x)))', softplus),
  softsign: each('x / (1 + abs(x))', (x) => x / (1 + Math.abs(x))),
  exponential: each('exp(x)', Math.exp),
  silu: each('x / (1 + exp(-x))', (x) => x / (1 + Math.exp(-x))),
  gelu: each('x * (1 + erf(x / sqrt(2))) / 2', (x) => (x * (1 + erf(x / Math.SQRT2))) / 2),
  mish: each('x * tanh(max(x, 0) + log1p(exp(-abs(x))))', (x) => x * Math.tanh(softplus(x))),
  log_sigmoid: each('min(x, 0) - log1p(exp(-abs(x)))', (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)))),
  sparse_sigmoid: each('max(0, min(1, (x + 1) / 2))', (x) => Math.max(0, Math.min(1, (x + 1) / 2))),
  sparse_plus: each('x <= -1 ? 0 : (x < 1 ? (x + 1)^2 / 4 : x)', (x) => (x <= -1 ? 0 : x < 1 ? (x + 1) ** 2 / 4 : x)),
  squareplus: each('(x + sqrt(x^2 + 4)) / 2', (x) => (x + Math.sqrt(x ** 2 + 4)) / 2),
  hard_shrink: each('abs(x) > 0.5 ? x : 0', (x) => (Math.abs(x) > 0.5 ? x : 0)),
  soft_shrink: each('sign(x) * max(abs(x) - 0.5, 0)', (x) => Math.sign(x) * Math.max(Math.abs(x) - 0.5, 0)),
  softmax: whole('map(x - max(x), exp) / sum(map(x - max(x), exp))', softmax),
  log_softmax: whole('(x - max(x)) - log(sum(map(x - max(x), exp)))', logSoftmax),
  sparsemax: whole('map(x - sparsemax_threshold(x), f(y) = max(0, y))', (z) => {
    const threshold = sparsemaxThreshold(z);
    for (let at = 0; at < z.length; at++) z[at] = Math.max(0, z[at] - threshold);
  }),
} satisfies Record<string, Activation>;

export type ActivationName = keyof typeof table;

export const activations: Readonly<Record<ActivationName, Activation>> = table;

/** Other names under which Keras knows the same functions. */
const aliases: Record<string, ActivationName> = { swish: 'silu', hard_swish: 'hard_silu', softmax_v2: 'softmax' };

/** The names a preset may use. */
export const activationNames: readonly string[] = [
  ...Object.keys(table).filter((name) => name !== 'hard_sigmoid_keras2'),
  ...Object.keys(aliases),
];

/** The function that a version of Keras means by a name; null is linear. Undefined where Keras has no such activation. */
export function activationName(name: string | null, keras: 1 | 2 | 3): ActivationName | undefined {
  if (name === null) return 'linear';
  if (!activationNames.includes(name)) return undefined;
  const found = aliases[name] ?? (name as ActivationName);
  return found === 'hard_sigmoid' && keras < 3 ? 'hard_sigmoid_keras2' : found;
}

function softmax(z: Float64Array): void {
  const largest = maximum(z);
  let sum = 0;
  for (let at = 0; at < z.length; at++) {
    z[at] = Math.exp(z[at] - largest);
    sum += z[at];
  }
  for (let at = 0; at < z.length; at++) z[at] /= sum;
}

function logSoftmax(z: Float64Array): void {
  const largest = maximum(z);
  let sum = 0;
  for (let at = 0; at < z.length; at++) sum += Math.exp(z[at] - largest);
  for (let at = 0; at < z.length; at++) z[at] = z[at] - largest - Math.log(sum);
}

function maximum(z: ArrayLike<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < z.length; at++) largest = Math.max(largest, z[at]);
  return largest;
}

/** τ of the projection onto the simplex (Martins & Astudillo 2016, algorithm 1): what is subtracted before clipping at zero. */
export function sparsemaxThreshold(z: ArrayLike<number>): number {
  const sorted = Array.from(z).sort((a, b) => b - a);
  let sum = 0;
  let threshold = 0;
  for (let k = 0; k < sorted.length; k++) {
    sum += sorted[k];
    if (1 + (k + 1) * sorted[k] > sum) threshold = (sum - 1) / (k + 1);
  }
  return threshold;
}
