import { LabError } from '../../math/lab-error.ts';
import type { Tensor } from '../../math/tensor.ts';
import type { CallPlan, LayerPlan, LayerSpec, WrapperPlan } from '../../model/plan.ts';
import type { NodeProto } from './model-proto.ts';
import type { Value } from './value.ts';

type WithoutName<S> = S extends unknown ? Omit<S, 'name' | 'trainable'> : never;

/** What a layer does; its name is found when it is added. */
export type Doing = WithoutName<LayerSpec>;

export type Weights = Readonly<Record<string, Tensor>>;

/** A layer that is being made: what follows it may still become part of it (a bias, an activation). */
export interface Draft {
  spec: LayerSpec;
  weights: Weights;
  readonly call: CallPlan;
  readonly path: string;
}

/** Everything that is known while a graph is taken apart. */
export interface Building {
  /** ONNX's own operator set. */
  readonly opset: number;
  /** The number of samples, where the file fixes it. */
  readonly batch: number | null;
  readonly drafts: Draft[];
  readonly wrappers: WrapperPlan[];
  readonly notes: Set<string>;
  /** Of each of the graph's tensors. */
  readonly values: Map<string, Value>;
  /** The node that makes each of them. */
  readonly producers: ReadonlyMap<string, NodeProto>;
  /** How many nodes and outputs need each of the graph's tensors. */
  readonly uses: ReadonlyMap<string, number>;
  /** Directions that are read together: what both are as one, by the forward one. */
  readonly pairs: Map<() => string, { readonly backward: () => string; readonly joined: () => string }>;
  readonly names: Map<string, Draft>;
  /** By name, up to which number names with one behind them are taken. */
  readonly tried: Map<string, number>;
  /** Numbers that folding constants may still make. */
  room: number;
  /** Layers that are left out, in whose place recurrent ones after them have inputs of their own; null: they have none. */
  readonly cut: Set<string> | null;
  /** Numbers of weights that may still be laid out anew: a file may name the same large ones in thousands of nodes. */
  copies: number;
}

/** As many layers as a model may have. */
const MAX_LAYERS = 2_000;
/** As many as are made before those are left that the outputs need: a loop that is written out has some twenty for each timestep. */
const MAX_DRAFTS = 60_000;

/** What is wrong with a node, or not known of it: it becomes a layer that is left out, with this as the reason. */
export function cannot(reason: string): LabError {
  return new LabError({ problem: reason });
}

/** Numbers that all constants have together, several times over, may be laid out as the lab's layers have them. */
export function copiesOf(values: Iterable<Value>): number {
  let sum = 2 ** 22;
  for (const value of values) if (value.kind === 'constant') sum += 4 * value.data.length;
  return sum;
}

/** Takes room for weights that are laid out anew. */
export function copying(building: Pick<Building, 'copies'>, numbers: number): void {
  building.copies -= numbers;
  if (building.copies < 0)
    throw cannot('the same weights are used again and again, more often than the lab copies them.');
}

/** Adds a layer and returns its name, which is also that of its first output. */
export function add(
  building: Building,
  node: NodeProto,
  doing: Doing,
  inputs: readonly string[],
  more: { weights?: Weights; suffix?: string; initialState?: CallPlan['initialState']; mask?: string } = {},
): string {
  if (building.drafts.length === MAX_DRAFTS) throw tooMany();
  const name = freeName(building, `${layerName(node)}${more.suffix ? `/${more.suffix}` : ''}`);
  const { initialState, mask } = more;
  const draft: Draft = {
    spec: { ...doing, name, trainable: true } as LayerSpec,
    weights: more.weights ?? {},
    call: { inputs, ...(initialState && { initialState }), ...(mask !== undefined && { mask }) },
    path: `${node.opType || 'input'} (${name})`,
  };
  building.drafts.push(draft);
  building.names.set(name, draft);
  return name;
}

function tooMany(): LabError {
  return new LabError({ path: 'graph', problem: `a model has at most ${MAX_LAYERS} layers.` });
}

/** The layer that gives a tensor, where nothing but this node needs it, so that what the node does can become part of it. */
export function draftBehind(building: Building, input: string, ref: string): Draft | null {
  return building.uses.get(input) === 1 ? (building.names.get(ref) ?? null) : null;
}

/** What a node is called in the lab: the names of outputs and addresses have a meaning for : # . @ [ ] and spaces. */
export function layerName({ name, outputs, opType }: Pick<NodeProto, 'name' | 'outputs' | 'opType'>): string {
  const given = name || outputs.find((output) => output !== '') || opType;
  const plain = given
    .replace(/^(StatefulPartitionedCall|PartitionedCall)\//, '')
    .replace(/:\d+$/, '')
    .replace(/[^\p{L}\p{N}_/-]+/gu, '_')
    .replace(/^\/+|\/+$/g, '')
    .slice(0, 120);
  return plain || opType.replace(/[^\p{L}\p{N}_]+/gu, '_') || 'layer';
}

export function freeName({ names, tried }: Pick<Building, 'names' | 'tried'>, wanted: string): string {
  if (!names.has(wanted)) return wanted;
  let n = tried.get(wanted) ?? 1;
  while (names.has(`${wanted}_${n}`)) n++;
  tried.set(wanted, n);
  return `${wanted}_${n}`;
}

/** The layers that the outputs need, in the order in which they were made; the inputs all. */
export function needed({ drafts, names, cut }: Building, outputs: readonly string[]): LayerPlan[] {
  const seen = new Set<string>();
  const waiting = [...outputs.map(callOf), ...(cut ?? [])];
  // What a layer that is left out reads is shown where it runs; an input that nothing else reads is not asked for.
  const inputsOf = ({ spec, call }: Draft) =>
    cut?.has(spec.name) ? call.inputs.filter((ref) => names.get(callOf(ref))?.spec.kind !== 'input') : call.inputs;
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const draft = names.get(name);
    if (draft === undefined || seen.has(name)) continue;
    seen.add(name);
    const { initialState, mask } = draft.call;
    waiting.push(...inputsOf(draft).map(callOf), ...(mask === undefined ? [] : [callOf(mask)]));
    if (Array.isArray(initialState)) waiting.push(...(initialState as readonly string[]).map(callOf));
  }
  const kept = drafts.filter(({ spec }) => seen.has(spec.name) || (cut === null && spec.kind === 'input'));
  if (kept.length > MAX_LAYERS) throw tooMany();
  return kept.map((draft) => ({
    spec: draft.spec,
    weights: { given: draft.weights, initializers: {} },
    calls: [{ ...draft.call, inputs: inputsOf(draft) }],
    path: draft.path,
  }));
}

function callOf(ref: string): string {
  return ref.replace(/:\d+$/, '');
}
