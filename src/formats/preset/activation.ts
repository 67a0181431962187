import { type ActivationRef, activationName, activationNames, activationWith } from '../../math/activations.ts';
import { LabError, quote } from '../../math/lab-error.ts';
import { suggestion } from '../../model/nearest.ts';
import type { Version } from './schema.ts';

/** A number of a layer's configuration, or its default. */
function numberOf(config: Readonly<Record<string, unknown>>, names: readonly string[], otherwise: number): number {
  for (const name of names) {
    const value = config[name];
    if (typeof value === 'number' && Number.isFinite(value)) return value;
  }
  return otherwise;
}

/** Keras's ReLU(max_value, negative_slope, threshold), under the plainest name that says the same. */
export function reluActivation(maximum: number | null, slope: number, threshold: number): ActivationRef {
  if (threshold === 0 && slope === 0 && maximum === null) return 'relu';
  if (threshold === 0 && slope === 0 && maximum === 6) return 'relu6';
  if (threshold === 0 && maximum === null) return activationWith('leaky_relu', slope);
  return activationWith('bounded_relu', maximum ?? Number.POSITIVE_INFINITY, slope, threshold);
}

/** Layers that are a function of each number, or of each row, as an `activation` may hold them. Defaults are those of the layers. */
const layersAsActivations: Readonly<Record<string, (config: Readonly<Record<string, unknown>>) => ActivationRef>> = {
  LeakyReLU: (config) => activationWith('leaky_relu', numberOf(config, ['negative_slope', 'alpha'], 0.3)),
  ELU: (config) => activationWith('elu', numberOf(config, ['alpha'], 1)),
  ThresholdedReLU: (config) => activationWith('thresholded_relu', numberOf(config, ['theta'], 1)),
  ReLU: (config) =>
    reluActivation(
      typeof config.max_value === 'number' ? config.max_value : null,
      numberOf(config, ['negative_slope'], 0),
      numberOf(config, ['threshold'], 0),
    ),
  Softmax: () => 'softmax',
  // Keras's operations of these names.
  Absolute: () => 'absolute',
  Square: () => 'square',
};

/**
 * What an `activation` argument means: a name, a serialized function, or a layer that is one.
 * Throws a LabError where this version of Keras has no such activation, or the lab has none.
 */
export function parseActivation(value: unknown, keras: Version, path: string): ActivationRef {
  if (typeof value === 'string' || value === null || value === undefined) return named(value ?? null, keras, path);
  const { class_name: className, config } = value as { class_name?: unknown; config?: unknown };
  if (typeof config === 'string') return named(config, keras, path);
  const arguments_ = (typeof config === 'object' && config !== null ? config : {}) as Record<string, unknown>;
  if (className === 'Activation') {
    if (typeof arguments_.activation === 'string')
      return named(arguments_.activation, keras, `${path}.config.activation`);
  } else if (typeof className === 'string' && Object.hasOwn(layersAsActivations, className)) {
    return layersAsActivations[className](arguments_);
  }
  if (typeof className === 'string' && config === undefined) return named(className, keras, path);
  throw new LabError({
    path,
    problem: 'the lab has no such activation.',
    received: quote(value),
    hint: `a name, or one of the layers ${Object.keys(layersAsActivations).join(', ')}.`,
  });
}

function named(value: string | null, keras: Version, path: string): ActivationRef {
  const found = activationName(value, keras);
  if (found !== undefined) return found;
  throw new LabError({
    path,
    problem:
      value === 'glu' || value === 'threshold'
        ? `${value} cannot be given by name here: ${value === 'glu' ? 'it halves its input' : 'it needs arguments'}.`
        : 'Keras has no activation of this name.',
    received: quote(value),
    hint: suggestion(String(value), activationNames),
  });
}
