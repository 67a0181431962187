import { kindOf, weightKey } from '../layers/kinds.ts';
import { isRecurrent, type Layer, type RecurrentState, type Shape } from '../layers/layer.ts';
import { stateNames } from '../layers/recurrent.ts';
import { LabError } from '../math/lab-error.ts';
import { shapeText, type Tensor } from '../math/tensor.ts';
import { type Call, callName, type Incomplete, type Model, type Ref } from './graph.ts';
import { suggestion } from './nearest.ts';
import type { CallPlan, LayerPlan, ModelPlan, UnknownSpec } from './plan.ts';
import { makeWeights } from './weights.ts';

/** Ordering the calls takes the square of their number. */
const MAX_CALLS = 2_000;

interface Waiting {
  readonly layerPlan: LayerPlan;
  readonly call: CallPlan;
  readonly number: number;
}

/**
 * Builds the graph: orders the calls, infers and checks every shape, makes the weights. Layers that the lab does not know are left out, with all
 * that needs what they return. Throws a LabError that names the layer, what it wanted and what it got.
 */
export function buildModel(plan: ModelPlan): Model {
  const layers = new Map<LayerPlan, Layer>();
  const calls: Call[] = [];
  const byName = new Map<string, number>();
  const all = plan.layers.flatMap((layerPlan) =>
    layerPlan.calls.map((call, at): Waiting => ({ layerPlan, call, number: at + 1 })),
  );
  refuseUnknownNames(plan, all.map(nameOf));
  const left = leftOut(all);
  const waiting = all.filter((use) => !left.has(nameOf(use)));

  while (waiting.length > 0) {
    const ready = waiting.findIndex(({ layerPlan, call, number }) => {
      const before = nameOf({ layerPlan, number: number - 1 });
      const earlierCallsDone = number === 1 || byName.has(before) || left.has(before);
      return earlierCallsDone && tensorNames(call).every((name) => byName.has(parseRef(name).call));
    });
    if (ready < 0) {
      throw new LabError({
        path: waiting[0].layerPlan.path,
        problem: 'the layers are wired in a circle, so that none of them can run first.',
        received: waiting.map(({ layerPlan }) => layerPlan.spec.name).join(', '),
      });
    }
    const [{ layerPlan, call, number }] = waiting.splice(ready, 1);
    const refs = (names: readonly string[]) => names.map((name) => resolve(name, calls, byName, layerPlan.path));
    const inputs = refs(call.inputs);
    const states = refs(wiredStates(call));
    const [mask = null] = call.mask === undefined ? [] : refs([call.mask]);
    const given = givenState(call);
    const built = inside(layerPlan.path, () => {
      const spec = layerPlan.spec as Layer;
      const shapes = inputs.map((ref) => calls[ref.call].outputShapes[ref.output]);
      checkInputs(spec, shapes);
      checkStates(
        spec,
        states.map((ref) => calls[ref.call].outputShapes[ref.output]),
        given,
      );
      const outputShapes = kindOf(spec).outputShapes(spec, ...shapes);
      const known = layers.get(layerPlan);
      if (known) checkShared(known, shapes);
      return { layer: known ?? makeWeights(layerPlan, shapes, plan), outputShapes };
    });
    layers.set(layerPlan, built.layer);
    byName.set(callName({ layer: built.layer, number }), calls.length);
    // Keras 3 gives its mask to a layer that is called with one tensor; beside initial_state it is not used, unless it is passed too.
    const usesMask = plan.keras !== 3 || states.length === 0 || call.maskPassed === true;
    calls.push({ ...built, number, inputs, states, initialState: given, mask, usesMask });
  }

  const found = (name: string, path: string): (Ref | null)[] => {
    const { call, output } = parseRef(name);
    if (left.has(call)) return [null];
    if (output !== undefined) return [resolve(name, calls, byName, path)];
    const index = byName.get(call) as number;
    return calls[index].outputShapes.map((_, number) => ({ call: index, output: number }));
  };
  const outputs = plan.outputs.flatMap((name, at) =>
    found(name, `outputs[${at}]`).map((ref) => ({
      ref,
      name: ref === null ? name : refName(calls, ref),
      batchAxis: plan.outputBatchAxes?.[at] ?? 0,
    })),
  );
  return {
    name: plan.name,
    keras: plan.keras,
    layers: plan.layers.flatMap((layerPlan) => layers.get(layerPlan) ?? []),
    wrappers: (plan.wrappers ?? []).map((wrapper) => ({
      ...wrapper,
      outputs: wrapper.outputs.flatMap((name) => found(name, wrapper.name)),
    })),
    calls,
    inputs: plan.layers.flatMap(({ spec }) => (spec.kind === 'input' ? (byName.get(spec.name) ?? []) : [])),
    outputs: outputs.map(({ ref }) => ref),
    outputNames: outputs.map(({ name }) => name),
    outputBatchAxes: outputs.map(({ batchAxis }) => batchAxis),
    incomplete: [...left.values()],
  };
}

