import { LabError, quote } from '../../math/lab-error.ts';
import { attention } from './attention.ts';
import { batchAxes } from './batch-axis.ts';
import { add, type Building, cannot, copiesOf, type Doing } from './building.ts';
import { type Dim, lengthOf, named, unknownDim } from './dim.ts';
import { constant, fold } from './fold.ts';
import { listOf } from './known.ts';
import { loop } from './loop/loop.ts';
import { masking, wrappedIndices } from './loop/mask.ts';
import { withoutForeignMasks } from './loop/masked-flow.ts';
import { type ModelProto, type NodeProto, readGraph, type ValueInfo } from './model-proto.ts';
import { counted, inlined, ordered } from './nodes.ts';
import { lowered, whyUnknown } from './operators.ts';
import { withOwnInput } from './own-input.ts';
import { gelu, layerNormalization } from './patterns.ts';
import type { ReadExternal } from './tensor-proto.ts';
import { rolled } from './unrolled/rewrite.ts';
import { type Atom, type Constant, live, type Value } from './value.ts';

/** Numbers that folding constants may make, all together. */
const MAX_NUMBERS = 2 ** 25;
/** As deep as an If may lie in an If. */
const MAX_DEPTH = 6;

/** Takes a graph apart: constants are computed, axes followed, and what is left becomes layers. Loops that an exporter wrote out are rolled up first. */
export function takeApart(
  { graph, functions, opsets }: ModelProto,
  readExternal: ReadExternal,
  isCut = false,
): Building {
  const constants = new Map<string, Value>();
  for (const tensor of graph.initializers) {
    constants.set(
      tensor.name,
      inside(`initializer ${quote(tensor.name)}`, () => constant(tensor, readExternal)),
    );
  }
  const inputs = graph.inputs.filter(({ name }) => !constants.has(name));
  const outputs = graph.outputs.map(({ name }) => name);
  const nodes = ordered(inlined(graph.nodes, functions), [...constants.keys(), ...inputs.map(({ name }) => name)]);
  const opset = opsets.get('') ?? 1;
  const given = { inputs, outputs, opset, readExternal, isCut };
  const asItIs = lower(nodes, constants, given);
  const { nodes: rest, constants: own, notes } = rolled(asItIs, nodes, outputs);
  const building = rest === nodes ? asItIs : lower(rest, new Map([...constants, ...own]), given);
  for (const note of notes) building.notes.add(note);
  withoutForeignMasks(building);
  return building;
}

interface Given {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly string[];
  readonly opset: number;
  readonly readExternal: ReadExternal;
  /** Recurrent layers after what is left out have inputs of their own. */
  readonly isCut: boolean;
}

function lower(
  nodes: readonly NodeProto[],
  constants: ReadonlyMap<string, Value>,
  { inputs, outputs, opset, readExternal, isCut }: Given,
): Building {
  const values = new Map(constants);
  const axes = batchAxes(nodes, inputs, ...constantsOf(nodes, values, readExternal));
  const building: Building = {
    opset,
    batch: fixedBatch(inputs, axes),
    drafts: [],
    wrappers: [],
    notes: new Set(),
    values,
    producers: new Map(nodes.flatMap((node) => node.outputs.map((output): [string, NodeProto] => [output, node]))),
    uses: counted(nodes, outputs),
    pairs: new Map(),
    names: new Map(),
    tried: new Map(),
    room: MAX_NUMBERS,
    cut: isCut ? new Set() : null,
    copies: copiesOf(constants.values()),
  };
  for (const input of inputs) values.set(input.name, inputValue(building, input, axes.get(input.name) ?? null));
  lowerNodes(building, nodes, readExternal, 0);
  return building;
}

function inside<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof LabError ? error.within({ path }) : error;
  }
}

/** Whole numbers and ranks of what the file holds. */
function constantsOf(
  nodes: readonly NodeProto[],
  values: ReadonlyMap<string, Value>,
  readExternal: ReadExternal,
): [(name: string) => readonly number[] | null, (name: string) => number | null] {
  const makers = new Map(nodes.filter(({ opType }) => opType === 'Constant').map((node) => [node.outputs[0], node]));
  const find = (name: string): Constant | null => {
    const value = values.get(name);
    if (value?.kind === 'constant') return value;
    const tensor = makers.get(name)?.attributes.get('value')?.t;
    try {
      return tensor ? constant(tensor, readExternal) : null;
    } catch {
      return null;
    }
  };
  return [(name) => listOf(find(name)) as readonly number[] | null, (name) => find(name)?.shape.length ?? null];
}

