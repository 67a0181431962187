import { kindOf } from '../../../layers/kinds.ts';
import type { Layer, RecurrentLayer } from '../../../layers/layer.ts';
import type { ActivationRef } from '../../../math/activations.ts';
import { LabError } from '../../../math/lab-error.ts';
import { toNested } from '../../../math/tensor.ts';
import { activationConfig } from './activation.ts';

/** A layer's class and arguments as Keras 3 names them, without its name, wiring and weights. */
export type Arguments = { readonly class_name: string } & Readonly<Record<string, unknown>>;

type Bare = Layer extends infer L ? (L extends Layer ? Omit<L, 'weights'> : never) : never;

const mergeClasses = {
  add: 'Add',
  subtract: 'Subtract',
  multiply: 'Multiply',
  average: 'Average',
  maximum: 'Maximum',
  minimum: 'Minimum',
  concatenate: 'Concatenate',
  dot: 'Dot',
} as const;

/** What a layer is in Keras. Throws a LabError for what only other frameworks have. */
export function argumentsOf(layer: Bare, keras: 1 | 2 | 3): Arguments {
  const activation = (ref: Parameters<typeof activationConfig>[0]) => activationConfig(ref, keras);
  switch (layer.kind) {
    case 'input':
      return { class_name: 'Input', batch_shape: [layer.batch, ...layer.shape] };
    case 'embedding':
      return {
        class_name: 'Embedding',
        input_dim: layer.inputDim,
        output_dim: layer.outputDim,
        mask_zero: layer.maskZero,
      };
    case 'lstm':
    case 'gru':
    case 'simple_rnn':
      return { class_name: recurrentClass[layer.kind], ...cellArguments(layer, keras), ...steppedArguments(layer) };
    case 'bidirectional':
      return { class_name: 'Bidirectional', merge_mode: layer.mergeMode };
    case 'time_distributed': {
      const { class_name, ...inner } = argumentsOf(layer.inner as Bare, keras);
      return { class_name: 'TimeDistributed', layer: { class_name, ...inner } };
    }
    case 'dense': {
      const dense = { units: layer.units, activation: activation(layer.activation), use_bias: layer.useBias };
      if (layer.timeDistributed) return { class_name: 'TimeDistributed', layer: { class_name: 'Dense', ...dense } };
      return { class_name: 'Dense', ...dense };
    }
    case 'dropout':
      return { class_name: 'Dropout', rate: layer.rate };
    case 'identity':
      return { class_name: layer.className, ...identityArguments[layer.className] };
    case 'activation':
      return activationLayer(layer.className, activation(layer.activation), layer.activation);
    case 'softmax':
      return { class_name: 'Softmax', axis: layer.axis };
    case 'prelu':
      return { class_name: 'PReLU', shared_axes: layer.sharedAxes.length === 0 ? null : layer.sharedAxes };
    case 'flatten':
      return { class_name: 'Flatten', data_format: layer.dataFormat };
    case 'masking':
      return { class_name: 'Masking', mask_value: layer.maskValue };
    case 'repeat_vector':
      return { class_name: 'RepeatVector', n: layer.n };
    case 'reshape':
      return { class_name: 'Reshape', target_shape: layer.targetShape };
    case 'permute':
      return { class_name: 'Permute', dims: layer.dims };
    case 'batch_normalization':
    case 'layer_normalization': {
      const { axis, epsilon, center, scale } = layer;
      const class_name = layer.kind === 'batch_normalization' ? 'BatchNormalization' : 'LayerNormalization';
      return { class_name, axis, epsilon, center, scale };
    }
    case 'group_normalization': {
      const { groups, axis, epsilon, center, scale } = layer;
      return { class_name: 'GroupNormalization', groups, axis, epsilon, center, scale };
    }
    case 'rms_normalization':
      return { class_name: 'RMSNormalization', axis: layer.axis, epsilon: layer.epsilon };
    case 'unit_normalization':
      return { class_name: 'UnitNormalization', axis: layer.axis };
    case 'einsum_dense':
      return {
        class_name: 'EinsumDense',
        equation: layer.equation,
        output_shape: layer.outputShape,
        activation: activation(layer.activation),
        bias_axes: layer.biasAxes,
      };
    case 'normalization': {
      const { axis, invert, given } = layer;
      const moments = given && { mean: toNested(given.mean), variance: toNested(given.variance) };
      return { class_name: 'Normalization', axis, invert, ...moments };
    }
    case 'rescaling':
      return { class_name: 'Rescaling', scale: bare(layer.scale), offset: bare(layer.offset) };
    case 'conv1d':
      return {
        class_name: 'Conv1D',
        filters: layer.filters,
        kernel_size: [layer.kernelSize],
        strides: [layer.strides],
        padding: layer.padding,
        dilation_rate: [layer.dilationRate],
        groups: layer.groups,
        ...convolving(layer, keras),
      };
    case 'depthwise_conv1d': {
      const shared = {
        kernel_size: [layer.kernelSize],
        strides: [layer.strides],
        padding: layer.padding,
        dilation_rate: [layer.dilationRate],
        depth_multiplier: layer.depthMultiplier,
        ...convolving(layer, keras),
      };
      if (layer.filters === null) return { class_name: 'DepthwiseConv1D', ...shared };
      return { class_name: 'SeparableConv1D', filters: layer.filters, ...shared };
    }
    case 'conv1d_transpose':
      return {
        class_name: 'Conv1DTranspose',
        filters: layer.filters,
        kernel_size: [layer.kernelSize],
        strides: [layer.strides],
        padding: layer.padding,
        output_padding: layer.outputPadding,
        dilation_rate: [layer.dilationRate],
        ...convolving(layer, keras),
      };
    case 'conv2d':
      return {
        class_name: 'Conv2D',
        filters: layer.filters,
        kernel_size: layer.kernelSize,
        strides: layer.strides,
        padding: layer.padding,
        dilation_rate: layer.dilationRate,
        groups: layer.groups,
        ...convolving(layer, keras),
      };
    case 'pooling2d':
      return {
        class_name: layer.operation === 'max' ? 'MaxPooling2D' : 'AveragePooling2D',
        pool_size: layer.poolSize,
        strides: layer.strides,
        padding: layer.padding,
        data_format: layer.dataFormat,
      };
    case 'global_pooling2d':
      return {
        class_name: layer.operation === 'max' ? 'GlobalMaxPooling2D' : 'GlobalAveragePooling2D',
        data_format: layer.dataFormat,
        keepdims: layer.keepdims,
      };
    case 'pooling1d':
      return {
        class_name: layer.operation === 'max' ? 'MaxPooling1D' : 'AveragePooling1D',
        pool_size: [layer.poolSize],
        strides: [layer.strides],
        padding: layer.padding,
        data_format: layer.dataFormat,
      };
    case 'global_pooling1d':
      return {
        class_name: layer.operation === 'max' ? 'GlobalMaxPooling1D' : 'GlobalAveragePooling1D',
        data_format: layer.dataFormat,
        keepdims: layer.keepdims,
      };
    case 'adaptive_pooling1d':
      return {
        class_name: layer.operation === 'max' ? 'AdaptiveMaxPooling1D' : 'AdaptiveAveragePooling1D',
        output_size: [layer.outputSize],
        data_format: layer.dataFormat,
      };
    case 'zero_padding1d':
      return { class_name: 'ZeroPadding1D', padding: layer.padding };
    case 'reduction':
      if (layer.operation === 'argmax' || layer.operation === 'argmin') throw notOfKeras(layer.operation);
      return { class_name: kindOf(layer).className(layer), axis: layer.axis, keepdims: layer.keepdims };
    case 'cropping1d':
      return { class_name: 'Cropping1D', cropping: layer.cropping };
    case 'up_sampling1d':
      return { class_name: 'UpSampling1D', size: layer.size };
    case 'merge':
      return {
        class_name: mergeClasses[layer.operation],
        ...(layer.operation === 'concatenate' && { axis: layer.axes?.[0] ?? -1 }),
        ...(layer.operation === 'dot' && { axes: layer.axes, normalize: layer.normalize ?? false }),
      };
    case 'attention': {
      const called = { use_causal_mask: layer.causal, return_attention_scores: layer.returnScores };
      if (layer.score === 'additive') return { class_name: 'AdditiveAttention', use_scale: layer.useScale, ...called };
      // Keras reads a function's name in an .h5 as that function: "dot", which is what it takes anyway, is not written.
      const mode = layer.score === 'dot' ? {} : { score_mode: layer.score };
      return { class_name: 'Attention', use_scale: layer.useScale, ...mode, ...called };
    }
    case 'multi_head_attention':
      return {
        class_name: 'MultiHeadAttention',
        num_heads: layer.numHeads,
        key_dim: layer.keyDim,
        value_dim: layer.valueDim,
        use_bias: layer.useBias,
        output_shape: layer.outputDim,
        use_causal_mask: layer.causal,
        return_attention_scores: layer.returnScores,
      };
    case 'slice': {
      const { kind: _, name: __, trainable: ___, within: ____, ...part } = layer;
      return { class_name: 'GetItem', ...part };
    }
    case 'constant':
      throw new LabError({ problem: 'arrays of constants among the inputs of layers are not written for Keras.' });
    case 'sequence_lengths':
    case 'affine':
      throw notOfKeras(layer.kind);
  }
}

