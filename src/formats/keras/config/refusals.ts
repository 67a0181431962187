import { quote } from '../../../math/lab-error.ts';
import { classAliases } from '../../preset/aliases.ts';
import type { KerasLayer } from './layer-tree.ts';
import { own } from './object.ts';
import { isOperation } from './wiring.ts';

/** Policies under which Keras computes in another precision than float32: their names, collected. */
export type Mixed = Set<string>;

/** Keras's own classes are registered under no name, their own, or "keras>…". */
const ownPackages = ['keras', 'Keras', 'keras.layers', 'keras.src', 'tf_keras'];

/** Why the lab does not compute a layer, in words; undefined: it does, or its class decides. Nothing of what the file holds is run. */
export function refusal(layer: KerasLayer, mixed: Mixed): string | undefined {
  const { className, registeredName, config } = layer;
  if (className === 'Lambda' || className === '__lambda__') return 'a Lambda: its Python code is not run';
  if (className === 'LambdaLayer') return 'a function: its Python code is not run';
  const custom = [registeredName, className].find((name) => name?.includes('>'));
  if (custom !== undefined && !Object.hasOwn(classAliases, custom) && !ownPackages.includes(custom.split('>')[0]))
    return 'a custom layer: its Python code is not in the file';
  if (className === 'TextVectorization' || className === 'StringLookup' || className === 'IntegerLookup')
    return 'it turns text into numbers; the lab takes the numbers';
  for (const part of ['activation', 'recurrent_activation']) {
    const name = own(own(config, part), 'registered_name');
    if (typeof name === 'string' && name.includes('>')) return `its ${part} ${name} is a custom function`;
    if (own(own(config, part), 'class_name') === '__lambda__') return `its ${part} is a lambda, which is not run`;
  }
  return policyRefusal(own(config, 'dtype'), mixed);
}

/** Why an operation on tensors is left out; those that layers can do were made such before. */
export function operationRefusal(layer: KerasLayer): string | undefined {
  const { className, config, name } = layer;
  if (/OpLambda$/.test(className)) return `an operation of TensorFlow, ${quote(own(config, 'function') ?? name)}`;
  return isOperation(layer) ? `an operation of Keras on tensors, ${className}` : undefined;
}

function policyRefusal(dtype: unknown, mixed: Mixed): string | undefined {
  const name = typeof dtype === 'string' ? dtype : own(own(dtype, 'config'), 'name');
  const policy = own(dtype, 'class_name');
  const quantized = [policy, name].some((one) => typeof one === 'string' && /quantized|_from_/i.test(one));
  if (quantized) return `its weights are quantized (${quote(name ?? policy)})`;
  // A policy map names the policies of the layers inside; they say it themselves.
  if (typeof name === 'string' && /16/.test(name)) mixed.add(name.slice(0, 40));
  return undefined;
}
