import { kindOf } from '../../layers/kinds.ts';
import type { Layer, RecurrentLayer } from '../../layers/layer.ts';
import type { ActivationRef } from '../../math/activations.ts';
import { shapeText } from '../../math/tensor.ts';
import type { Call } from '../../model/graph.ts';
import { type Line, span, widthOfText } from '../line.ts';

/** The line of Keras 3 that makes this layer and calls it: `y, state_h, state_c = LSTM(5, return_state=True)(x)`. Defaults are left away. */
function kerasLine({ layer, inputs, outputShapes, states, initialState }: Call): string {
  const isStarted = states.length > 0 || initialState !== null;
  if (layer.kind === 'input') return `x = ${constructorText(layer)}`;
  const start = layer.kind === 'lstm' ? ', initial_state=[h0, c0]' : ', initial_state=h0';
  return `${resultNames(layer, outputShapes.length)} = ${constructorText(layer)}(${argumentsText(layer, inputs.length)}${isStarted ? start : ''})`;
}

function resultNames(layer: Layer, count: number): string {
  const names = kindOf(layer).outputNames?.(layer, count) ?? ['y', 'state_h', 'state_c'];
  if (count === 1) return 'y';
  return Array.from({ length: count }, (_, n) =>
    n === 0 && names[0] === 'output' ? 'y' : (names[n] ?? `y_${n}`),
  ).join(', ');
}

function argumentsText(layer: Layer, count: number): string {
  if (layer.kind === 'attention' || layer.kind === 'multi_head_attention') {
    const roles = ['query', 'value', 'key'].slice(0, count);
    return layer.kind === 'attention' ? `[${roles.join(', ')}]` : roles.join(', ');
  }
  if (layer.kind === 'bidirectional' || count < 2) return 'x';
  return `[${Array.from({ length: count }, (_, n) => `x_${n + 1}`).join(', ')}]`;
}

/** The same as lines of the screen, broken between arguments where there is room for more than one. */
export function kerasLines(call: Call, width: number, height: number): Line[] {
  const most = height < 9 ? 1 : height < 20 ? 2 : 3;
  const lines: string[] = [];
  let current = '';
  for (const part of kerasLine(call).split(/(?<=, )/)) {
    if (widthOfText(current + part) > width - 2 && current !== '' && lines.length < most - 1) {
      lines.push(current);
      current = '    ';
    }
    current += part;
  }
  lines.push(current);
  return lines.map((text, n) => [
    span(` ${text.trimEnd()}`, 'accent'),
    ...(n === lines.length - 1 && widthOfText(text) + 14 <= width ? [span('   # Keras 3', 'muted')] : []),
  ]);
}

/** What tells a recurrent layer from Keras's defaults. */
function recurrentText(layer: RecurrentLayer, ...own: readonly (string | false | undefined)[]): string {
  return made(
    kindOf(layer).className(layer),
    layer.units,
    layer.activation !== 'tanh' && `activation=${activationText(layer.activation)}`,
    layer.kind !== 'simple_rnn' &&
      layer.recurrentActivation !== 'sigmoid' &&
      `recurrent_activation=${activationText(layer.recurrentActivation)}`,
    !layer.useBias && 'use_bias=False',
    ...own,
    layer.dropout > 0 && `dropout=${layer.dropout}`,
    layer.recurrentDropout > 0 && `recurrent_dropout=${layer.recurrentDropout}`,
    layer.returnSequences && 'return_sequences=True',
    layer.returnState && 'return_state=True',
    layer.goBackwards && 'go_backwards=True',
    layer.stateful && 'stateful=True',
    layer.unroll && 'unroll=True',
    layer.zeroOutputForMask && 'zero_output_for_mask=True',
    !layer.trainable && 'trainable=False',
  );
}