function refName(calls: readonly Call[], { call, output }: Ref): string {
  return `${callName(calls[call])}${output > 0 ? `:${output}` : ''}`;
}

function nameOf({ layerPlan, number }: Pick<Waiting, 'layerPlan' | 'number'>): string {
  return callName({ layer: layerPlan.spec as Layer, number });
}

/** The calls that cannot run, by name, each with its reason: those of unknown layers, and those that need what such a call returns. */
function leftOut(all: readonly Waiting[]): ReadonlyMap<string, Incomplete> {
  const left = new Map<string, Incomplete>();
  for (const use of all) {
    const { spec } = use.layerPlan;
    if (spec.kind === 'unknown')
      left.set(nameOf(use), { layer: nameOf(use), class: spec.className, reason: spec.reason });
  }
  for (let before = -1; left.size > 0 && left.size !== before; ) {
    before = left.size;
    for (const use of all) {
      const name = nameOf(use);
      if (left.has(name)) continue;
      const missing = tensorNames(use.call).find((needed) => left.has(parseRef(needed).call));
      if (missing === undefined) continue;
      const { layer } = left.get(parseRef(missing).call) as Incomplete;
      const spec = use.layerPlan.spec as Exclude<LayerPlan['spec'], UnknownSpec> as Layer;
      left.set(name, { layer: name, class: kindOf(spec).className(spec), reason: `it needs what ${layer} returns` });
    }
  }
  return left;
}

function wiredStates(call: CallPlan): readonly string[] {
  return Array.isArray(call.initialState) ? (call.initialState as readonly string[]) : [];
}

function givenState(call: CallPlan): RecurrentState | null {
  return call.initialState && !Array.isArray(call.initialState) ? (call.initialState as RecurrentState) : null;
}

function tensorNames(call: CallPlan): string[] {
  return [...call.inputs, ...wiredStates(call), ...(call.mask === undefined ? [] : [call.mask])];
}

function parseRef(name: string): { call: string; output: number | undefined } {
  const match = /^(.*):(\d{1,4})$/s.exec(name);
  return match ? { call: match[1], output: Number(match[2]) } : { call: name, output: undefined };
}

function resolve(name: string, calls: readonly Call[], byName: ReadonlyMap<string, number>, path: string): Ref {
  const { call, output = 0 } = parseRef(name);
  const index = byName.get(call) as number;
  const count = calls[index].outputShapes.length;
  if (output >= count) {
    const { layer } = calls[index];
    throw new LabError({
      path,
      problem: `${call} returns ${count === 1 ? 'one tensor, :0' : `${count} tensors, :0 to :${count - 1}`}.`,
      received: name,
      hint: isRecurrent(layer)
        ? `with return_state=True ${layer.kind === 'lstm' ? 'an LSTM returns output, state_h and state_c' : 'it returns output and state_h'}.`
        : undefined,
    });
  }
  return { call: index, output };
}

