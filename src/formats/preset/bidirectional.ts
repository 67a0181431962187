import { LabError } from '../../math/lab-error.ts';
import type { LayerSpec } from '../../model/plan.ts';
import { type Building, claim, leaveOut, outputsOf, type Site, type Use, withGiven } from './building.ts';
import type { Node } from './parse.ts';
import type { Parsed, ParsedAs } from './schema.ts';
import { timeDistributed } from './single.ts';
import { shareOut } from './weight-names.ts';

/*
 * Bidirectional as three layers: one that reads forwards, one that reads backwards, and what joins their outputs, which has its name.
 * Source: keras/src/layers/rnn/bidirectional.py.
 */
export function planBidirectional(building: Building, node: Node, site: Site): void {
  const { args } = node.parsed as ParsedAs<'Bidirectional'>;
  const zeroed = building.defaults.zeroOutputForMaskInBidirectional ?? building.defaults.keras > 1;
  for (const inner of node.inner) {
    if (stateCount(inner) !== undefined) continue;
    leaveOut(
      building,
      node,
      site,
      'Bidirectional goes around LSTM, GRU, SimpleRNN or an RNN of known cells.',
      inner.className,
    );
    return;
  }
  for (const [inner, value] of shareOut(node, building.given.get(node) ?? args.weights, `${site.path}.weights`))
    building.given.set(inner, value);
  const [forward, backward] = node.inner.map((inner) => (zeroed ? withZeros(building, inner) : inner));
  const flags = forward.parsed.args as { return_sequences: boolean; return_state: boolean };
  if ((backward.parsed.args as typeof flags).return_sequences !== flags.return_sequences)
    throw new LabError({
      path: `${site.path}.backward_layer.return_sequences`,
      problem: 'both directions return a sequence, or neither does.',
    });
  const inside = {
    within: site.name,
    frozen: site.frozen || args.trainable === false,
    timeDistributed: site.timeDistributed,
    ...(site.distributedModel && { distributedModel: true as const }),
  };
  const names = [forward, backward].map((inner, at) => {
    const direction = at === 0 ? 'forward' : 'backward';
    const own = building.nameFor(inner.name, inner.parsed.class).replace(/^(?:(?:forward|backward)_)+(?=.)/, '');
    const name = `${site.name}/${direction}_${own}`;
    building.plan(inner, {
      ...inside,
      name,
      path: `${site.path}.${inner.place}`,
      uses: site.uses.map((use) => half(use, at, [forward, backward], site.path)),
    });
    return name;
  });
  const [mergeMode, returnSequences] = [args.merge_mode, flags.return_sequences];
  const states = flags.return_state ? 2 * (stateCount(forward) as number) : 0;
  claim(building, site, (mergeMode === null ? 2 : 1) + states);
  building.wrappers.push({
    name: site.name,
    className: 'Bidirectional',
    ...(site.within !== undefined && { within: site.within }),
    outputs: outputsOf(building, site.name, 1),
  });
  const join = {
    kind: 'bidirectional' as const,
    name: site.name,
    trainable: !inside.frozen,
    mergeMode,
    returnSequences,
  };
  building.layers.push({
    spec: { ...timeDistributed(join, site), within: site.name } as LayerSpec,
    weights: { initializers: {} },
    calls: site.uses.map((_, at) => {
      const [[y, ...forwardStates], [reversed, ...backwardStates]] = names.map((name) =>
        outputsOf(building, name, at + 1),
      );
      return { inputs: [y, reversed, ...forwardStates, ...backwardStates] };
    }),
    path: site.path,
  });
}

/** Keras 3 and tf.keras 2: a masked timestep of a returned sequence is zero in both directions. */
function withZeros(building: Building, node: Node): Node {
  const args = node.parsed.args as { return_sequences: boolean };
  const parsed = { ...node.parsed, args: { ...args, zero_output_for_mask: args.return_sequences } } as Parsed;
  return withGiven(building, node, { ...node, parsed });
}

/** What one direction starts from: the first half of the states is the forward layer's. */
function half({ inputs, states }: Use, direction: number, inner: readonly Node[], path: string): Use {
  if (states === undefined) return { inputs };
  const [first, second] = inner.map((node) => stateCount(node) as number);
  if (states.length !== first + second)
    throw new LabError({
      path: `${path}.initial_state`,
      problem: `a Bidirectional of these layers starts from ${first + second} states, the forward ones first.`,
      received: `${states.length}`,
    });
  return { inputs, states: direction === 0 ? states.slice(0, first) : states.slice(first) };
}

/** How many states a recurrent layer has; undefined for any other. */
export function stateCount({ parsed, inner }: Node): number | undefined {
  switch (parsed.class) {
    case 'LSTM':
    case 'LSTMCell':
      return 2;
    case 'GRU':
    case 'GRUCell':
    case 'SimpleRNN':
    case 'SimpleRNNCell':
      return 1;
    case 'RNN': {
      const counts = inner.map(stateCount);
      return counts.includes(undefined) ? undefined : (counts as number[]).reduce((sum, count) => sum + count, 0);
    }
    default:
      return undefined;
  }
}
