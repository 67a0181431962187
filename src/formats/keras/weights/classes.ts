import { classAliases } from '../../preset/aliases.ts';
import type { KerasLayer } from '../config/layer-tree.ts';
import { own } from '../config/object.ts';

const weightless = [
  'Input',
  'Dropout',
  'SpatialDropout1D',
  'SpatialDropout2D',
  'GaussianNoise',
  'GaussianDropout',
  'AlphaDropout',
  'ActivityRegularization',
  'Identity',
  'Activation',
  'LeakyReLU',
  'ELU',
  'ReLU',
  'ThresholdedReLU',
  'Softmax',
  'Flatten',
  'Masking',
  'RepeatVector',
  'Reshape',
  'Permute',
  'MaxPooling1D',
  'AveragePooling1D',
  'GlobalMaxPooling1D',
  'GlobalAveragePooling1D',
  'MaxPooling2D',
  'AveragePooling2D',
  'GlobalMaxPooling2D',
  'GlobalAveragePooling2D',
  'ZeroPadding1D',
  'Cropping1D',
  'UpSampling1D',
  'Rescaling',
  'Add',
  'Subtract',
  'Multiply',
  'Average',
  'Maximum',
  'Minimum',
  'Concatenate',
  'Dot',
  'Merge',
  'Lambda',
];

const weighted = [
  'Embedding',
  'LSTM',
  'GRU',
  'SimpleRNN',
  'LSTMCell',
  'GRUCell',
  'SimpleRNNCell',
  'Dense',
  'Conv1D',
  'Conv1DTranspose',
  'DepthwiseConv1D',
  'SeparableConv1D',
  'Conv2D',
  'PReLU',
  'BatchNormalization',
  'MultiHeadAttention',
];

export function todaysClass(className: string): string {
  return Object.hasOwn(classAliases, className) ? classAliases[className] : className;
}

/** Whether a layer's arrays may stay in their file: of an Embedding's matrix a run needs the rows that it looks up. */
export function mayWait({ className }: KerasLayer): boolean {
  return todaysClass(className) === 'Embedding';
}

/** Whether a file holds arrays for a layer; undefined: that cannot be told from its class. */
export function hasWeights(layer: KerasLayer): boolean | undefined {
  if (layer.className === 'TimeDistributedDense') return true;
  const className = todaysClass(layer.className);
  if (layer.model !== undefined || ['Bidirectional', 'TimeDistributed', 'RNN'].includes(className))
    return some(layer.inside.map(hasWeights));
  if (weighted.includes(className)) return true;
  if (weightless.includes(className)) return false;
  const { config } = layer;
  if (className === 'LayerNormalization') return own(config, 'scale') !== false || own(config, 'center') !== false;
  if (className === 'Normalization') return own(config, 'mean') == null;
  if (className === 'Attention') return own(config, 'use_scale') === true || own(config, 'score_mode') === 'concat';
  if (className === 'AdditiveAttention') return own(config, 'use_scale') !== false;
  return undefined;
}

function some(inside: readonly (boolean | undefined)[]): boolean | undefined {
  return inside.includes(true) ? true : inside.includes(undefined) ? undefined : false;
}
