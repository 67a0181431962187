import type { Layer, RecurrentLayer } from '../../layers/layer.ts';
import { transposed } from '../../math/axes.ts';
import { LabError } from '../../math/lab-error.ts';
import { type Tensor, tensor, whole } from '../../math/tensor.ts';
import type { Model } from '../../model/graph.ts';
import { reordered } from './weights.ts';

/** Layers that have no arrays, and nothing that a state dict could lose. */
const WITHOUT = [
  'input',
  'dropout',
  'identity',
  'slice',
  'merge',
  'flatten',
  'reshape',
  'permute',
  'masking',
  'repeat_vector',
  'activation',
  'softmax',
];

/** Layers that have no arrays, and that forward() has to do. */
const MOVES = ['zero_padding1d', 'cropping1d', 'up_sampling1d', 'pooling1d', 'global_pooling1d'];

/** The lab's gates in PyTorch's order: z r g becomes r z n. */
const ORDER = { lstm: [0, 1, 2, 3], gru: [1, 0, 2], simple_rnn: [0] } as const;

/**
 * The weights of a model by PyTorch's names and in its layout: nn.LSTM, nn.GRU, nn.RNN, Embedding, Linear, LayerNorm, BatchNorm1d, Conv1d. Only arrays: how the
 * modules are wired, and what activates a Linear, is not in a state dict. Throws a LabError for a layer that PyTorch's module of that kind would compute differently.
 */
export function torchArrays(model: Model): Map<string, Tensor> {
  const arrays = new Map<string, Tensor>();
  for (const layer of model.layers) {
    try {
      for (const [name, array] of arraysOf(model, layer)) arrays.set(name, array);
    } catch (error) {
      throw error instanceof LabError ? error.within({ path: layer.name }) : error;
    }
  }
  if (arrays.size === 0) throw new LabError({ problem: 'the model has no weights to write.' });
  return arrays;
}

/** What a layer computes and a state dict cannot say, so that forward() has to: activations, strides, an epsilon that is not PyTorch's. */
export function torchNotes(model: Model): string[] {
  const said = model.layers.flatMap((layer): string[] => {
    switch (layer.kind) {
      case 'dense':
      case 'conv1d': {
        const moves =
          layer.kind === 'conv1d' &&
          (layer.strides !== 1 || layer.dilationRate !== 1 || layer.groups !== 1 || layer.padding !== 'valid');
        return [
          ...(layer.activation === 'linear' ? [] : [`${layer.name}: activation ${layer.activation}`]),
          ...(moves ? [`${layer.name}: strides, padding, dilation or groups`] : []),
        ];
      }
      case 'activation':
        return [`${layer.name}: activation ${layer.activation}`];
      case 'simple_rnn':
        return layer.activation === 'tanh' ? [] : [`${layer.name}: nonlinearity="${layer.activation}"`];
      case 'embedding':
        return layer.maskZero ? [`${layer.name}: mask_zero`] : [];
      case 'layer_normalization':
      case 'batch_normalization':
        return layer.epsilon === 1e-5 ? [] : [`${layer.name}: eps=${layer.epsilon}`];
      default:
        return MOVES.includes(layer.kind) ? [`${layer.name}: ${layer.kind}`] : [];
    }
  });
  return said.length === 0 ? [] : [`a state dict has arrays only; forward() must do the rest: ${said.join('; ')}`];
}

function arraysOf(model: Model, layer: Layer): [string, Tensor][] {
  const name = moduleName(layer.name);
  switch (layer.kind) {
    case 'embedding':
      return [[`${name}.weight`, whole(layer.weights.embeddings)]];
    case 'dense':
      return [
        [`${name}.weight`, transposed(layer.weights.kernel)],
        ...(layer.weights.bias ? [[`${name}.bias`, layer.weights.bias] as [string, Tensor]] : []),
      ];
    case 'lstm':
    case 'gru':
    case 'simple_rnn':
      return recurrent(layer, ...recurrentName(model, layer));
    case 'layer_normalization':
    case 'batch_normalization':
      return norm(layer, name);
    case 'conv1d':
      return [
        [`${name}.weight`, convolution(layer.weights.kernel)],
        ...(layer.weights.bias ? [[`${name}.bias`, layer.weights.bias] as [string, Tensor]] : []),
      ];
    case 'bidirectional':
      if (layer.mergeMode !== 'concat') throw other(`merge_mode="${layer.mergeMode}"`, 'concat');
      return [];
    default:
      if (WITHOUT.includes(layer.kind) || MOVES.includes(layer.kind)) return [];
      throw new LabError({
        problem: `PyTorch has no module that would hold this ${layer.kind}.`,
        hint: 'write .keras or a preset.',
      });
  }
}

