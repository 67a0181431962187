import { quote } from '../../../math/lab-error.ts';
import { type Building, cannot } from '../building.ts';
import { BATCH } from '../dim.ts';
import { constant, fold } from '../fold.ts';
import { isKnown, lengths } from '../known.ts';
import { type GraphProto, type NodeProto, readGraph } from '../model-proto.ts';
import { ordered } from '../nodes.ts';
import type { ReadExternal } from '../tensor-proto.ts';
import { attempt } from '../unrolled/attempt.ts';
import { linearOf } from '../unrolled/linear.ts';
import type { Value } from '../value.ts';

/** A tensor that one timestep hands to the next. */
export interface Carried {
  /** What the body calls it. */
  readonly self: string;
  /** What it is before the first timestep: a name outside. */
  readonly start: string;
  /** What it is after a timestep. */
  readonly next: string;
}

/** One timestep of a Loop: names through Identity nodes are one name, and what does not change is called as it is outside. */
export interface Body {
  /** The body's nodes and the numbers that they need, to be read like a graph. */
  readonly view: Building;
  readonly iteration: string;
  readonly conditionBefore: string;
  readonly condition: string;
  /** By the place among the Loop's outputs; null where it does not change. */
  readonly carried: readonly (Carried | null)[];
  /** What does not change, by the same places: names outside. */
  readonly constants: readonly string[];
  /** What each timestep adds to a sequence, and at which place among the Loop's outputs that is. */
  readonly scans: readonly { readonly name: string; readonly place: number }[];
}

/** As large as the body of a loop may be: a cell has some thirty nodes. */
const MAX_NODES = 600;
/** As many tensors as are handed from timestep to timestep, weights among them. */
const MAX_CARRIED = 64;
/** As many lengths as are asked of gates. */
const MAX_SHAPES = 16;

/** The body of an ONNX Loop. Throws a LabError where it is none that the lab can follow. */
export function bodyOf(building: Building, node: NodeProto, readExternal: ReadExternal): Body {
  const bytes = node.attributes.get('body')?.g;
  if (!bytes) throw cannot('it has no body.');
  const graph = readGraph(bytes, 'graph.Loop');
  const starts = node.inputs.slice(2);
  const [iteration, conditionBefore, ...selves] = graph.inputs.map(({ name }) => name);
  if (graph.nodes.length > MAX_NODES) throw cannot(`its body has ${graph.nodes.length} nodes.`);
  if (selves.length > MAX_CARRIED) throw cannot(`it carries ${selves.length} tensors along.`);
  if (selves.length !== starts.length || graph.outputs.length < selves.length + 1)
    throw cannot('its body has other inputs or outputs than it has itself.');
  refuseTwice(building, graph);
  const names = new Map<string, string>();
  const called = (name: string) => names.get(name) ?? name;
  const nodes = ordered(graph.nodes, given(graph));
  const makers = new Map(nodes.flatMap((one) => one.outputs.map((name): [string, NodeProto] => [name, one])));
  for (const one of nodes) {
    const source = unchanged(one, makers);
    if (source !== null) names.set(one.outputs[0], called(source));
  }
  const [condition, ...results] = graph.outputs.map(({ name }) => called(name));
  selves.forEach((self, at) => {
    if (results[at] === self) names.set(self, starts[at]);
  });
  const rest = nodes
    .filter(({ outputs }) => !names.has(outputs[0]))
    .map((one) => ({ ...one, inputs: one.inputs.map((name) => called(called(name))) }));
  const last = (name: string) => called(called(name));
  const view = viewOf(building, graph, rest, [...starts, last(condition)], readExternal);
  const carried = selves.map((self, at) =>
    results[at] === self ? null : { self, start: starts[at], next: last(results[at]) },
  );
  const lists = carried.map((one) => one && insertedInto(building, view, one));
  return {
    view,
    // Where it is a list of one, so is what it picks.
    iteration: graph.inputs[0]?.shape?.length ? '' : iteration,
    conditionBefore,
    condition: last(condition),
    carried: carried.map((one, at) => (lists[at] === null ? one : null)),
    constants: starts,
    scans: [
      ...lists.flatMap((name, place) => (name === null ? [] : [{ name, place }])),
      ...results.slice(selves.length).map((name, at) => ({ name: last(name), place: selves.length + at })),
    ],
  };
}

