import { LabError } from '../../math/lab-error.ts';
import { stateCount } from './bidirectional.ts';
import { addWrapper, type Building, leaveOut, outputsOf, type Site, type Use, withGiven } from './building.ts';
import type { Node } from './parse.ts';
import type { Parsed, ParsedAs } from './schema.ts';
import { shareOut } from './weight-names.ts';

/*
 * RNN(cells) as one recurrent layer for each cell, one on top of the other: all but the last return their sequence. Only the first reads backwards
 * under go_backwards; the others go on in the order in which it computed. Source: keras/src/layers/rnn/rnn.py and stacked_rnn_cells.py.
 */
export function planCells(building: Building, node: Node, site: Site): void {
  const { args } = node.parsed as ParsedAs<'RNN'>;
  const total = stateCount(node);
  if (total === undefined) {
    const unknown = node.inner.find((cell) => stateCount(cell) === undefined) as Node;
    leaveOut(building, node, site, 'the lab has no cell of this class.', unknown.className);
    return;
  }
  for (const [inner, value] of shareOut(node, building.given.get(node) ?? args.weights, `${site.path}.weights`))
    building.given.set(inner, value);
  const last = node.inner.length - 1;
  const { statesReversed = false } = building.defaults;
  let uses = site.uses;
  let taken = 0;
  const names = node.inner.map((cell, at) => {
    const count = stateCount(cell) as number;
    const name = `${site.name}/${building.nameFor(cell.name, cell.parsed.class)}`;
    building.plan(withGiven(building, cell, asLayer(cell, args, at, last)), {
      name,
      path: `${site.path}.${cell.place}`,
      within: site.name,
      frozen: site.frozen || args.trainable === false,
      timeDistributed: site.timeDistributed,
      ...(site.distributedModel && { distributedModel: true as const }),
      ...(at > 0 && args.go_backwards && { maskBackwards: true as const }),
      uses: uses.map(({ inputs }, use) => ({
        inputs,
        ...part(site.uses[use], statesReversed ? total - taken - count : taken, count, total, site.path),
      })),
    });
    uses = site.uses.map((_, use) => ({ inputs: outputsOf(building, name, use + 1).slice(0, 1) }));
    taken += count;
    return name;
  });
  addWrapper(building, site, 'RNN', (call) => {
    const returned = names.map((name) => outputsOf(building, name, call));
    const states = returned.map((tensors) => tensors.slice(1));
    return [returned[last][0], ...(statesReversed ? states.reverse() : states).flat()];
  });
}

function asLayer(cell: Node, rnn: ParsedAs<'RNN'>['args'], at: number, last: number): Node {
  const { return_state, stateful, unroll, zero_output_for_mask, time_major } = rnn;
  const stepped = {
    return_state,
    stateful,
    unroll,
    zero_output_for_mask,
    time_major,
    return_sequences: at < last || rnn.return_sequences,
    go_backwards: at === 0 && rnn.go_backwards,
  };
  const parsed = { class: cell.parsed.class.replace(/Cell$/, ''), args: { ...cell.parsed.args, ...stepped } } as Parsed;
  return { ...cell, parsed };
}

/** The states that one cell starts from: those of all cells stand in order. */
function part({ states }: Use, from: number, count: number, total: number, path: string): Pick<Use, 'states'> {
  if (states === undefined) return {};
  if (states.length === total) return { states: states.slice(from, from + count) };
  throw new LabError({
    path: `${path}.initial_state`,
    problem: `an RNN of these cells starts from ${total} states, those of the first cell first.`,
    received: `${states.length}`,
  });
}
