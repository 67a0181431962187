import { activationWith } from '../../math/activations.ts';
import { LabError, quote } from '../../math/lab-error.ts';
import type { LayerSpec } from '../../model/plan.ts';
import { parseActivation, reluActivation } from './activation.ts';
import type { Defaults } from './options.ts';
import type { Parsed } from './schema.ts';
import { constantTensor, normalizationSpec, onlyAxis } from './spec-normalization.ts';
import { recurrentSpec } from './spec-recurrent.ts';

/** Classes that become several layers, or none that the lab knows; they are planned in layers.ts. */
export type Composite = 'RNN' | 'Bidirectional' | 'TimeDistributed' | 'Sequential' | 'Functional' | 'Unknown';
type Cell = 'LSTMCell' | 'GRUCell' | 'SimpleRNNCell' | 'StackedRNNCells';
export type Single = Exclude<Parsed, { class: Composite | Cell }>;

/** What the layer is, without its weights. Throws a LabError where the lab cannot compute what its arguments ask for. */
export function layerSpec(parsed: Single, name: string, defaults: Defaults): LayerSpec {
  const { keras } = defaults;
  const named = { name, trainable: parsed.args.trainable ?? true };
  const { class: className, args } = parsed;
  refuseQuantized(args);
  switch (className) {
    case 'Input': {
      const shape = args.shape ?? (args.batch_shape ?? args.batch_input_shape)?.slice(1);
      if (shape === undefined)
        throw new LabError({
          path: 'shape',
          problem: 'an Input needs a shape.',
          hint: '[timesteps, features], null where a length varies.',
        });
      const batch = (args.batch_shape ?? args.batch_input_shape)?.[0] ?? args.batch_size ?? null;
      return { kind: 'input', ...named, shape, batch };
    }
    case 'Embedding':
      return {
        kind: 'embedding',
        ...named,
        inputDim: args.input_dim,
        outputDim: args.output_dim,
        maskZero: args.mask_zero === true,
      };
    case 'LSTM':
    case 'GRU':
    case 'SimpleRNN':
      return recurrentSpec(parsed, named, defaults);
    case 'Dense':
      return {
        kind: 'dense',
        ...named,
        units: args.units,
        activation: parseActivation(args.activation, keras, 'activation'),
        useBias: args.use_bias,
        timeDistributed: false,
      };
    case 'EinsumDense':
      return {
        kind: 'einsum_dense',
        ...named,
        equation: args.equation,
        outputShape: [args.output_shape].flat(),
        biasAxes: args.bias_axes || null,
        activation: parseActivation(args.activation, keras, 'activation'),
      };
    case 'Dropout':
      return { kind: 'dropout', ...named, rate: args.rate };
    case 'SpatialDropout1D':
    case 'SpatialDropout2D':
    case 'GaussianNoise':
    case 'GaussianDropout':
    case 'AlphaDropout':
    case 'ActivityRegularization':
    case 'Identity':
      return { kind: 'identity', ...named, className };
    case 'Activation':
      return { kind: 'activation', ...named, activation: parseActivation(args.activation, keras, 'activation') };
    case 'LeakyReLU':
      return { kind: 'activation', ...named, className, activation: activationWith('leaky_relu', args.negative_slope) };
    case 'ELU':
      return { kind: 'activation', ...named, className, activation: activationWith('elu', args.alpha) };
    case 'ThresholdedReLU':
      return { kind: 'activation', ...named, className, activation: activationWith('thresholded_relu', args.theta) };
    case 'ReLU': {
      const activation = reluActivation(args.max_value ?? null, args.negative_slope ?? 0, args.threshold ?? 0);
      return { kind: 'activation', ...named, className, activation };
    }
    case 'Softmax': {
      const axis = onlyAxis(args.axis);
      if (axis === -1) return { kind: 'activation', ...named, className, activation: 'softmax' };
      return { kind: 'softmax', ...named, axis };
    }
    case 'PReLU':
      return { kind: 'prelu', ...named, sharedAxes: [args.shared_axes ?? []].flat() };
    case 'Flatten':
      return { kind: 'flatten', ...named, dataFormat: args.data_format ?? 'channels_last' };
    case 'Masking':
      return { kind: 'masking', ...named, maskValue: args.mask_value };
    case 'RepeatVector':
      return { kind: 'repeat_vector', ...named, n: args.n };
    case 'Reshape':
      return { kind: 'reshape', ...named, targetShape: args.target_shape };
    case 'Permute':
      return { kind: 'permute', ...named, dims: args.dims };
    case 'BatchNormalization':
    case 'LayerNormalization':
    case 'GroupNormalization':
    case 'RMSNormalization':
    case 'UnitNormalization':
    case 'Normalization':
    case 'Rescaling':
      return normalizationSpec(parsed, named, keras);
    case 'Conv1D':
      return {
        kind: 'conv1d',
        ...named,
        filters: args.filters,
        kernelSize: only(args.kernel_size),
        strides: only(args.strides),
        padding: args.padding,
        dilationRate: only(args.dilation_rate),
        groups: args.groups,
        ...convolving(args, keras),
      };
    case 'DepthwiseConv1D':
    case 'SeparableConv1D':
      return {
        kind: 'depthwise_conv1d',
        ...named,
        filters: parsed.class === 'SeparableConv1D' ? parsed.args.filters : null,
        kernelSize: only(args.kernel_size),
        strides: only(args.strides),
        padding: args.padding,
        dilationRate: only(args.dilation_rate),
        depthMultiplier: args.depth_multiplier,
        ...convolving(args, keras),
      };
    case 'Conv1DTranspose':
      return {
        kind: 'conv1d_transpose',
        ...named,
        filters: args.filters,
        kernelSize: only(args.kernel_size),
        strides: only(args.strides),
        padding: args.padding,
        dilationRate: only(args.dilation_rate),
        outputPadding: args.output_padding == null ? null : only(args.output_padding),
        ...convolving(args, keras),
      };
    case 'Conv2D':
      return {
        kind: 'conv2d',
        ...named,
        filters: args.filters,
        kernelSize: pair(args.kernel_size),
        strides: pair(args.strides),
        padding: args.padding,
        dilationRate: pair(args.dilation_rate),
        groups: args.groups,
        ...convolving(args, keras),
      };
    case 'MaxPooling2D':
    case 'AveragePooling2D':
      return {
        kind: 'pooling2d',
        ...named,
        operation: className === 'MaxPooling2D' ? 'max' : 'average',
        poolSize: pair(args.pool_size),
        strides: pair(args.strides ?? args.pool_size),
        padding: args.padding,
        dataFormat: args.data_format ?? 'channels_last',
      };
    case 'GlobalMaxPooling2D':
    case 'GlobalAveragePooling2D':
      return {
        kind: 'global_pooling2d',
        ...named,
        operation: className === 'GlobalMaxPooling2D' ? 'max' : 'average',
        keepdims: args.keepdims,
        dataFormat: args.data_format ?? 'channels_last',
      };
    case 'MaxPooling1D':
    case 'AveragePooling1D': {
      const poolSize = only(args.pool_size);
      return {
        kind: 'pooling1d',
        ...named,
        operation: className === 'MaxPooling1D' ? 'max' : 'average',
        poolSize,
        strides: args.strides === null || args.strides === undefined ? poolSize : only(args.strides),
        padding: args.padding,
        dataFormat: args.data_format ?? 'channels_last',
      };
    }
    case 'GlobalMaxPooling1D':
    case 'GlobalAveragePooling1D':
      return {
        kind: 'global_pooling1d',
        ...named,
        operation: className === 'GlobalMaxPooling1D' ? 'max' : 'average',
        keepdims: args.keepdims,
        dataFormat: args.data_format ?? 'channels_last',
      };
    case 'AdaptiveMaxPooling1D':
    case 'AdaptiveAveragePooling1D':
      return {
        kind: 'adaptive_pooling1d',
        ...named,
        operation: className === 'AdaptiveMaxPooling1D' ? 'max' : 'average',
        outputSize: only(args.output_size),
        dataFormat: args.data_format ?? 'channels_last',
      };
    case 'ZeroPadding1D':
      return { kind: 'zero_padding1d', ...named, padding: pair(args.padding) };
    case 'Constant':
      return { kind: 'constant', ...named, value: constantTensor(args.value, 'value') };
    case 'GetItem': {
      const { axis, index, start, stop, step } = args;
      return {
        kind: 'slice',
        ...named,
        axis,
        ...(index !== undefined && { index }),
        ...(start !== undefined && { start }),
        ...(stop !== undefined && { stop }),
        ...(step !== undefined && { step }),
      };
    }
    case 'Sum':
    case 'Mean':
    case 'Max':
    case 'Min': {
      const operation = className.toLowerCase() as 'sum' | 'mean' | 'max' | 'min';
      return { kind: 'reduction', ...named, operation, axis: [args.axis].flat(), keepdims: args.keepdims };
    }
    case 'Cropping1D':
      return { kind: 'cropping1d', ...named, cropping: pair(args.cropping) };
    case 'UpSampling1D':
      return { kind: 'up_sampling1d', ...named, size: only(args.size) };
    case 'Add':
    case 'Subtract':
    case 'Multiply':
    case 'Average':
    case 'Maximum':
    case 'Minimum':
      return { kind: 'merge', ...named, operation: operations[className], ...losesMasks(defaults) };
    case 'Concatenate':
      return { kind: 'merge', ...named, operation: 'concatenate', axes: [args.axis], ...losesMasks(defaults) };
    case 'Dot': {
      const axes = typeof args.axes === 'number' ? [args.axes, args.axes] : args.axes;
      return { kind: 'merge', ...named, operation: 'dot', axes, normalize: args.normalize };
    }
    case 'Attention':
    case 'AdditiveAttention':
      return {
        kind: 'attention',
        ...named,
        score: parsed.class === 'Attention' ? parsed.args.score_mode : 'additive',
        useScale: args.use_scale,
        causal: args.use_causal_mask,
        returnScores: args.return_attention_scores,
      };
    case 'MultiHeadAttention': {
      const output = [args.output_shape ?? []].flat();
      const axes = [args.attention_axes ?? []].flat();
      if (output.length > 1 || axes.length > 1 || (axes.length === 1 && axes[0] !== 1) || args.use_gate === true)
        throw new LabError({
          path: output.length > 1 ? 'output_shape' : axes.length > 0 ? 'attention_axes' : 'use_gate',
          problem: 'attention is computed along the timesteps, with one length of output and no gate.',
          received: quote(output.length > 1 ? output : axes.length > 0 ? axes : true),
        });
      return {
        kind: 'multi_head_attention',
        ...named,
        numHeads: args.num_heads,
        keyDim: args.key_dim,
        valueDim: args.value_dim ?? args.key_dim,
        useBias: args.use_bias,
        causal: args.use_causal_mask,
        returnScores: args.return_attention_scores,
        outputDim: output[0] ?? null,
      };
    }
  }
}