/** What a timestep adds to the end of a list that is empty at first: PyTorch's list.append. */
function insertedInto({ producers }: Building, view: Building, { self, start, next }: Carried): string | null {
  const insert = view.producers.get(next);
  const isAppended = insert?.opType === 'SequenceInsert' && insert.inputs.length === 2 && insert.inputs[0] === self;
  return isAppended && producers.get(start)?.opType === 'SequenceEmpty' ? insert.inputs[1] : null;
}

/** What a node only hands on: Identity, and a product with as many ones, which is how recurrent_dropout is written where nothing is dropped. */
function unchanged({ opType, domain, inputs }: NodeProto, makers: ReadonlyMap<string, NodeProto>): string | null {
  if (domain !== '') return null;
  if (opType === 'Identity') return inputs[0];
  if (opType !== 'Mul') return null;
  const isOnes = (name: string, like: string) => {
    const maker = makers.get(name);
    const shape = makers.get(maker?.inputs[0] ?? '');
    const tensor = maker?.attributes.get('value')?.t;
    return (
      maker?.opType === 'ConstantOfShape' &&
      shape?.opType === 'Shape' &&
      shape.inputs[0] === like &&
      shape.attributes.size === 0 &&
      !!tensor &&
      constant(tensor, NOT_OUTSIDE).data.every((value) => value === 1)
    );
  };
  const [a, b] = inputs;
  return isOnes(b, a) ? a : isOnes(a, b) ? b : null;
}

const NOT_OUTSIDE: ReadExternal = () => {
  throw cannot('a number that every place has stands in another file.');
};

/** Names that are there before the body's nodes run: its own, and those outside that it reads. */
function given({ nodes, inputs, initializers }: GraphProto): Set<string> {
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const outside = nodes.flatMap((node) => node.inputs.filter((name) => !made.has(name)));
  return new Set([...outside, ...inputs.map(({ name }) => name), ...initializers.map(({ name }) => name)]);
}

/** A body whose names are used outside too would be read wrongly here. */
function refuseTwice({ values }: Building, { nodes, inputs, initializers }: GraphProto): void {
  const own = [
    ...nodes.flatMap(({ outputs }) => outputs),
    ...inputs.map(({ name }) => name),
    ...initializers.map(({ name }) => name),
  ];
  const twice = own.find((name) => name !== '' && values.has(name));
  if (twice !== undefined) throw cannot(`its body calls a tensor as one outside is called: ${quote(twice)}.`);
}

/** Everything in the body that follows from numbers of the file is computed. */
function viewOf(
  building: Building,
  graph: GraphProto,
  nodes: readonly NodeProto[],
  starts: readonly string[],
  readExternal: ReadExternal,
): Building {
  const values = new Map<string, Value>();
  for (const tensor of graph.initializers) values.set(tensor.name, constant(tensor, readExternal));
  const producers = new Map<string, NodeProto>();
  const view = { ...building, values, producers };
  const know = (name: string) => {
    const outside = building.values.get(name);
    if (outside && isKnown(outside)) values.set(name, outside);
  };
  let shapes = 0;
  starts.forEach(know);
  for (const node of nodes) {
    node.inputs.forEach(know);
    for (const name of node.outputs) producers.set(name, node);
    const inputs = node.inputs.map((name) => (name === '' ? null : (values.get(name) ?? null)));
    // How long a gate is, which chunk() asks, the weights say.
    const gate = node.opType === 'Shape' && node.domain === '' && node.attributes.size === 0 && shapes++ < MAX_SHAPES;
    const sum = gate ? attempt(() => linearOf({ ...view, values: new Map(values) }, node.inputs[0])) : null;
    if (sum) values.set(node.outputs[0], lengths([2], [BATCH, sum.length]));
    if (!node.inputs.every((name, at) => name === '' || inputs[at] !== null)) continue;
    const folded = attempt(() => fold(view, node, inputs, readExternal));
    node.outputs.forEach((name, at) => {
      const value = folded?.[at];
      if (value && isKnown(value)) values.set(name, value);
    });
  }
  building.room = view.room;
  return view;
}
