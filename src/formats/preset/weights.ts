import type { Initializer } from '../../math/initializers.ts';
import { LabError } from '../../math/lab-error.ts';
import type { LazyRows, Rows, Tensor } from '../../math/tensor.ts';
import type { WeightPlan } from '../../model/plan.ts';
import { weightAliases } from './aliases.ts';
import { finiteTensor, parseInitializer } from './initializer.ts';
import { convolution1d, fromCudnn, fused } from './older-weights.ts';
import type { Defaults } from './options.ts';
import type { Single } from './spec.ts';
import { weightNames } from './weight-names.ts';

/** What a layer is given: its own `weights`, or its share of those of what it stands in. */
interface GivenWeights {
  readonly value: unknown;
  readonly path: string;
}

/** Where a layer’s weights come from: arrays that are given, else its initializers. */
export function weightPlan(parsed: Single, defaults: Defaults, weights: GivenWeights, matrix?: Tensor): WeightPlan {
  const { trained, kept } = weightNames(parsed);
  const names = [...trained, ...kept];
  const arrays = givenWeights(parsed, names, weights);
  const initializers: Record<string, Initializer> = {};
  for (const name of names)
    initializers[name] =
      name === 'embeddings' && matrix
        ? { kind: 'constant', value: matrix }
        : initializerOf(name, parsed, defaults, arrays);
  return { given: arrays, initializers, ...recurrentDraws(parsed, defaults) };
}

/** The argument that says how a weight is drawn: `query_kernel` → `kernel_initializer`. */
function initializerArgument(name: string): string {
  if (name === 'recurrent_kernel') return 'recurrent_initializer';
  if (name === 'depthwise_kernel' || name === 'pointwise_kernel') return name.replace('kernel', 'initializer');
  return `${name.replace(/^(?:query|key|value|output)_/, '')}_initializer`;
}

const GLOROT: Initializer = { kind: 'variance-scaling', scale: 1, mode: 'fan_avg', distribution: 'uniform' };

function initializerOf(
  name: string,
  { args }: Single,
  { keras, unknowns }: Defaults,
  given: Readonly<Record<string, Rows>> | undefined,
): Initializer {
  const argument = initializerArgument(name);
  // A file's own numbers are there: how they were drawn once does not matter, and may be code that is not in the file.
  if (unknowns === 'leave out' && given !== undefined && Object.hasOwn(given, name)) return GLOROT;
  const value = (args as Readonly<Record<string, unknown>>)[argument] ?? otherwise[name] ?? 'glorot_uniform';
  try {
    return parseInitializer(value, keras, argument);
  } catch (error) {
    if (unknowns === 'leave out') return GLOROT;
    throw error;
  }
}

/** Where Keras has no argument for it. */
const otherwise: Readonly<Record<string, string>> = {
  scale: 'ones',
  concept_weight: 'ones',
  mean: 'zeros',
  variance: 'ones',
  count: 'zeros',
};

function recurrentDraws(parsed: Single, { keras }: Defaults): Pick<WeightPlan, 'forgetBias' | 'perGate'> {
  if (parsed.class !== 'LSTM' && parsed.class !== 'GRU') return {};
  const perGate = keras === 1 && parsed.args.consume_less !== 'gpu';
  if (parsed.class === 'GRU') return { perGate };
  const { forget_bias_init: drawn, unit_forget_bias: one } = parsed.args;
  if (drawn !== undefined) return { perGate, forgetBias: parseInitializer(drawn, keras, 'forget_bias_init') };
  return { perGate, forgetBias: one ? { kind: 'constant', value: 1 } : undefined };
}

/** Arrays by name, or in Keras's order, in today's layout. */
function givenWeights(
  parsed: Single,
  names: readonly string[],
  { value, path }: GivenWeights,
): Readonly<Record<string, Rows>> | undefined {
  if (value === undefined || value === null) return undefined;
  // A matrix that waits in its file stays there.
  if (parsed.class === 'Embedding' && Array.isArray(value) && value.length === 1 && isLazy(value[0]))
    return { embeddings: value[0] };
  const arrays = Array.isArray(value) ? inOrder(parsed, names, value, path) : byName(value as object, path);
  switch (parsed.class) {
    case 'LSTM':
    case 'GRU':
      return fromCudnn(parsed.class, parsed.args.units, arrays);
    case 'Conv1D': {
      const { kernel_size: size, filters } = parsed.args;
      if (!arrays.kernel) return arrays;
      return { ...arrays, kernel: convolution1d(arrays.kernel, typeof size === 'number' ? size : size[0], filters) };
    }
    default:
      return arrays;
  }
}

function inOrder(
  parsed: Single,
  names: readonly string[],
  list: readonly unknown[],
  path: string,
): Record<string, Tensor> {
  const keptApart = { LSTM: 12, GRU: 9 } as const;
  if ((parsed.class === 'LSTM' || parsed.class === 'GRU') && list.length === keptApart[parsed.class]) {
    const arrays = fused(
      parsed.class,
      list.map((array, at) => given(array, `${path}[${at}]`)),
    );
    return Object.fromEntries(['kernel', 'recurrent_kernel', 'bias'].map((name, at) => [name, arrays[at]]));
  }
  if (list.length !== names.length) {
    throw new LabError({
      path,
      problem: `a list of ${names.length} array${names.length === 1 ? '' : 's'} is wanted: ${names.join(', ')}.`,
      received: `a list of ${list.length}`,
      hint: 'give them by name, {"kernel": …}, where some are to be drawn.',
    });
  }
  return Object.fromEntries(list.map((array, at) => [names[at], given(array, `${path}.${names[at]}`)]));
}

function byName(value: object, path: string): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(value).map(([name, array]) => [
      Object.hasOwn(weightAliases, name) ? weightAliases[name] : name,
      given(array, `${path}.${name}`),
    ]),
  );
}

/** Nested lists, as a person writes them, or what a file held: its numbers are taken as they are. */
function given(value: unknown, path: string): Tensor {
  return isTensor(value) ? value : finiteTensor(value, path);
}

function isTensor(value: unknown): value is Tensor {
  const { data } = (value ?? {}) as { data?: unknown };
  return data instanceof Float64Array || data instanceof Float32Array;
}

function isLazy(value: unknown): value is LazyRows {
  return typeof (value as LazyRows | null)?.read === 'function';
}
