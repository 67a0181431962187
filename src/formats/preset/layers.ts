import type { Tensor } from '../../math/tensor.ts';
import type { CallPlan, LayerPlan, WrapperPlan } from '../../model/plan.ts';
import { planBidirectional } from './bidirectional.ts';
import { type Building, leaveOut, outputsOf, type Site } from './building.ts';
import { planCells } from './cells.ts';
import { implicitInput } from './implicit-input.ts';
import { planModel, planScope } from './nested.ts';
import type { PlanOptions } from './options.ts';
import { type Entry, type Node, parseLayers } from './parse.ts';
import type { Version } from './schema.ts';
import { planSingle } from './single.ts';
import { planTimeDistributed } from './time-distributed.ts';
import { timeMajor } from './time-major.ts';
import { inseparable } from './weight-names.ts';
import { parseTensorName, resolveTensor } from './wiring.ts';

export interface PlannedLayers {
  readonly layers: LayerPlan[];
  readonly wrappers: WrapperPlan[];
  /** What the model returns, as `ModelPlan.outputs` takes it: by default all outputs of the last layer. */
  readonly outputs: string[];
  /** Only where layers are time-major, see `ModelPlan`. */
  readonly outputBatchAxes?: number[];
}

/**
 * Layers in Keras's words as plans: names resolved, defaults of the version filled in, wiring explicit, and what Keras has as one layer but the lab
 * as several (Bidirectional, RNN of cells, nested models) taken apart. An input_shape on the first layer becomes an Input. Throws a LabError with
 * the place, such as `layers[2] (both).layer.units`.
 */
export function planLayers(entries: readonly Entry[], keras: Version, options: PlanOptions = {}): PlannedLayers {
  const nodes = parseLayers(entries, options.unknowns ?? 'refuse', options.passedOver);
  const building: Building = {
    defaults: { ...options, keras },
    layers: [],
    wrappers: [],
    returns: new Map(),
    outputs: new Map(),
    given: new Map(),
    timeMajor: new Set(),
    nameFor: namer(keras),
    plan: (node, site) => planAny(building, node, site, options.matrices?.get(nodes.indexOf(node))),
  };
  const { parsed, name: givenName } = nodes[0];
  const { inputs, calls } = parsed.args as { inputs?: unknown; calls?: unknown };
  let implicit: string[] = [];
  // A first layer that is wired to another needs no input of its own: the Input stands further down.
  if (parsed.class !== 'Input' && inputs === undefined && calls === undefined) {
    const input = building.nameFor(undefined, 'Input');
    building.layers.push(
      implicitInput(
        nodes[0],
        input,
        `layers[0] (${givenName ?? `${snakeCase(parsed.class)}${keras === 3 ? '' : '_1'}`})`,
      ),
    );
    building.outputs.set(input, 1);
    implicit = [input];
  }
  const inside = { frozen: false, timeDistributed: 0 };
  const { qualify, last } = planScope(building, { nodes, prefix: '', implicit, outer: null, path: '', inside });
  const resolved = (name: string, path: string) => resolveTensor(name, building.returns, path);
  const layers = building.layers.map((layer) => ({
    ...layer,
    calls: layer.calls.map((call) => resolvedCall(call, (name) => resolved(name, `${layer.path}.inputs`))),
  }));
  const outputs = (options.outputs ?? [last]).flatMap((name, at) => {
    const tensor = qualify(name, 1);
    const { layer, call, output } = parseTensorName(tensor);
    const all = output === undefined && building.returns.has(tensor) ? outputsOf(building, layer, call) : [tensor];
    return all.map((one) => resolved(one, `outputs[${at}]`));
  });
  const wrappers = building.wrappers.map((wrapper) => ({
    ...wrapper,
    outputs: wrapper.outputs.map((name) => resolved(name, wrapper.name)),
  }));
  return { ...timeMajor(layers, building.timeMajor, outputs), wrappers, outputs };
}

function planAny(building: Building, node: Node, site: Site, matrix: Tensor | undefined): void {
  const { class: className } = node.parsed;
  const { weights } = node.parsed.args as { weights?: unknown };
  const unknown = node.inner.length > 0 ? inseparable(node, building.given.get(node) ?? weights) : undefined;
  if (unknown !== undefined && building.defaults.unknowns === 'leave out')
    leaveOut(
      building,
      node,
      site,
      `its arrays cannot be told from those of ${unknown} in it, which the lab does not have.`,
    );
  else if (className === 'Bidirectional') planBidirectional(building, node, site);
  else if (className === 'RNN') planCells(building, node, site);
  else if (className === 'TimeDistributed') planTimeDistributed(building, node, site);
  else if (className === 'Sequential' || className === 'Functional') planModel(building, node, site);
  else if (className === 'Unknown') leaveOut(building, node, site, reasonFor(node.className));
  else planSingle(building, node, site, matrix);
}

function reasonFor(className: string): string {
  if (/^ConvLSTM[123]D$/.test(className))
    return 'it is an LSTM of images, whose step convolves them; the lab computes LSTMs of vectors.';
  return className === 'Lambda'
    ? 'what a Lambda computes is Python, which the lab does not run.'
    : 'the lab has no layer of this class.';
}

function resolvedCall(call: CallPlan, resolve: (name: string) => string): CallPlan {
  const { initialState } = call;
  return {
    ...call,
    inputs: call.inputs.map(resolve),
    ...(Array.isArray(initialState) && { initialState: (initialState as readonly string[]).map(resolve) }),
  };
}

/** Keras's own names: lstm, lstm_1, … in Keras 3, lstm_1, lstm_2, … before. */
function namer(keras: Version): Building['nameFor'] {
  const used = new Map<string, number>();
  return (given, className) => {
    if (given !== undefined) return given;
    const base = className === 'Input' && keras === 3 ? 'input_layer' : snakeCase(className);
    const number = used.get(base) ?? 0;
    used.set(base, number + 1);
    if (keras === 3) return number === 0 ? base : `${base}_${number}`;
    return `${base}_${number + 1}`;
  };
}

function snakeCase(className: string): string {
  return className
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
