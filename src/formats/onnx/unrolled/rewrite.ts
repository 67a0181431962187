import type { Building } from '../building.ts';
import type { NodeProto } from '../model-proto.ts';
import { counted, ordered } from '../nodes.ts';
import type { Constant } from '../value.ts';
import { attempt } from './attempt.ts';
import { stepOf } from './cells.ts';
import { type Chain, chainsOf } from './chains.ts';
import { constantOf } from './linear.ts';
import { nameOf, operatorOf } from './operator.ts';

/** A graph in which loops that the exporter wrote out are one operator again. */
export interface Rolled {
  readonly nodes: readonly NodeProto[];
  /** Numbers that its new nodes need. */
  readonly constants: ReadonlyMap<string, Constant>;
  readonly notes: readonly string[];
}

/**
 * LSTMCell, GRUCell and RNNCell in a loop, which torch.onnx.export writes out timestep by timestep, as one LSTM, GRU or RNN each. `building` is the graph
 * as it is, taken apart. Where it has no such loop the nodes are the same.
 */
export function rolled(building: Building, nodes: readonly NodeProto[], outputs: readonly string[]): Rolled {
  const steps = nodes.flatMap((node) => attempt(() => stepOf(building, node)) ?? []);
  const chains = chainsOf(building, steps).slice(0, MAX_LOOPS);
  const roll = (some: readonly Chain[]) => attempt(() => replaced(building, nodes, some, outputs));
  const all = roll(chains);
  let done = all === null ? [] : chains;
  // One that cannot be rolled up does not keep the others from it.
  if (all === null) for (const chain of chains) if (roll([...done, chain])) done = [...done, chain];
  const { nodes: now, constants } = all ?? roll(done) ?? { nodes, constants: new Map() };
  const notes = chains.map((chain) => {
    const [{ operator }] = chain.steps;
    const what = `${chain.steps.length} timesteps of ${nameOf(building, chain)}`;
    return done.includes(chain)
      ? `the file has ${what} one after the other, as forward() looped over them; they are one ${operator} here`
      : `${what} stand one after the other in the file, and each reads what comes of the one before: they run layer by layer, and no ${operator} is seen`;
  });
  const other = chains.length === 0 ? otherLoop(building, nodes) : null;
  return { nodes: done.length === 0 ? nodes : now, constants, notes: other === null ? notes : [other] };
}

/** As many loops as are rolled up. */
const MAX_LOOPS = 16;

/** As often as the same weights are used where there is no loop. */
const FEW = 3;

/** A loop of a cell that is none of these: the same weights again and again. */
function otherLoop(building: Building, nodes: readonly NodeProto[]): string | null {
  if (nodes.some(({ opType }) => ['LSTM', 'GRU', 'RNN'].includes(opType))) return null;
  const uses = new Map<string, number>();
  for (const { opType, inputs } of nodes) {
    const [, weight = ''] = inputs;
    if ((opType === 'Gemm' || opType === 'MatMul') && constantOf(building, weight)?.shape.length === 2)
      uses.set(weight, (uses.get(weight) ?? 0) + 1);
  }
  const [[weight, count] = ['', 0]] = [...uses].sort(([, a], [, b]) => b - a);
  return count <= FEW
    ? null
    : `the weights ${weight} are used ${count} times: a loop that the exporter wrote out, by its look, and its equations are not those of LSTMCell, GRUCell or RNNCell, so that its layers run one by one; nn.LSTM, nn.GRU and nn.RNN are one operator each`;
}

/**
 * The graph with operators in place of chains; null where that cannot be: something reads a c in between, or what a timestep reads comes of the h before.
 */
function replaced(
  building: Building,
  nodes: readonly NodeProto[],
  chains: readonly Chain[],
  outputs: readonly string[],
) {
  const operators = chains.map((chain, at) => operatorOf(building, chain, chains.slice(0, at), nodes));
  const made = operators.flatMap((operator) => operator.nodes);
  const constants = new Map(operators.flatMap((operator) => [...operator.constants]));
  const gives = new Set(made.flatMap((node) => node.outputs));
  const before = nodes.filter((node) => !node.outputs.some((name) => gives.has(name)));
  const all = needed([...before, ...made], outputs);
  const between = new Set(chains.flatMap(({ steps }) => steps.slice(0, -1).flatMap(({ c }) => c ?? [])));
  if (all.some((node) => node.outputs.some((name) => between.has(name)))) return null;
  const given = [...building.values.keys()].filter((name) => !building.producers.has(name));
  return { nodes: ordered(all, [...given, ...constants.keys()]), constants };
}

/** The nodes that the outputs need. */
function needed(nodes: readonly NodeProto[], outputs: readonly string[]): readonly NodeProto[] {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name): [string, NodeProto] => [name, node])));
  const kept = new Set<NodeProto>();
  const waiting = [...outputs];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = makers.get(name);
    if (node === undefined || kept.has(node)) continue;
    kept.add(node);
    waiting.push(...counted([node], []).keys());
  }
  return nodes.filter((node) => kept.has(node));
}
