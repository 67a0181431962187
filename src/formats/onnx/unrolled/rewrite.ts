import { LabError } from '../../../math/lab-error.ts';
import { axisFrom } from '../axes.ts';
import { type Building, copying } from '../building.ts';
import { wholeList } from '../known.ts';
import type { NodeProto } from '../model-proto.ts';
import { intOf, intsOf } from '../node.ts';
import { counted, ordered } from '../nodes.ts';
import type { Constant, Value } from '../value.ts';
import { stepOf } from './cells.ts';
import { type Chain, chainsOf } from './chains.ts';
import { constantOf, type Term } from './linear.ts';

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

/** Null where a node is not as its operator wants it: it is none of a loop's. */
function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof LabError) return null;
    throw error;
  }
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

const prefixOf = (at: number) => `unrolled_${at}`;

/** Names that no file has. */
const CONSTANT = '\0';

/** The operator of a chain, with what brings its inputs into one sequence and takes its outputs apart again. */
function operatorOf(building: Building, chain: Chain, before: readonly Chain[], nodes: readonly NodeProto[]) {
  const prefix = prefixOf(before.length);
  const { steps, parts, h0 } = chain;
  const [{ operator, cPrevious, activation }] = steps;
  const units = parts[0].added.length;
  for (const { x, h } of parts)
    for (const term of [x, h])
      if (term) copying(building, units * (constantOf(building, term.weight)?.shape[term.isTurned ? 0 : 1] ?? 0));
  const constants = new Map<string, Constant>();
  const made: NodeProto[] = [];
  const name = nameOf(building, chain);
  const put = (opType: string, inputs: readonly string[], outputs: readonly string[], attributes: Given = {}) => {
    made.push(nodeOf(opType, inputs, outputs, attributes, opType === operator ? name : ''));
    return outputs[0];
  };
  const number = (suffix: string, shape: readonly number[], data: ArrayLike<number>, whole = false) => {
    const key = `${CONSTANT}${prefix}${suffix}`;
    constants.set(key, { kind: 'constant', shape, data: Float64Array.from(data), whole });
    return key;
  };
  const own = (suffix: string) => `${prefix}/${suffix}`;
  // A loop within the same loop reads all that the one below gives.
  const below = before.findIndex(
    ({ steps: others }) => others.map((step) => step.h).join('\n') === chain.inputs.join('\n'),
  );
  const sequence = below < 0 ? sequenceOf(building, chain, prefix, put, number) : `${prefixOf(below)}/sequence`;
  const row = rowsOf(building, chain);
  const W = number(
    'W',
    [1, row.x.length, row.x[0].length],
    row.x.flatMap((one) => Array.from(one)),
  );
  const R = number(
    'R',
    [1, row.h.length, units],
    row.h.flatMap((one) => Array.from(one)),
  );
  const B = number('B', [1, row.bias.length], row.bias);
  const state = (of: string | null, suffix: string) =>
    of === null ? '' : put('Unsqueeze', [of], [own(suffix)], { axes: [0] });
  const inputs = [sequence, W, R, B, '', state(h0, 'h0'), operator === 'LSTM' ? state(cPrevious, 'c0') : ''];
  const [Y, Yh, Yc] = ['Y', 'Y_h', 'Y_c'].map(own);
  put(operator, inputs, operator === 'LSTM' ? [Y, Yh, Yc] : [Y, Yh], {
    hidden_size: units,
    ...(operator === 'GRU' && { linear_before_reset: 1 }),
    ...(operator === 'RNN' && { activations: [activation] }),
  });
  const all = put('Squeeze', [Y], [own('sequence')], { axes: [1] });
  for (const [at, { h, c }] of steps.entries()) {
    if (at < steps.length - 1) put('Gather', [all, number(`at_${at}`, [], [at], true)], [h], { axis: 0 });
    else {
      put('Squeeze', [Yh], [h], { axes: [0] });
      if (c !== null) put('Squeeze', [Yc], [c], { axes: [0] });
    }
  }
  const stacks = stacksOf(building, chain, nodes);
  const places = [-1, -(2 ** 31), 0, -1].map((value, at) => number(`back_${at}`, [1], [value], true));
  if (stacks.some(({ isReversed }) => isReversed)) put('Slice', [all, ...places], [own('reversed')]);
  for (const { output, axis, isReversed } of stacks)
    put('Transpose', [isReversed ? own('reversed') : all], [output], { perm: axis === 0 ? [0, 1, 2] : [1, 0, 2] });
  return { nodes: made, constants };
}