function fixedBatch(inputs: readonly ValueInfo[], axes: ReadonlyMap<string, number | null>): number | null {
  const lengths = inputs.flatMap(({ name, shape }) => {
    const axis = axes.get(name) ?? null;
    return axis === null || shape === null || shape.length === 0 ? [] : [shape[axis]];
  });
  const [first] = lengths;
  return typeof first === 'number' && lengths.every((length) => length === first) ? first : null;
}

const ONNX_TEXT = 8;

function inputValue(building: Building, { name, type, shape }: ValueInfo, axis: number | null): Value {
  const node: NodeProto = { name, opType: '', domain: '', inputs: [], outputs: [name], attributes: new Map() };
  if (shape === null || type === ONNX_TEXT || type === 0) {
    const reason =
      type === ONNX_TEXT ? 'an input of text' : 'an input of which the file does not say how many axes it has';
    return { kind: 'lost', ref: add(building, node, { kind: 'unknown', className: 'Input', reason }, []) };
  }
  const batchAxis = axis !== null && shape.length > 0 ? Math.min(axis, shape.length - 1) : null;
  const dims: Dim[] = [];
  const axes = shape.map((length, at): Atom[] => {
    if (at === batchAxis) return ['batch'];
    dims.push(typeof length === 'number' ? length : typeof length === 'string' ? named(length) : unknownDim());
    return [dims.length - 1];
  });
  const doing: Doing = {
    kind: 'input',
    shape: dims.map(lengthOf),
    batch: building.batch,
    ...(batchAxis !== null && batchAxis > 0 && { batchAxis }),
  };
  return live(add(building, node, doing, []), dims, axes);
}

function lowerNodes(building: Building, nodes: readonly NodeProto[], readExternal: ReadExternal, depth: number): void {
  for (const node of nodes) {
    const found = node.inputs.map((name) => (name === '' ? null : (building.values.get(name) ?? null)));
    const inputs = withOwnInput(building, node, found) ?? found;
    const outputs = outputsOf(building, node, inputs, readExternal, depth);
    node.outputs.forEach((name, at) => {
      const output = outputs[at];
      if (name !== '' && output) building.values.set(name, output);
    });
  }
}

function outputsOf(
  building: Building,
  node: NodeProto,
  inputs: readonly (Value | null)[],
  readExternal: ReadExternal,
  depth: number,
): readonly Value[] {
  try {
    // What the lab has no operators for one by one it may know as a whole.
    const pattern =
      gelu(building, node) ??
      layerNormalization(building, node) ??
      attention(building, node) ??
      masking(building, node) ??
      wrappedIndices(building, node);
    if (pattern) return [pattern];
    const rolledUp = loop(building, node, readExternal);
    if (rolledUp) return rolledUp;
    if (node.opType !== 'Constant' && inputs.every((value) => value === null)) throw cannot('it has no input.');
    const lost = inputs.find((value) => value?.kind === 'lost');
    if (lost?.kind === 'lost') throw cannot(`it needs what ${lost.ref} returns.`);
    const done =
      fold(building, node, inputs, readExternal) ??
      branch(building, node, inputs, readExternal, depth) ??
      lowered(building, node, inputs);
    if (done) return done;
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return leftOut(building, node, inputs, error.fields.problem.replace(/\.$/, ''));
  }
  return leftOut(building, node, inputs, whyUnknown(node));
}

/** An If whose condition is known is one of its graphs. */
function branch(
  building: Building,
  node: NodeProto,
  [condition]: readonly (Value | null)[],
  readExternal: ReadExternal,
  depth: number,
): Value[] | null {
  if (node.opType !== 'If' || condition?.kind !== 'constant' || depth >= MAX_DEPTH) return null;
  const bytes = node.attributes.get(condition.data[0] === 0 ? 'else_branch' : 'then_branch')?.g;
  if (!bytes) return null;
  const graph = readGraph(bytes, 'graph.If');
  for (const tensor of graph.initializers) building.values.set(tensor.name, constant(tensor, readExternal));
  lowerNodes(building, ordered(graph.nodes, building.values.keys()), readExternal, depth + 1);
  return graph.outputs.map(({ name }) => building.values.get(name) ?? { kind: 'lost', ref: '' });
}

/** A node that the lab cannot compute: a layer of its name that is left out, with everything that needs it. */
function leftOut(building: Building, node: NodeProto, inputs: readonly (Value | null)[], reason: string): Value[] {
  const refs = inputs.flatMap((value) => {
    if (value?.kind === 'live') return [value.ref()];
    if (value?.kind === 'stack') return value.parts.map(({ ref }) => ref());
    return value?.kind === 'lost' && value.ref !== '' ? [value.ref] : [];
  });
  const ref = add(building, node, { kind: 'unknown', className: node.opType || 'Node', reason }, [...new Set(refs)]);
  return node.outputs.map(() => ({ kind: 'lost', ref }));
}
