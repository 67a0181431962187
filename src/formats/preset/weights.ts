import type { Initializer } from '../../math/initializers.ts';
import { LabError } from '../../math/lab-error.ts';
import type { Tensor } from '../../math/tensor.ts';
import type { WeightPlan } from '../../model/plan.ts';
import { finiteTensor, parseInitializer } from './initializer.ts';
import type { Parsed, Version } from './schema.ts';

/** Where a layer’s weights come from: arrays that the preset gives, else its initializers. */
export function weightPlan({ class: className, args }: Parsed, keras: Version, matrix: Tensor | undefined): WeightPlan {
  const initializer = (value: unknown, path: string): Initializer => parseInitializer(value, keras, path);
  switch (className) {
    case 'Embedding':
      return {
        given: givenWeights(args.weights, ['embeddings'], 'weights'),
        initializers: {
          embeddings: matrix
            ? { kind: 'constant', value: matrix }
            : initializer(args.embeddings_initializer, 'embeddings_initializer'),
        },
      };
    case 'LSTM':
      return {
        given: givenWeights(
          args.weights,
          ['kernel', 'recurrent_kernel', ...(args.use_bias ? ['bias'] : [])],
          'weights',
        ),
        initializers: {
          kernel: initializer(args.kernel_initializer, 'kernel_initializer'),
          recurrent_kernel: initializer(args.recurrent_initializer, 'recurrent_initializer'),
          bias: initializer(args.bias_initializer, 'bias_initializer'),
        },
        forgetBias:
          args.forget_bias_init !== undefined
            ? initializer(args.forget_bias_init, 'forget_bias_init')
            : args.unit_forget_bias
              ? { kind: 'constant', value: 1 }
              : undefined,
        perGate: keras === 1 && args.consume_less !== 'gpu',
      };
    case 'Dense':
      return denseWeights(args, 'weights');
    case 'TimeDistributed':
      return denseWeights(args.layer, 'layer.weights');
    default:
      return { initializers: {} };
  }

  function denseWeights(
    dense: { weights?: unknown; use_bias: boolean; kernel_initializer: unknown; bias_initializer: unknown },
    path: string,
  ): WeightPlan {
    return {
      given: givenWeights(dense.weights, ['kernel', ...(dense.use_bias ? ['bias'] : [])], path),
      initializers: {
        kernel: initializer(dense.kernel_initializer, 'kernel_initializer'),
        bias: initializer(dense.bias_initializer, 'bias_initializer'),
      },
    };
  }
}

/** Arrays by name, or in Keras's order. */
function givenWeights(value: unknown, order: readonly string[], path: string): Record<string, Tensor> | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.length !== order.length)
    throw new LabError({
      path,
      problem: `a list of ${order.length} array${order.length === 1 ? '' : 's'} is wanted: ${order.join(', ')}.`,
      received: `a list of ${value.length}`,
      hint: 'give them by name, {"kernel": …}, where some are to be drawn.',
    });
  const named = Array.isArray(value)
    ? value.map((array, at): [string, unknown] => [order[at], array])
    : Object.entries(value as object);
  return Object.fromEntries(named.map(([name, array]) => [name, finiteTensor(array, `${path}.${name}`)]));
}
