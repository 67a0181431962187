import { erf } from './erf.ts';

/**
 * An activation, stated twice: as the mathjs expression in `x` that the reference engine evaluates and the screen prints, and as the loop that
 * the kernel runs. Formulas: keras/src/activations/activations.py and backend/numpy/nn.py, in the form that does not overflow early.
 */
export interface Activation {
  /** Of one number x, or of the whole vector x where `wholeVector` is set. */
  readonly expression: string;
  readonly wholeVector?: true;
  /** What its expression names besides x, in order, with Keras's defaults. */
  readonly parameters?: Readonly<Record<string, number>>;
  /** Overwrites z with the activation of z. */
  apply(z: Float64Array, ...parameters: number[]): void;
}

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;
/** √(2/π) */
const GELU_TANH = 0.7978845608028654;

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

/** With parameters: the loop gets them behind x. */
function parametric(
  expression: string,
  parameters: Readonly<Record<string, number>>,
  f: (x: number, ...parameters: number[]) => number,
): Activation {
  const defaults = Object.values(parameters);
  return {
    expression,
    parameters,
    apply(z, ...given) {
      const values = defaults.map((value, at) => given[at] ?? value);
      for (let at = 0; at < z.length; at++) z[at] = f(z[at], ...values);
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
  leaky_relu: parametric('x < 0 ? negative_slope * x : x', { negative_slope: 0.2 }, (x, slope) =>
    x < 0 ? slope * x : x,
  ),
  elu: parametric('x < 0 ? alpha * expm1(x) : x', { alpha: 1 }, (x, alpha) => (x < 0 ? alpha * Math.expm1(x) : x)),
  selu: each(
    `${SELU_SCALE} * (x < 0 ? ${SELU_ALPHA} * expm1(x) : x)`,
    (x) => SELU_SCALE * (x < 0 ? SELU_ALPHA * Math.expm1(x) : x),
  ),
  celu: parametric(
    'max(0, x) + alpha * expm1(min(0, x) / alpha)',
    { alpha: 1 },
    (x, alpha) => Math.max(0, x) + alpha * Math.expm1(Math.min(0, x) / alpha),
  ),
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
  hard_shrink: parametric('abs(x) > threshold ? x : 0', { threshold: 0.5 }, (x, threshold) =>
    Math.abs(x) > threshold ? x : 0,
  ),
  soft_shrink: parametric(
    'sign(x) * max(abs(x) - threshold, 0)',
    { threshold: 0.5 },
    (x, threshold) => Math.sign(x) * Math.max(Math.abs(x) - threshold, 0),
  ),
  softmax: whole('map(x - max(x), exp) / sum(map(x - max(x), exp))', softmax),
  log_softmax: whole('(x - max(x)) - log(sum(map(x - max(x), exp)))', logSoftmax),
  sparsemax: whole('map(x - sparsemax_threshold(x), f(y) = max(0, y))', (z) => {
    const threshold = sparsemaxThreshold(z);
    for (let at = 0; at < z.length; at++) z[at] = Math.max(0, z[at] - threshold);
  }),
  // What Keras has as layers or under arguments, and ONNX by parameters: not names that Keras knows.
  gelu_tanh: each(
    `x * (1 + tanh(${GELU_TANH} * (x + 0.044715 * x^3))) / 2`,
    (x) => (x * (1 + Math.tanh(GELU_TANH * (x + 0.044715 * x ** 3)))) / 2,
  ),
  bounded_relu: parametric(
    'x >= max_value ? max_value : (x >= threshold ? x : negative_slope * (x - threshold))',
    { max_value: Number.POSITIVE_INFINITY, negative_slope: 0, threshold: 0 },
    (x, maximum, slope, threshold) => (x >= maximum ? maximum : x >= threshold ? x : slope * (x - threshold)),
  ),
  thresholded_relu: parametric('x > theta ? x : 0', { theta: 1 }, (x, theta) => (x > theta ? x : 0)),
  threshold: parametric('x > threshold ? x : value', { threshold: 0, value: 0 }, (x, threshold, value) =>
    x > threshold ? x : value,
  ),
  linear_hard_sigmoid: parametric('max(0, min(1, alpha * x + beta))', { alpha: 0.2, beta: 0.5 }, (x, alpha, beta) =>
    Math.max(0, Math.min(1, alpha * x + beta)),
  ),
  scaled_tanh: parametric(
    'alpha * tanh(beta * x)',
    { alpha: 1, beta: 1 },
    (x, alpha, beta) => alpha * Math.tanh(beta * x),
  ),
  clip: parametric('max(-limit, min(limit, x))', { limit: 1 }, (x, limit) => Math.max(-limit, Math.min(limit, x))),
  absolute: each('abs(x)', Math.abs),
  square: each('x^2', (x) => x ** 2),
  affine: parametric('alpha * x + beta', { alpha: 1, beta: 0 }, (x, alpha, beta) => alpha * x + beta),
} satisfies Record<string, Activation>;

/** Those that a Keras file cannot name. */
const OURS = [
  'hard_sigmoid_keras2',
  'gelu_tanh',
  'bounded_relu',
  'thresholded_relu',
  'threshold',
  'linear_hard_sigmoid',
  'scaled_tanh',
  'clip',
  'absolute',
  'square',
  'affine',
];

export type ActivationName = keyof typeof table;

/** An activation as a layer names it, with its parameters where they are not the defaults: `tanh`, `leaky_relu(0.3)`. */
export type ActivationRef = ActivationName | `${ActivationName}(${string})`;

export const activations: Readonly<Record<ActivationName, Activation>> = table;

/** Other names under which Keras knows the same functions. */
const aliases: Record<string, ActivationName> = { swish: 'silu', hard_swish: 'hard_silu', softmax_v2: 'softmax' };

/** The names a preset may use. */
export const activationNames: readonly string[] = [
  ...Object.keys(table).filter((name) => !OURS.includes(name)),
  ...Object.keys(aliases),
];

/** A name with parameters: `activationWith('leaky_relu', 0.3)` is `leaky_relu(0.3)`. */
export function activationWith(name: ActivationName, ...parameters: number[]): ActivationRef {
  const defaults = Object.values((table as Record<string, Activation>)[name].parameters ?? {});
  return parameters.every((value, at) => value === defaults[at]) ? name : `${name}(${parameters.join(', ')})`;
}

/** The parts of `leaky_relu(0.3)`. */
export function activationParts(ref: ActivationRef): { name: ActivationName; parameters: number[] } {
  const open = ref.indexOf('(');
  if (open < 0) return { name: ref as ActivationName, parameters: [] };
  return {
    name: ref.slice(0, open) as ActivationName,
    parameters: ref
      .slice(open + 1, -1)
      .split(',')
      .map(Number),
  };
}

/** `leaky_relu(z, 0.3)`: the activation of a symbol, as equations write it. */
export function activationCall(ref: ActivationRef, symbol: string): string {
  const { name, parameters } = activationParts(ref);
  return `${name}(${[symbol, ...parameters].join(', ')})`;
}

/** What overwrites z with its activation. */
export function activationLoop(ref: ActivationRef): (z: Float64Array) => void {
  const { name, parameters } = activationParts(ref);
  const { apply } = activations[name];
  return parameters.length === 0 ? apply : (z) => apply(z, ...parameters);
}

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