type Given = Readonly<Record<string, number | readonly number[] | readonly string[]>>;

function nodeOf(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  given: Given,
  name: string,
): NodeProto {
  const nothing = { f: 0, i: 0, s: '', t: null, g: null, floats: [], ints: [], strings: [], reference: '' };
  const attributes = Object.entries(given).map(([key, value]) => {
    if (typeof value === 'number') return [key, { ...nothing, i: value }] as const;
    const isText = typeof value[0] === 'string';
    return [key, { ...nothing, ...(isText ? { strings: value as string[] } : { ints: value as number[] }) }] as const;
  });
  return { name, opType, domain: '', inputs, outputs, attributes: new Map(attributes) };
}

/** Called as the module whose weights it has: `cells.0` of `cells.0.weight_hh`. */
function nameOf({ producers }: Building, { parts, steps }: Chain): string {
  const weight = parts.map(({ h }) => h?.weight).find((one) => one !== undefined) ?? '';
  const module = /^(.*[^.])\.(weight_hh|weight)$/.exec(weight)?.[1];
  const scope = producers.get(steps[0].h)?.name.replace(/\/?[^/]*$/, '') ?? '';
  return module ?? (scope || steps[0].operator.toLowerCase());
}

/** The rows of W and R, and the biases Wb and Rb, in ONNX's order. */
function rowsOf(building: Building, { steps, parts }: Chain) {
  const [{ operator }] = steps;
  const [x, h] = (['x', 'h'] as const).map((which) =>
    parts.flatMap((part) => {
      const term = part[which];
      return term === null ? [] : matrix(building, term);
    }),
  );
  const added = parts.map((part) => Array.from(part.added));
  const none = added[0].map(() => 0);
  // The candidate of a GRU has two biases; elsewhere both are one.
  const [forX, forH] =
    operator === 'GRU'
      ? [
          [...added[0], ...added[1], ...added[2]],
          [...none, ...none, ...added[3]],
        ]
      : [added.flat(), added.flatMap(() => none)];
  return { x, h, bias: [...forX, ...forH] };
}

function matrix(building: Building, { weight, isTurned, from, to, columns: only }: Term): Float64Array[] {
  const { shape, data } = constantOf(building, weight) as Constant;
  const columns = shape[1];
  const [start, end] = only ?? [0, isTurned ? shape[0] : columns];
  return Array.from({ length: to - from }, (_, row) =>
    Float64Array.from({ length: end - start }, (__, at) => {
      const column = start + at;
      return data[isTurned ? column * columns + from + row : (from + row) * columns + column];
    }),
  );
}

type Put = (opType: string, inputs: readonly string[], outputs: readonly string[], attributes?: Given) => string;
type Numbers = (suffix: string, shape: readonly number[], data: ArrayLike<number>, whole?: boolean) => string;

/** What the timesteps read as one tensor [timesteps, batch, features]. */
function sequenceOf(building: Building, { inputs }: Chain, prefix: string, put: Put, number: Numbers): string {
  const name = `${prefix}/X`;
  const taken = inputs.map((input) => attempt(() => takenFrom(building, input)));
  const [first, second] = taken;
  const step = first && second ? second.index - first.index : 0;
  const isRow =
    first !== null &&
    Math.abs(step) === 1 &&
    taken.every(
      (one, at) => one?.source === first.source && one.axis === first.axis && one.index === first.index + at * step,
    );
  if (!isRow) {
    const apart = inputs.map((input, at) => put('Unsqueeze', [input], [`${prefix}/x_${at}`], { axes: [0] }));
    return put('Concat', apart, [name], { axis: 0 });
  }
  const last = first.index + inputs.length * step;
  const [starts, ends, axes, steps] = [first.index, last < 0 ? -(2 ** 31) : last, first.axis, step].map((value, at) =>
    number(['from', 'to', 'axis', 'step'][at], [1], [value], true),
  );
  const rows = put('Slice', [first.source, starts, ends, axes, steps], [`${prefix}/rows`]);
  return put('Transpose', [rows], [name], { perm: first.axis === 0 ? [0, 1, 2] : [1, 0, 2] });
}

