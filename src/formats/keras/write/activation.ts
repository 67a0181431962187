import { type ActivationRef, activationNames, activationParts } from '../../../math/activations.ts';
import { LabError } from '../../../math/lab-error.ts';

export type ActivationConfig = string | { readonly class_name: string; readonly config: object };

const asLayer = (className: string, config: object): ActivationConfig =>
  ({
    module: 'keras.layers',
    class_name: className,
    config: { name: className.toLowerCase(), ...config },
    registered_name: null,
  }) as ActivationConfig;

/** An activation as this version of Keras names it; with parameters a layer that is one. Throws a LabError where Keras has none such. */
export function activationConfig(ref: ActivationRef, keras: 1 | 2 | 3): ActivationConfig {
  const { name, parameters } = activationParts(ref);
  const [first, second, third] = parameters;
  switch (name) {
    case 'hard_sigmoid':
    case 'hard_sigmoid_keras2': {
      if ((name === 'hard_sigmoid') === (keras === 3)) return 'hard_sigmoid';
      throw new LabError({
        problem: `hard_sigmoid is ${name === 'hard_sigmoid' ? 'x / 6 + 0.5 in Keras 3' : '0.2 x + 0.5 in Keras 1 and 2'}, and another function in Keras ${keras}.`,
        hint: name === 'hard_sigmoid' ? undefined : 'write .h5, which Keras 2 (tf_keras) opens, or a preset.',
      });
    }
    case 'bounded_relu':
      return asLayer('ReLU', {
        max_value: Number.isFinite(first) ? first : null,
        negative_slope: second ?? 0,
        threshold: third ?? 0,
      });
    case 'thresholded_relu':
      return asLayer('ReLU', { max_value: null, negative_slope: 0, threshold: first ?? 1 });
    case 'leaky_relu':
      return parameters.length === 0 ? name : asLayer('LeakyReLU', { negative_slope: first });
    case 'elu':
      return parameters.length === 0 ? name : asLayer('ELU', { alpha: first });
    default:
      if (parameters.length === 0 && activationNames.includes(name)) return name;
      throw new LabError({ problem: `Keras has no ${ref} that a file could name.` });
  }
}