const losesMasks = ({ losesMasks: older }: Defaults) => older && { losesMasks: true as const };

/** How many tensors a layer returns. */
export function outputCount(spec: LayerSpec): number {
  if (spec.kind === 'lstm') return spec.returnState ? 3 : 1;
  if (spec.kind === 'gru' || spec.kind === 'simple_rnn') return spec.returnState ? 2 : 1;
  if (spec.kind === 'attention' || spec.kind === 'multi_head_attention') return spec.returnScores ? 2 : 1;
  return 1;
}

const operations = {
  Add: 'add',
  Subtract: 'subtract',
  Multiply: 'multiply',
  Average: 'average',
  Maximum: 'maximum',
  Minimum: 'minimum',
} as const;

/** Weights that are not those of the file as it stands: quantized ones, and those to which low-rank ones are added. */
function refuseQuantized(args: Readonly<Record<string, unknown>>): void {
  for (const path of ['lora_rank', 'quantization_config', 'quantization_mode']) {
    if (args[path] === undefined || args[path] === null) continue;
    throw new LabError({
      path,
      problem:
        path === 'lora_rank' ? 'low-rank weights (LoRA) are not added.' : 'quantized weights are not computed with.',
      received: quote(args[path]),
    });
  }
}

/** What all convolutions have. */
function convolving(
  args: {
    readonly data_format?: 'channels_last' | 'channels_first' | null;
    readonly activation?: unknown;
    readonly use_bias: boolean;
  },
  keras: Defaults['keras'],
) {
  return {
    dataFormat: args.data_format ?? ('channels_last' as const),
    activation: parseActivation(args.activation, keras, 'activation'),
    useBias: args.use_bias,
  };
}

function only(value: number | readonly [number]): number {
  return typeof value === 'number' ? value : value[0];
}

function pair(value: number | readonly [number, number] | readonly [number]): [number, number] {
  return typeof value === 'number' ? [value, value] : [value[0], value[1] ?? value[0]];
}