function refuseUnknownNames(plan: ModelPlan, names: readonly string[]): void {
  if (names.length > MAX_CALLS)
    throw new LabError({
      path: 'layers',
      problem: `a model has at most ${MAX_CALLS} uses of layers.`,
      received: `${names.length}`,
    });
  const known = new Set(names);
  if (known.size < names.length) {
    const twice = names.find((name, at) => names.indexOf(name) !== at) as string;
    throw new LabError({
      path: 'layers',
      problem: 'every layer needs a name of its own.',
      received: `"${twice}" twice`,
    });
  }
  const check = (name: string, path: string) => {
    const { call } = parseRef(name);
    if (!known.has(call)) {
      throw new LabError({
        path,
        problem: 'there is no layer or call of this name.',
        received: `"${name}"`,
        hint: suggestion(call, names),
      });
    }
  };
  for (const { calls, path } of plan.layers)
    for (const call of calls) for (const name of tensorNames(call)) check(name, `${path}.inputs`);
  plan.outputs.forEach((name, at) => {
    check(name, `outputs[${at}]`);
  });
  for (const { name, outputs } of plan.wrappers ?? []) for (const output of outputs) check(output, name);
}

function checkInputs(layer: Layer, shapes: readonly Shape[]): void {
  const [least, most] = layer.kind === 'input' ? [0, 0] : (kindOf(layer).inputCount ?? [1, 1]);
  if (shapes.length >= least && shapes.length <= most) return;
  const wanted =
    least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} to ${most}`;
  throw new LabError({
    path: 'inputs',
    problem: `${kindOf(layer).className(layer)} takes ${wanted === '1' ? 'one input' : `${wanted} inputs`}.`,
    received: `${shapes.length}`,
    hint: isRecurrent(layer)
      ? 'its states go into initial_state; a second use of the layer is another entry of calls.'
      : least === 1 && most === 1
        ? 'a second use of the layer is another entry of calls.'
        : undefined,
  });
}

function checkStates(layer: Layer, wired: readonly Shape[], given: RecurrentState | null): void {
  if (wired.length === 0 && given === null) return;
  if (!isRecurrent(layer)) {
    throw new LabError({
      path: 'initial_state',
      problem: 'only recurrent layers have a state to start from.',
      received: kindOf(layer).className(layer),
    });
  }
  const names = stateNames(layer);
  const lengths = given ? names.map((name) => [given[name]?.length ?? 0]) : wired;
  const wanted = names.map((name) =>
    name === 'h' && layer.kind === 'lstm' ? (layer.projectionUnits ?? layer.units) : layer.units,
  );
  if (
    lengths.length === wanted.length &&
    lengths.every((shape, at) => shape.length === 1 && (shape[0] === wanted[at] || shape[0] === null))
  )
    return;
  throw new LabError({
    path: 'initial_state',
    problem:
      names.length === 2
        ? `an LSTM of ${layer.units} units starts from [h, c], each of shape ${shapeText([layer.units])}.`
        : `a ${kindOf(layer).className(layer)} of ${layer.units} units starts from [h], of shape ${shapeText([layer.units])}.`,
    received: lengths.map(shapeText).join(' and '),
    hint: `the states of a recurrent layer are its outputs :1${names.length === 2 ? ' and :2' : ''}, if it has return_state=True.`,
  });
}

function checkShared(layer: Layer, inputs: readonly Shape[]): void {
  const weights = 'weights' in layer ? (layer.weights as unknown as Record<string, Tensor>) : {};
  for (const [name, shape] of Object.entries(kindOf(layer).weightShapes(layer, ...inputs))) {
    const held = weights[weightKey(name)];
    if (shapeText(held.shape) === shapeText(shape)) continue;
    throw new LabError({
      problem: `the layer is shared, and its ${name} ${shapeText(held.shape)} does not fit this call's input ${shapeText(inputs[0])}.`,
      hint: 'all calls of a shared layer take the same number of features.',
    });
  }
}

function inside<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof LabError ? error.within({ path }) : error;
  }
}
