import { kindOf } from '../../layers/kinds.ts';
import type { Layer } from '../../layers/layer.ts';
import type { ActivationRef } from '../../math/activations.ts';
import { shapeText } from '../../math/tensor.ts';
import type { Call } from '../../model/graph.ts';
import { type Line, span, widthOfText } from '../line.ts';

/** The line of Keras 3 that makes this layer and calls it: `y, state_h, state_c = LSTM(5, return_state=True)(x)`. Defaults are left away. */
function kerasLine({ layer, states, initialState }: Call): string {
  const isStarted = states.length > 0 || initialState !== null;
  const call = layer.kind === 'input' ? '' : `(x${isStarted ? ', initial_state=[h0, c0]' : ''})`;
  const names = layer.kind === 'lstm' && layer.returnState ? 'y, state_h, state_c' : layer.kind === 'input' ? 'x' : 'y';
  return `${names} = ${constructorText(layer)}${call}`;
}

/** The same as lines of the screen, broken between arguments where there is room for more than one. */
export function kerasLines(call: Call, width: number, height: number): Line[] {
  const most = height < 14 ? 1 : height < 20 ? 2 : 3;
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

function constructorText(layer: Layer): string {
  const trainable = layer.trainable ? [] : ['trainable=False'];
  switch (layer.kind) {
    case 'input':
      return `Input(shape=${shapeText(layer.shape)})`;
    case 'embedding':
      return made('Embedding', layer.inputDim, layer.outputDim, layer.maskZero && 'mask_zero=True', ...trainable);
    case 'lstm':
      return made(
        'LSTM',
        layer.units,
        layer.activation !== 'tanh' && `activation=${activationText(layer.activation)}`,
        layer.recurrentActivation !== 'sigmoid' && `recurrent_activation=${activationText(layer.recurrentActivation)}`,
        !layer.useBias && 'use_bias=False',
        layer.dropout > 0 && `dropout=${layer.dropout}`,
        layer.recurrentDropout > 0 && `recurrent_dropout=${layer.recurrentDropout}`,
        layer.returnSequences && 'return_sequences=True',
        layer.returnState && 'return_state=True',
        layer.goBackwards && 'go_backwards=True',
        layer.stateful && 'stateful=True',
        layer.unroll && 'unroll=True',
        layer.zeroOutputForMask && 'zero_output_for_mask=True',
        ...trainable,
      );
    case 'dense': {
      const dense = made(
        'Dense',
        layer.units,
        layer.activation !== 'linear' && `activation=${activationText(layer.activation)}`,
        !layer.useBias && 'use_bias=False',
        ...trainable,
      );
      return layer.timeDistributed ? `TimeDistributed(${dense})` : dense;
    }
    case 'dropout':
      return `Dropout(${layer.rate})`;
    case 'activation':
      return `Activation(${activationText(layer.activation)})`;
    case 'flatten':
      return made('Flatten', layer.dataFormat === 'channels_first' && "data_format='channels_first'");
    case 'masking':
      return made('Masking', layer.maskValue !== 0 && `mask_value=${layer.maskValue}`);
    default:
      return made(kindOf(layer).className(layer));
  }
}

function made(name: string, ...args: readonly (string | number | false)[]): string {
  return `${name}(${args.filter((argument) => argument !== false).join(', ')})`;
}

/** Keras 3 has the hard_sigmoid of Keras 1 and 2 under no name. */
function activationText(activation: ActivationRef): string {
  return activation === 'hard_sigmoid_keras2' ? 'lambda x: ops.clip(0.2 * x + 0.5, 0, 1)' : `'${activation}'`;
}

export function python(flag: boolean): string {
  return flag ? 'True' : 'False';
}