/** A timestep of a tensor [timesteps, batch, features] or [batch, timesteps, features]: which. */
function takenFrom(building: Building, name: string): { source: string; axis: number; index: number } | null {
  const { producers, values } = building;
  let node = producers.get(name);
  let squeezed: number | null = null;
  let inner = name;
  if (node?.opType === 'Squeeze') {
    const [axis, ...others] = axesOf(values, node);
    if (axis === undefined || others.length > 0) return null;
    squeezed = axis;
    inner = node.inputs[0];
    node = producers.get(inner);
  }
  if (node === undefined || node.domain !== '') return null;
  const [source] = node.inputs;
  const at = (axis: number, index: number | undefined, isGone: boolean) => {
    const own = axisFrom(axis, 3);
    const gone = squeezed === null ? isGone : !isGone && axisFrom(squeezed, 3) === own;
    return own < 2 && gone && index !== undefined && index >= 0 ? { source, axis: own, index } : null;
  };
  if (node.opType === 'Gather') {
    const index = values.get(node.inputs[1]);
    if (index?.kind !== 'constant' || index.data.length !== 1) return null;
    return at(intOf(node, 'axis', 0), index.data[0], index.shape.length === 0);
  }
  if (node.opType === 'Split') {
    const sizes = node.inputs[1]
      ? listed(values.get(node.inputs[1]))
      : (intsOf(node, 'split') ?? node.outputs.map(() => 1));
    return sizes?.every((size) => size === 1) ? at(intOf(node, 'axis', 0), node.outputs.indexOf(inner), false) : null;
  }
  if (node.opType === 'Slice') {
    const [start, end, axis] = [1, 2, 3].map((input) => listed(values.get(node.inputs[input] ?? '')));
    if (start?.length !== 1 || axis?.length !== 1 || end?.[0] !== start[0] + 1) return null;
    return at(axis[0], start[0], false);
  }
  return null;
}

function listed(value: Value | undefined): readonly number[] | null {
  return value?.kind === 'constant' ? wholeList(value, 'places') : null;
}

function axesOf(values: Building['values'], node: NodeProto): readonly number[] {
  return listed(values.get(node.inputs[1] ?? '')) ?? intsOf(node, 'axes') ?? [];
}

/** Where all h are stacked in the order of time, or against it: torch.stack. */
function stacksOf({ producers, values }: Building, { steps }: Chain, nodes: readonly NodeProto[]) {
  const stack = (node: NodeProto) => {
    if (node.opType !== 'Concat' || node.inputs.length !== steps.length) return [];
    const axis = axisFrom(intOf(node, 'axis', 1), 3);
    const hs = node.inputs.map((input) => {
      const inner = producers.get(input);
      const [own, ...others] = inner?.opType === 'Unsqueeze' ? axesOf(values, inner) : [];
      return own !== undefined && others.length === 0 && axisFrom(own, 3) === axis ? inner?.inputs[0] : undefined;
    });
    const isAll = (list: readonly (string | undefined)[]) => list.every((h, at) => h === steps[at].h);
    const [isForward, isReversed] = [isAll(hs), isAll(hs.toReversed())];
    return (isForward || isReversed) && axis < 2 ? [{ output: node.outputs[0], axis, isReversed: !isForward }] : [];
  };
  return nodes.flatMap((node) => attempt(() => stack(node)) ?? []);
}