function notOfKeras(what: string): LabError {
  return new LabError({ problem: `Keras has no layer for ${what}, which the model’s own framework has.` });
}

/** What all convolutions have. */
function convolving(
  layer: { readonly dataFormat: string; readonly activation: ActivationRef; readonly useBias: boolean },
  keras: 1 | 2 | 3,
) {
  return {
    data_format: layer.dataFormat,
    activation: activationConfig(layer.activation, keras),
    use_bias: layer.useBias,
  };
}

/** A list of one number is that number. */
const bare = (list: readonly number[]) => (list.length === 1 ? list[0] : list);

const recurrentClass = { lstm: 'LSTM', gru: 'GRU', simple_rnn: 'SimpleRNN' } as const;

const identityArguments: Readonly<Record<string, object>> = {
  // What is dropped while training is not kept: nothing, then.
  SpatialDropout1D: { rate: 0 },
  SpatialDropout2D: { rate: 0 },
  GaussianNoise: { stddev: 0 },
  GaussianDropout: { rate: 0 },
  AlphaDropout: { rate: 0 },
};

type BareRecurrent = RecurrentLayer extends infer L ? (L extends Layer ? Omit<L, 'weights'> : never) : never;

/** What a cell is: the arguments that LSTM and LSTMCell share. */
export function cellArguments(layer: BareRecurrent, keras: 1 | 2 | 3): Readonly<Record<string, unknown>> {
  refuseForeign(layer);
  const gates = layer.kind !== 'simple_rnn' && {
    recurrent_activation: activationConfig(layer.recurrentActivation, keras),
  };
  return {
    units: layer.units,
    activation: activationConfig(layer.activation, keras),
    ...gates,
    use_bias: layer.useBias,
    ...(layer.kind === 'gru' && { reset_after: layer.resetAfter }),
    dropout: layer.dropout,
    recurrent_dropout: layer.recurrentDropout,
  };
}

