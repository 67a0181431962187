import type { LayerSpec } from '../../model/plan.ts';
import { parseActivation } from './activation.ts';
import type { Defaults } from './options.ts';
import type { ParsedAs } from './schema.ts';

type Recurrent = ParsedAs<'LSTM'> | ParsedAs<'GRU'> | ParsedAs<'SimpleRNN'>;

/** An LSTM, a GRU or a SimpleRNN without its weights. */
export function recurrentSpec(
  parsed: Recurrent,
  named: { name: string; trainable: boolean },
  defaults: Defaults,
): LayerSpec {
  const { keras } = defaults;
  const { args } = parsed;
  const stepped = {
    ...named,
    units: args.units,
    activation: parseActivation(args.activation, keras, 'activation'),
    useBias: args.use_bias,
    returnSequences: args.return_sequences,
    returnState: args.return_state,
    goBackwards: args.go_backwards,
    stateful: args.stateful,
    unroll: args.unroll,
    zeroOutputForMask: args.zero_output_for_mask,
    // Keras 1 on TensorFlow; an unrolled layer starts from zeros in every version.
    maskedStart: defaults.maskedStart ?? (keras === 1 && !args.unroll ? ('state' as const) : ('zeros' as const)),
    dropout: args.dropout,
    recurrentDropout: args.recurrent_dropout,
  };
  if (parsed.class === 'SimpleRNN') return { kind: 'simple_rnn', ...stepped };
  const { recurrent_activation: given } = parsed.args;
  const recurrentActivation = parseActivation(
    given === undefined ? (keras === 1 ? 'hard_sigmoid' : 'sigmoid') : given,
    keras,
    'recurrent_activation',
  );
  if (parsed.class === 'LSTM') return { kind: 'lstm', ...stepped, recurrentActivation };
  const resetAfter = parsed.args.reset_after ?? biasSays(parsed.args.weights) ?? defaults.resetAfter ?? keras !== 1;
  return { kind: 'gru', ...stepped, recurrentActivation, resetAfter };
}

/** Whether a GRU's bias, where it is given, has a row for the recurrent part: with reset_after only. */
function biasSays(weights: unknown): boolean | undefined {
  const bias = Array.isArray(weights)
    ? weights.length === 3
      ? weights[2]
      : undefined
    : (weights as { bias?: unknown } | null | undefined)?.bias;
  if (Array.isArray(bias)) return Array.isArray(bias[0]);
  const { shape } = (bias ?? {}) as { shape?: readonly number[] };
  return shape === undefined ? undefined : shape.length === 2;
}
