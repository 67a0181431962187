import { transposed } from '../../math/axes.ts';
import { LabError } from '../../math/lab-error.ts';
import { type Tensor, tensor } from '../../math/tensor.ts';
import type { LayerSpec } from '../../model/plan.ts';
import type { TorchModule } from './modules.ts';

/** The layer that a Linear, a Conv1d or a norm is, with its arrays by Keras's names and in Keras's layout. */
export function otherLayer(
  notes: Set<string>,
  { kind, arrays, facts, gives }: TorchModule,
  name: string,
): { spec: LayerSpec; given: Record<string, Tensor> } {
  const [weight, bias] = ['weight', 'bias'].map((parameter) => arrays.get(parameter));
  const named = { name, trainable: true };
  const number = (attribute: string, otherwise: number) => {
    const value = facts?.attributes.get(attribute);
    return typeof value === 'number'
      ? value
      : Array.isArray(value) && typeof value[0] === 'number'
        ? value[0]
        : otherwise;
  };
  if (kind === 'linear') {
    return {
      spec: {
        kind: 'dense',
        ...named,
        units: gives,
        activation: 'linear',
        useBias: bias !== undefined,
        timeDistributed: false,
      },
      given: { kernel: transposed(weight as Tensor), ...(bias && { bias }) },
    };
  }
  if (kind === 'conv1d') {
    const kernelSize = (weight as Tensor).shape[2];
    if (facts === null)
      notes.add('Conv1d is taken to have one group, stride 1 and no padding: a state dict does not say');
    notes.add('a Conv1d reads [timesteps, channels] here; PyTorch has the channels first');
    const count = (attribute: string) => wholeNumber(attribute, number(attribute, 1), 1);
    return {
      spec: {
        kind: 'conv1d',
        ...named,
        filters: gives,
        kernelSize,
        strides: count('stride'),
        padding: facts?.attributes.get('padding') === 'same' ? 'same' : 'valid',
        dilationRate: count('dilation'),
        groups: count('groups'),
        dataFormat: 'channels_last',
        activation: 'linear',
        useBias: bias !== undefined,
      },
      given: { kernel: convolution(weight as Tensor), ...(bias && { bias }) },
    };
  }
  const affine = { ...(weight && { gamma: weight }), ...(bias && { beta: bias }) };
  const norm = { epsilon: number('eps', 1e-5), center: bias !== undefined, scale: weight !== undefined };
  if (kind === 'layer_norm')
    return { spec: { kind: 'layer_normalization', ...named, axis: [-1], ...norm }, given: affine };
  const statistics = {
    moving_mean: arrays.get('running_mean') as Tensor,
    moving_variance: arrays.get('running_var') as Tensor,
  };
  return { spec: { kind: 'batch_normalization', ...named, axis: -1, ...norm }, given: { ...affine, ...statistics } };
}

/** [filters, features, size] becomes [size, features, filters]. */
function convolution({ shape: [filters, features, size], data }: Tensor): Tensor {
  const out = data.slice();
  for (let f = 0; f < filters; f++)
    for (let c = 0; c < features; c++)
      for (let k = 0; k < size; k++) out[(k * features + c) * filters + f] = data[(f * features + c) * size + k];
  return tensor([size, features, filters], out);
}

/** As many timesteps as a Conv1d puts before and after. */
const MAX_PADDING = 10_000;

/** How many zeros a Conv1d puts before and after its timesteps, where a whole module says so. */
export function zerosAround({ kind, facts }: TorchModule): number {
  const padding = facts?.attributes.get('padding');
  if (kind !== 'conv1d' || padding === undefined || padding === null || typeof padding === 'string') return 0;
  const mode = facts?.attributes.get('padding_mode') ?? 'zeros';
  if (mode !== 'zeros')
    throw new LabError({ problem: 'the lab has no Conv1d with this padding_mode.', received: String(mode) });
  const zeros = wholeNumber('padding', Array.isArray(padding) ? padding[0] : Number(padding), 0);
  if (zeros > MAX_PADDING) throw new LabError({ problem: 'the padding is absurdly long.', received: `${zeros}` });
  return zeros;
}

function wholeNumber(attribute: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new LabError({ problem: `${attribute} is a whole number of ${least} or more.`, received: `${value}` });
}