/** How it is stepped: the arguments that LSTM and RNN share. */
export function steppedArguments(layer: BareRecurrent): Readonly<Record<string, unknown>> {
  return {
    return_sequences: layer.returnSequences,
    return_state: layer.returnState,
    go_backwards: layer.goBackwards,
    stateful: layer.stateful,
    unroll: layer.unroll,
    zero_output_for_mask: layer.zeroOutputForMask,
  };
}

function refuseForeign(layer: BareRecurrent): void {
  const { outputActivation, inputForget, usePeepholes, projectionUnits } = layer as Partial<
    Extract<RecurrentLayer, { kind: 'lstm' }>
  >;
  const foreign = [
    layer.clip === undefined ? undefined : 'clipped gates',
    outputActivation === undefined ? undefined : 'an activation of the output of its own',
    inputForget === undefined ? undefined : 'coupled input and forget gates',
    usePeepholes === undefined ? undefined : 'peepholes',
    projectionUnits === undefined ? undefined : 'a projection of h',
  ].find((what) => what !== undefined);
  if (foreign !== undefined) throw new LabError({ path: layer.name, problem: `Keras has no layer with ${foreign}.` });
}

function activationLayer(className: string | undefined, config: unknown, ref: string): Arguments {
  const own = typeof config === 'object' && config !== null ? (config as { class_name: string; config: object }) : null;
  if (own !== null) {
    const { name: _, ...args } = own.config as Record<string, unknown>;
    return { class_name: own.class_name, ...args };
  }
  switch (className) {
    // Where the name stands for the function's defaults, which are not always the layer's.
    case 'LeakyReLU':
      return { class_name: className, negative_slope: ref === 'leaky_relu' ? 0.2 : 0 };
    case 'ELU':
      return { class_name: className, alpha: 1 };
    case 'ReLU':
      return {
        class_name: className,
        max_value: ref === 'relu6' ? 6 : null,
        negative_slope: ref === 'leaky_relu' ? 0.2 : 0,
        threshold: 0,
      };
    case 'Softmax':
      return { class_name: className, axis: -1 };
    default:
      return { class_name: 'Activation', activation: config };
  }
}
