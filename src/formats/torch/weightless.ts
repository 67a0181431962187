import { type ActivationRef, activationWith } from '../../math/activations.ts';
import type { ModuleFacts } from './arrays.ts';

/** A module without arrays that is known to run right after another. */
export interface Following {
  readonly name: string;
  readonly activation: ActivationRef;
  /** The axis of a Softmax; undefined for what is done number by number. */
  readonly dim?: number | null;
}

export interface Weightless {
  /** By the name of the module with arrays that they follow. */
  readonly after: ReadonlyMap<string, readonly Following[]>;
  /** Those whose place the file does not say: "relu (ReLU)". */
  readonly unplaced: readonly string[];
}

/** What does nothing once a model is trained, and what is no part of forward(). */
const IDLE = /^(\w*Dropout\w*|Identity|Flatten|\w*Loss)$/;
const IDLE_NAME = /drop|identity|flatten|loss|criterion/i;

/**
 * The modules that a file names and that have no arrays: activations, dropout. Inside nn.Sequential they run where they stand; elsewhere forward() calls
 * them, which is not in the file. `weighted`: the names of the modules with arrays, in order.
 */
export function weightlessModules(
  modules: ReadonlyMap<string, ModuleFacts | null>,
  weighted: readonly string[],
): Weightless {
  const after = new Map<string, Following[]>();
  const unplaced: string[] = [];
  const inside = new Set<string>();
  for (const name of [...modules.keys(), ...weighted])
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) inside.add(name.slice(0, dot));
  const own = new Set(weighted);
  let last = '';
  for (const [name, facts] of modules) {
    if (own.has(name)) last = name;
    if (name === '' || own.has(name) || inside.has(name)) continue;
    const className = facts?.className.split('.').pop() ?? '';
    if (facts === null ? IDLE_NAME.test(name.slice(name.lastIndexOf('.') + 1)) : IDLE.test(className)) continue;
    const parent = name.slice(0, Math.max(0, name.lastIndexOf('.')));
    const inSequence = /\.Sequential$/.test(modules.get(parent)?.className ?? '');
    const activation = facts ? activationOf(className, facts) : undefined;
    // The module with arrays before it, if it stands in the same Sequential.
    if (activation && inSequence && last !== '' && (parent === '' || last.startsWith(`${parent}.`))) {
      const dim = facts?.attributes.get('dim');
      const following = {
        name,
        activation,
        ...(/Softmax$/.test(className) && { dim: typeof dim === 'number' ? dim : null }),
      };
      after.set(last, [...(after.get(last) ?? []), following]);
    } else unplaced.push(className === '' ? name : `${name} (${className})`);
  }
  return { after, unplaced };
}

/** torch.nn's activation modules as the lab's functions. Source: torch/nn/modules/activation.py. */
function activationOf(className: string, { attributes }: ModuleFacts): ActivationRef | undefined {
  const number = (name: string, otherwise: number) => {
    const value = attributes.get(name);
    return typeof value === 'number' ? value : otherwise;
  };
  switch (className) {
    case 'ReLU':
      return 'relu';
    case 'ReLU6':
      return 'relu6';
    case 'Tanh':
      return 'tanh';
    case 'Sigmoid':
      return 'sigmoid';
    case 'SiLU':
      return 'silu';
    case 'Mish':
      return 'mish';
    case 'SELU':
      return 'selu';
    case 'Softsign':
      return 'softsign';
    case 'LogSigmoid':
      return 'log_sigmoid';
    case 'Tanhshrink':
      return 'tanh_shrink';
    case 'Hardsigmoid':
      return 'hard_sigmoid';
    case 'Hardswish':
      return 'hard_silu';
    case 'GELU':
      return attributes.get('approximate') === 'tanh' ? 'gelu_tanh' : 'gelu';
    case 'LeakyReLU':
      return activationWith('leaky_relu', number('negative_slope', 0.01));
    case 'ELU':
      return activationWith('elu', number('alpha', 1));
    case 'CELU':
      return activationWith('celu', number('alpha', 1));
    case 'Hardtanh':
      return number('min_val', -1) === -1 && number('max_val', 1) === 1 ? 'hard_tanh' : undefined;
    case 'Softmax':
      return 'softmax';
    case 'LogSoftmax':
      return 'log_softmax';
    default:
      return undefined;
  }
}
