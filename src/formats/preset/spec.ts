import { activationName, activationNames } from '../../math/activations.ts';
import { LabError, quote } from '../../math/lab-error.ts';
import { suggestion } from '../../model/nearest.ts';
import type { LayerSpec } from '../../model/plan.ts';
import type { Parsed, Version } from './schema.ts';

/** What the layer is, without its weights. */
export function layerSpec({ class: className, args }: Parsed, name: string, keras: Version): LayerSpec {
  const named = { name, trainable: args.trainable ?? true };
  const activation = (value: string | null, argument: string) => {
    const found = activationName(value, keras);
    if (found !== undefined) return found;
    throw new LabError({
      path: argument,
      problem:
        value === 'glu' || value === 'threshold'
          ? `${value} cannot be given by name here: ${value === 'glu' ? 'it halves its input' : 'it needs arguments'}.`
          : 'Keras has no activation of this name.',
      received: quote(value),
      hint: suggestion(String(value), activationNames),
    });
  };
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
        maskZero: args.mask_zero,
      };
    case 'LSTM':
      return {
        kind: 'lstm',
        ...named,
        units: args.units,
        activation: activation(args.activation, 'activation'),
        recurrentActivation: activation(
          args.recurrent_activation === undefined
            ? keras === 1
              ? 'hard_sigmoid'
              : 'sigmoid'
            : args.recurrent_activation,
          'recurrent_activation',
        ),
        useBias: args.use_bias,
        returnSequences: args.return_sequences,
        returnState: args.return_state,
        goBackwards: args.go_backwards,
        stateful: args.stateful,
        unroll: args.unroll,
        zeroOutputForMask: args.zero_output_for_mask,
        // Keras 1 on TensorFlow; an unrolled layer starts from zeros in every version.
        maskedStart: keras === 1 && !args.unroll ? 'state' : 'zeros',
        dropout: args.dropout,
        recurrentDropout: args.recurrent_dropout,
      };
    case 'Dense':
      return {
        kind: 'dense',
        ...named,
        units: args.units,
        activation: activation(args.activation, 'activation'),
        useBias: args.use_bias,
        timeDistributed: false,
      };
    case 'TimeDistributed': {
      const inner = args.layer;
      const trainable = named.trainable && (inner.trainable ?? true);
      return {
        kind: 'dense',
        ...named,
        trainable,
        units: inner.units,
        activation: activation(inner.activation, 'layer.activation'),
        useBias: inner.use_bias,
        timeDistributed: true,
      };
    }
    case 'Dropout':
      return { kind: 'dropout', ...named, rate: args.rate };
    case 'Activation':
      return { kind: 'activation', ...named, activation: activation(args.activation, 'activation') };
    case 'Flatten':
      return { kind: 'flatten', ...named, dataFormat: args.data_format ?? 'channels_last' };
    case 'Masking':
      return { kind: 'masking', ...named, maskValue: args.mask_value };
  }
}