function recurrent(layer: RecurrentLayer, module: string, suffix: string): [string, Tensor][] {
  const gated = layer.kind !== 'simple_rnn';
  const allowed = layer.kind === 'simple_rnn' ? ['tanh', 'relu'] : ['tanh'];
  if (!allowed.includes(layer.activation)) throw other(`activation="${layer.activation}"`, allowed.join(' or '));
  if (gated && layer.recurrentActivation !== 'sigmoid')
    throw other(`recurrent_activation="${layer.recurrentActivation}"`, 'sigmoid');
  if (layer.kind === 'gru' && !layer.resetAfter) throw other('reset_after=False', 'reset_after=True');
  if (layer.kind === 'lstm' && (layer.usePeepholes || layer.inputForget || layer.outputActivation))
    throw other('ONNX’s peepholes, input_forget or a third activation', 'a plain LSTM');
  if (layer.clip !== undefined) throw other('a clip', 'none');
  if (layer.goBackwards && suffix === '_l0') throw other('go_backwards=True', 'reading forwards');
  const laidOut = (matrix: Tensor) => transposed(reordered(matrix, ORDER[layer.kind]));
  const { kernel, recurrentKernel, bias } = layer.weights;
  const biases = bias ? biasesOf(layer.kind, bias) : [];
  const projection = layer.kind === 'lstm' ? layer.weights.projection : undefined;
  return [
    [`${module}weight_ih${suffix}`, laidOut(kernel)],
    [`${module}weight_hh${suffix}`, laidOut(recurrentKernel)],
    ...biases.map((array, at): [string, Tensor] => [`${module}bias_${['ih', 'hh'][at]}${suffix}`, array]),
    ...(projection ? [[`${module}weight_hr${suffix}`, transposed(projection)] as [string, Tensor]] : []),
  ];
}

/** PyTorch adds two biases: the second is zero, but for a GRU. */
function biasesOf(kind: RecurrentLayer['kind'], bias: Tensor): Tensor[] {
  const rows = bias.shape.length === 2 ? bias.shape[1] : bias.shape[0];
  if (kind !== 'gru')
    return [bias, tensor([rows], bias.data instanceof Float32Array ? new Float32Array(rows) : undefined)];
  const { data } = reordered(bias, ORDER.gru);
  return [tensor([rows], data.slice(0, rows)), tensor([rows], data.slice(rows))];
}

function other(has: string, wants: string): LabError {
  return new LabError({
    problem: `PyTorch's module would compute something else: the layer has ${has}, and it wants ${wants}.`,
    hint: 'write .keras or a preset.',
  });
}

/** The module and the suffix of its arrays: both directions of a Bidirectional are one module. `lstm_l0` is layer 0 of `lstm`. */
function recurrentName(model: Model, layer: RecurrentLayer): [module: string, suffix: string] {
  const wrapper = model.wrappers.find(({ name, className }) => name === layer.within && className === 'Bidirectional');
  const base = wrapper ? wrapper.name.replace(/_both$/, '') : layer.name;
  const stacked = /^(.*)_l(\d{1,3})$/.exec(base);
  const module = moduleName(stacked ? stacked[1] : base);
  return [`${module}.`, `_l${stacked ? stacked[2] : 0}${wrapper && layer.goBackwards ? '_reverse' : ''}`];
}

/** Within a nested model: `encoder/lstm` is `encoder.lstm`. */
function moduleName(name: string): string {
  return name.replaceAll('/', '.');
}

function norm(
  layer: Extract<Layer, { kind: 'layer_normalization' | 'batch_normalization' }>,
  name: string,
): [string, Tensor][] {
  const { weights } = layer;
  const parts: [string, Tensor | undefined][] = [
    ['weight', weights.gamma],
    ['bias', weights.beta],
    ['running_mean', 'movingMean' in weights ? weights.movingMean : undefined],
    ['running_var', 'movingVariance' in weights ? weights.movingVariance : undefined],
  ];
  return parts.flatMap(([part, array]) => (array ? [[`${name}.${part}`, array] as [string, Tensor]] : []));
}

/** [size, features, filters] becomes [filters, features, size]. */
function convolution({ shape: [size, features, filters], data }: Tensor): Tensor {
  const out = data.slice();
  for (let k = 0; k < size; k++)
    for (let c = 0; c < features; c++)
      for (let f = 0; f < filters; f++) out[(f * features + c) * size + k] = data[(k * features + c) * filters + f];
  return tensor([filters, features, size], out);
}
