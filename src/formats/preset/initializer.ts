import type { Initializer } from '../../math/initializers.ts';
import { LabError, quote } from '../../math/lab-error.ts';
import { fromNested, type Tensor } from '../../math/tensor.ts';
import { suggestion } from '../../model/nearest.ts';
import type { Version } from './schema.ts';

type Config = Readonly<Record<string, unknown>>;

const scaling =
  (scale: number, mode: 'fan_in' | 'fan_out' | 'fan_avg', distribution: 'uniform' | 'normal') =>
  (_: Config, keras: Version): Initializer => ({
    kind: 'variance-scaling',
    scale,
    mode,
    // Keras 1 drew its normal initializers from the whole normal distribution.
    distribution: distribution === 'uniform' ? 'uniform' : keras === 1 ? 'untruncated_normal' : 'truncated_normal',
  });

const constant = (value: number) => (): Initializer => ({ kind: 'constant', value });

/** Keras's initializers by name, as strings in presets give them; names are compared without case and underscores. Defaults are Keras's. */
const table: Record<string, (config: Config, keras: Version) => Initializer> = {
  zeros: constant(0),
  zero: constant(0),
  ones: constant(1),
  one: constant(1),
  constant: (config) => ({ kind: 'constant', value: numberOr(config, 'value', 0) }),
  random_uniform: (config) => ({
    kind: 'uniform',
    minval: numberOr(config, 'minval', -0.05),
    maxval: numberOr(config, 'maxval', 0.05),
  }),
  random_normal: (config) => ({
    kind: 'normal',
    mean: numberOr(config, 'mean', 0),
    stddev: numberOr(config, 'stddev', 0.05),
    truncated: false,
  }),
  truncated_normal: (config) => ({
    kind: 'normal',
    mean: numberOr(config, 'mean', 0),
    stddev: numberOr(config, 'stddev', 0.05),
    truncated: true,
  }),
  variance_scaling: varianceScaling,
  glorot_uniform: scaling(1, 'fan_avg', 'uniform'),
  glorot_normal: scaling(1, 'fan_avg', 'normal'),
  he_uniform: scaling(2, 'fan_in', 'uniform'),
  he_normal: scaling(2, 'fan_in', 'normal'),
  lecun_uniform: scaling(1, 'fan_in', 'uniform'),
  lecun_normal: scaling(1, 'fan_in', 'normal'),
  orthogonal: (config, keras) => ({ kind: 'orthogonal', gain: numberOr(config, 'gain', keras === 1 ? 1.1 : 1) }),
  identity: (config) => ({ kind: 'identity', gain: numberOr(config, 'gain', 1) }),
};

const aliases: Record<string, string> = {
  uniform: 'random_uniform',
  normal: 'random_normal',
  eye: 'identity',
  identitymatrix: 'identity',
};

const plain = (name: string) => name.replaceAll('_', '').toLowerCase();
const byPlainName = new Map(Object.keys(table).map((name) => [plain(name), name]));
for (const [alias, name] of Object.entries(aliases)) byPlainName.set(alias, name);

/** A preset's way to say an initializer: a name, Keras's `{class_name, config}`, or a matrix (which is Constant). */
export function parseInitializer(value: unknown, keras: Version, path: string): Initializer {
  if (Array.isArray(value)) return { kind: 'constant', value: finiteTensor(value, path) };
  const { name, config } = parts(value, path);
  const found = byPlainName.get(plain(name));
  if (found === undefined) {
    throw new LabError({
      path,
      problem: 'Keras has no initializer of this name.',
      received: quote(name),
      hint: suggestion(name, Object.keys(table)),
    });
  }
  const matrix = found === 'constant' ? unwrapped(config.value) : undefined;
  if (Array.isArray(matrix)) return { kind: 'constant', value: finiteTensor(matrix, `${path}.config.value`) };
  try {
    const made = table[found](config, keras);
    return typeof config.seed === 'number' ? { ...made, seed: config.seed } : made;
  } catch (error) {
    throw error instanceof LabError ? error.within({ path: `${path}.config` }) : error;
  }
}

/** Keras 3 writes an array inside a configuration as {"class_name": "__numpy__", "config": {"value": …}}. */
function unwrapped(value: unknown): unknown {
  const { class_name: wrapper, config } = (value ?? {}) as { class_name?: unknown; config?: { value?: unknown } };
  return wrapper === '__numpy__' || wrapper === '__tensor__' ? config?.value : value;
}

function parts(value: unknown, path: string): { name: string; config: Config } {
  if (typeof value === 'string') return { name: value, config: {} };
  if (typeof value === 'object' && value !== null) {
    const { class_name: name, config = {} } = value as { class_name?: unknown; config?: unknown };
    if (typeof name === 'string' && typeof config === 'object' && config !== null)
      return { name, config: config as Config };
  }
  throw new LabError({
    path,
    problem: 'an initializer is a name, a matrix or {"class_name": …, "config": {…}}.',
    received: quote(value),
    hint: 'for example "glorot_uniform" or {"class_name": "Constant", "config": {"value": 0.1}}.',
  });
}

function varianceScaling(config: Config): Initializer {
  const mode = oneOf(config, 'mode', ['fan_in', 'fan_out', 'fan_avg'], 'fan_in');
  const given = oneOf(
    config,
    'distribution',
    ['uniform', 'normal', 'truncated_normal', 'untruncated_normal'],
    'truncated_normal',
  );
  const distribution = given === 'normal' ? 'truncated_normal' : given;
  return { kind: 'variance-scaling', scale: numberOr(config, 'scale', 1), mode, distribution };
}

function numberOr(config: Config, name: string, otherwise: number): number {
  const value = config[name] ?? otherwise;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new LabError({ path: name, problem: 'a number is wanted here.', received: quote(value) });
}

function oneOf<T extends string>(config: Config, name: string, choices: readonly T[], otherwise: T): T {
  const value = config[name] ?? otherwise;
  if (choices.includes(value as T)) return value as T;
  throw new LabError({ path: name, problem: `one of ${choices.join(', ')} is wanted here.`, received: quote(value) });
}

/** Nested lists as weights: a preset's must be finite. */
export function finiteTensor(value: unknown, path: string): Tensor {
  const made = fromNested(value, path);
  const bad = made.data.findIndex((number) => !Number.isFinite(number));
  if (bad < 0) return made;
  throw new LabError({
    path,
    problem: 'weights must be finite numbers.',
    received: `${made.data[bad]}, number ${bad} of ${made.data.length}`,
  });
}
