import { LabError } from '../../math/lab-error.ts';
import type { Node } from './parse.ts';
import type { Parsed } from './schema.ts';

/* In which order Keras lists the weights of a layer and of the layers inside it. */

/** The weights of one layer by Keras's names: those that are trained, then those that are only kept. */
export function weightNames({ class: className, args }: Parsed): {
  trained: readonly string[];
  kept: readonly string[];
} {
  const named = (trained: readonly string[], kept: readonly string[] = []) => ({ trained, kept });
  switch (className) {
    case 'Embedding':
      return named(['embeddings']);
    case 'LSTM':
    case 'GRU':
    case 'SimpleRNN':
    case 'LSTMCell':
    case 'GRUCell':
    case 'SimpleRNNCell':
      return named(['kernel', 'recurrent_kernel', ...(args.use_bias ? ['bias'] : [])]);
    case 'DepthwiseConv1D':
      return named(['depthwise_kernel', ...(args.use_bias ? ['bias'] : [])]);
    case 'SeparableConv1D':
      return named(['depthwise_kernel', 'pointwise_kernel', ...(args.use_bias ? ['bias'] : [])]);
    case 'Dense':
    case 'Conv2D':
    case 'Conv1DTranspose':
    case 'Conv1D':
      return named(['kernel', ...(args.use_bias ? ['bias'] : [])]);
    case 'PReLU':
      return named(['alpha']);
    case 'BatchNormalization':
      return named(scaled(args), ['moving_mean', 'moving_variance']);
    case 'EinsumDense':
      return named(['kernel', ...(args.bias_axes ? ['bias'] : [])]);
    case 'RMSNormalization':
      return named(['scale']);
    case 'LayerNormalization':
    case 'GroupNormalization':
      return named(scaled(args));
    case 'Normalization':
      return named([], args.mean == null ? ['mean', 'variance', 'count'] : []);
    case 'Attention':
      return named([...(args.use_scale ? ['scale'] : []), ...(args.score_mode === 'concat' ? ['concept_weight'] : [])]);
    case 'AdditiveAttention':
      return named(args.use_scale ? ['scale'] : []);
    case 'MultiHeadAttention':
      return named(
        ['query', 'key', 'value', 'output'].flatMap((part) => [
          `${part}_kernel`,
          ...(args.use_bias ? [`${part}_bias`] : []),
        ]),
      );
    default:
      return named([]);
  }
}

function scaled({ scale, center }: { scale: boolean; center: boolean }): string[] {
  return [...(scale ? ['gamma'] : []), ...(center ? ['beta'] : [])];
}

/**
 * The class of a layer inside that the lab does not know, where a list of arrays is given for all of them and has more than the others take: which are
 * whose cannot be told. Undefined otherwise.
 */
export function inseparable(node: Node, value: unknown): string | undefined {
  if (!Array.isArray(value) || [false, true].some((perGate) => order(node, perGate).length === value.length))
    return undefined;
  return unknownInside(node);
}

function unknownInside({ parsed, className, inner }: Node): string | undefined {
  if (parsed.class === 'Unknown') return className;
  return inner.map(unknownInside).find((found) => found !== undefined);
}

/** What is given for each layer inside: arrays in its own order, or by name. */
type Shares = ReadonlyMap<Node, unknown>;

/**
 * Weights of a Bidirectional, a TimeDistributed, an RNN or a model, handed on to what is inside it. A list is in Keras's order: of all layers
 * first what is trained, then what is kept or frozen. Throws a LabError where their number is wrong.
 */
export function shareOut(node: Node, value: unknown, path: string): Shares {
  if (value === undefined || value === null) return new Map();
  if (Array.isArray(value)) return inOrder(node, value, path);
  if (node.parsed.class === 'TimeDistributed') return new Map([[node.inner[0], value]]);
  const names = innerNames(node);
  const shares = new Map<Node, unknown>();
  for (const [name, given] of Object.entries(value as object)) {
    const at = names.indexOf(name);
    if (at < 0)
      throw new LabError({
        path: `${path}.${name}`,
        problem: 'there is no layer of this name inside.',
        received: name,
        hint: `there are ${names.join(', ')}.`,
      });
    shares.set(node.inner[at], given);
  }
  return shares;
}

function innerNames(node: Node): string[] {
  if (node.parsed.class === 'Bidirectional') return ['forward', 'backward'];
  return node.inner.map(({ name, className }) => name ?? className);
}

function inOrder(node: Node, list: readonly unknown[], path: string): Shares {
  // Keras 1 kept each gate's arrays apart: where the fused ones do not come to the right number, those may.
  const whole = order(node, false);
  const split = order(node, true);
  const leaves = whole.length === list.length ? whole : split.length === list.length ? split : undefined;
  if (leaves === undefined) {
    throw new LabError({
      path,
      problem: `a list of ${whole.length} arrays is wanted, those of the layers inside in Keras’s order.`,
      received: `a list of ${list.length}`,
    });
  }
  const lists = new Map<Node, unknown[]>();
  leaves.forEach((leaf, at) => {
    lists.set(leaf, [...(lists.get(leaf) ?? []), list[at]]);
  });
  return lists;
}

/** For each array of the list the layer that it belongs to. */
function order(node: Node, perGate: boolean): Node[] {
  return [...trained(node, perGate), ...others(node, perGate)];
}

function trained(node: Node, perGate: boolean): Node[] {
  if (node.parsed.args.trainable === false) return [];
  return node.inner.length > 0
    ? node.inner.flatMap((inner) => trained(inner, perGate))
    : new Array<Node>(counts(node, perGate).trained).fill(node);
}

function others(node: Node, perGate: boolean): Node[] {
  const frozen = node.parsed.args.trainable === false;
  if (node.inner.length > 0)
    return node.inner.flatMap((inner) => (frozen ? order(inner, perGate) : others(inner, perGate)));
  const { trained: first, kept } = counts(node, perGate);
  return new Array<Node>(kept + (frozen ? first : 0)).fill(node);
}

function counts({ parsed }: Node, perGate: boolean): { trained: number; kept: number } {
  const names = weightNames(parsed);
  const { consume_less: layout } = parsed.args as { consume_less?: string };
  const apart = perGate && layout !== 'gpu' ? (parsed.class === 'LSTM' ? 4 : parsed.class === 'GRU' ? 3 : 1) : 1;
  return { trained: names.trained.length * apart, kept: names.kept.length };
}