function constructorText(layer: Layer): string {
  const name = kindOf(layer).className(layer);
  const trainable = !layer.trainable && 'trainable=False';
  const channelsFirst =
    'dataFormat' in layer && layer.dataFormat === 'channels_first' && "data_format='channels_first'";
  switch (layer.kind) {
    case 'input':
      return `Input(shape=${shapeText(layer.shape)})`;
    case 'embedding':
      return made(name, layer.inputDim, layer.outputDim, layer.maskZero && 'mask_zero=True', trainable);
    case 'lstm':
    case 'simple_rnn':
      return recurrentText(layer);
    case 'gru':
      return recurrentText(layer, !layer.resetAfter && 'reset_after=False');
    case 'dense': {
      const dense = made(
        'Dense',
        layer.units,
        layer.activation !== 'linear' && `activation=${activationText(layer.activation)}`,
        !layer.useBias && 'use_bias=False',
        trainable,
      );
      return layer.timeDistributed ? `TimeDistributed(${dense})` : dense;
    }
    case 'dropout':
      return `Dropout(${layer.rate})`;
    case 'activation':
      return layer.className ? made(name) : `Activation(${activationText(layer.activation)})`;
    case 'softmax':
      return made(name, `axis=${layer.axis}`);
    case 'flatten':
      return made(name, channelsFirst);
    case 'masking':
      return made(name, layer.maskValue !== 0 && `mask_value=${layer.maskValue}`);
    case 'repeat_vector':
      return made(name, layer.n);
    case 'reshape':
      return made(name, shapeText(layer.targetShape));
    case 'permute':
      return made(name, shapeText(layer.dims));
    case 'zero_padding1d':
      return made(name, shapeText(layer.padding));
    case 'cropping1d':
      return made(name, shapeText(layer.cropping));
    case 'up_sampling1d':
      return made(name, layer.size);
    case 'constant':
      return 'np.array([…])';
    case 'slice':
      return 'x[…]';
    case 'conv1d':
      return made(
        name,
        layer.filters,
        layer.kernelSize,
        layer.strides !== 1 && `strides=${layer.strides}`,
        layer.padding !== 'valid' && `padding='${layer.padding}'`,
        channelsFirst,
        layer.dilationRate !== 1 && `dilation_rate=${layer.dilationRate}`,
        layer.groups !== 1 && `groups=${layer.groups}`,
        layer.activation !== 'linear' && `activation=${activationText(layer.activation)}`,
        !layer.useBias && 'use_bias=False',
        trainable,
      );
    case 'pooling1d':
      return made(
        name,
        layer.poolSize,
        layer.strides !== layer.poolSize && `strides=${layer.strides}`,
        layer.padding !== 'valid' && `padding='${layer.padding}'`,
        channelsFirst,
      );
    case 'conv2d':
    case 'conv1d_transpose':
    case 'depthwise_conv1d': {
      const [size, strides, dilation] = [layer.kernelSize, layer.strides, layer.dilationRate].map(lengths);
      return made(
        name,
        layer.filters !== null && layer.filters,
        size,
        strides !== '1' && `strides=${strides}`,
        layer.padding !== 'valid' && `padding='${layer.padding}'`,
        channelsFirst,
        dilation !== '1' && `dilation_rate=${dilation}`,
        layer.kind === 'depthwise_conv1d' && layer.depthMultiplier !== 1 && `depth_multiplier=${layer.depthMultiplier}`,
        layer.activation !== 'linear' && `activation=${activationText(layer.activation)}`,
        !layer.useBias && 'use_bias=False',
        trainable,
      );
    }
    case 'pooling2d':
      return made(
        name,
        lengths(layer.poolSize),
        lengths(layer.strides) !== lengths(layer.poolSize) && `strides=${lengths(layer.strides)}`,
        layer.padding !== 'valid' && `padding='${layer.padding}'`,
        channelsFirst,
      );
    case 'global_pooling2d':
    case 'global_pooling1d':
      return made(name, channelsFirst, layer.keepdims && 'keepdims=True');
    case 'batch_normalization':
      return made(
        name,
        layer.axis !== -1 && `axis=${layer.axis}`,
        layer.epsilon !== 0.001 && `epsilon=${layer.epsilon}`,
        !layer.center && 'center=False',
        !layer.scale && 'scale=False',
        trainable,
      );
    case 'group_normalization':
      return made(
        name,
        layer.groups !== 32 && layer.groups,
        layer.axis !== -1 && `axis=${layer.axis}`,
        layer.epsilon !== 0.001 && `epsilon=${layer.epsilon}`,
        !layer.center && 'center=False',
        !layer.scale && 'scale=False',
        trainable,
      );
    case 'einsum_dense':
      return made(
        name,
        `'${layer.equation}'`,
        layer.outputShape.length === 1 && layer.outputShape[0] !== null
          ? layer.outputShape[0]
          : shapeText(layer.outputShape),
        layer.biasAxes !== null && `bias_axes='${layer.biasAxes}'`,
        layer.activation !== 'linear' && `activation=${activationText(layer.activation)}`,
        trainable,
      );
    case 'adaptive_pooling1d':
      return made(name, layer.outputSize, channelsFirst);
    case 'normalization':
      return made(
        name,
        !(layer.axis.length === 1 && layer.axis[0] === -1) &&
          `axis=${layer.axis.length === 0 ? 'None' : shapeText(layer.axis)}`,
        layer.given && 'mean=…, variance=…',
        layer.invert && 'invert=True',
      );
    case 'rescaling': {
      const [scale, offset] = [layer.scale, layer.offset].map((list) => (list.length === 1 ? `${list[0]}` : '[…]'));
      return made(name, scale, offset !== '0' && `offset=${offset}`);
    }
    case 'layer_normalization':
      return made(
        name,
        !(layer.axis.length === 1 && layer.axis[0] === -1) && `axis=[${layer.axis.join(', ')}]`,
        layer.epsilon !== 0.001 && `epsilon=${layer.epsilon}`,
        !layer.center && 'center=False',
        !layer.scale && 'scale=False',
        trainable,
      );
    case 'merge':
      if (layer.operation === 'dot')
        return made(name, `axes=${layer.axes?.join(', ') ?? -1}`, layer.normalize && 'normalize=True');
      return made(
        name,
        layer.operation === 'concatenate' && (layer.axes?.[0] ?? -1) !== -1 && `axis=${layer.axes?.[0]}`,
      );
    case 'attention':
      return made(
        name,
        layer.useScale !== (layer.score === 'additive') && `use_scale=${python(layer.useScale)}`,
        layer.score === 'concat' && "score_mode='concat'",
      );
    case 'multi_head_attention':
      return made(
        name,
        `num_heads=${layer.numHeads}`,
        `key_dim=${layer.keyDim}`,
        layer.valueDim !== layer.keyDim && `value_dim=${layer.valueDim}`,
        !layer.useBias && 'use_bias=False',
        trainable,
      );
    case 'bidirectional':
      return made(
        name,
        '…',
        layer.mergeMode !== 'concat' && `merge_mode=${layer.mergeMode === null ? 'None' : `'${layer.mergeMode}'`}`,
      );
    case 'time_distributed':
      return `TimeDistributed(${kindOf(layer.inner as Layer).className(layer.inner as Layer)}(…))`;
    default:
      return made(name);
  }
}

/** `3`, or `(3, 2)` where they differ. */
function lengths(value: number | readonly [number, number]): string {
  if (typeof value === 'number') return String(value);
  return value[0] === value[1] ? String(value[0]) : shapeText(value);
}

function made(name: string, ...args: readonly (string | number | false | undefined)[]): string {
  return `${name}(${args.filter((argument) => argument !== false && argument !== undefined).join(', ')})`;
}

/** Keras 3 has the hard_sigmoid of Keras 1 and 2 under no name. */
function activationText(activation: ActivationRef): string {
  return activation === 'hard_sigmoid_keras2' ? 'lambda x: ops.clip(0.2 * x + 0.5, 0, 1)' : `'${activation}'`;
}

export function python(flag: boolean): string {
  return flag ? 'True' : 'False';
}
