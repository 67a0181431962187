import { kindOf } from '../layers/kinds.ts';
import type { Layer, LstmState, Shape } from '../layers/layer.ts';
import { LabError } from '../math/lab-error.ts';
import { shapeText, type Tensor } from '../math/tensor.ts';
import { type Call, callName, type Model, type Ref } from './graph.ts';
import { suggestion } from './nearest.ts';
import type { CallPlan, LayerPlan, ModelPlan } from './plan.ts';
import { makeWeights } from './weights.ts';

/** Ordering the calls takes the square of their number. */
const MAX_CALLS = 2_000;

/**
 * Builds the graph: orders the calls, infers and checks every shape, makes the weights.
 * Throws a LabError that names the layer, what it wanted and what it got.
 */
export function buildModel(plan: ModelPlan): Model {
  const layers = new Map<LayerPlan, Layer>();
  const calls: Call[] = [];
  const byName = new Map<string, number>();
  const waiting = plan.layers.flatMap((layerPlan) =>
    layerPlan.calls.map((call, at) => ({ layerPlan, call, number: at + 1 })),
  );
  const names = waiting.map(({ layerPlan, number }) => callName({ layer: layerPlan.spec as Layer, number }));
  refuseUnknownNames(plan, names);

  while (waiting.length > 0) {
    const ready = waiting.findIndex(({ layerPlan, call, number }) => {
      const earlierCallsDone =
        number === 1 || byName.has(callName({ layer: layerPlan.spec as Layer, number: number - 1 }));
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
    const refs = tensorNames(call).map((name) => resolve(name, calls, byName, layerPlan.path));
    const shapes = refs.map((ref) => calls[ref.call].outputShapes[ref.output]);
    const built = inside(layerPlan.path, () => {
      const inputShape = shapes[0] ?? [];
      if (layerPlan.spec.kind === 'lstm') checkStates(layerPlan.spec.units, call, shapes.slice(1));
      const outputShapes = kindOf(layerPlan.spec as Layer).outputShapes(layerPlan.spec as Layer, inputShape);
      const layer = layers.get(layerPlan) ?? makeWeights(layerPlan, inputShape, plan);
      if (number > 1) checkShared(layer, inputShape);
      return { layer, outputShapes };
    });
    layers.set(layerPlan, built.layer);
    const given = call.initialState && !Array.isArray(call.initialState) ? (call.initialState as LstmState) : null;
    byName.set(callName({ layer: built.layer, number }), calls.length);
    calls.push({ ...built, number, inputs: refs, initialState: given });
  }

  return {
    name: plan.name,
    keras: plan.keras,
    layers: plan.layers.flatMap((layerPlan) => layers.get(layerPlan) ?? []),
    calls,
    inputs: plan.layers.flatMap(({ spec }) => (spec.kind === 'input' ? (byName.get(spec.name) ?? []) : [])),
    outputs: plan.outputs.flatMap((name, at) => {
      const { call, output } = parseRef(name);
      const index = byName.get(call) as number;
      if (output !== undefined) return [resolve(name, calls, byName, `outputs[${at}]`)];
      return calls[index].outputShapes.map((_, number) => ({ call: index, output: number }));
    }),
  };
}

function tensorNames(call: CallPlan): string[] {
  return [...call.inputs, ...(Array.isArray(call.initialState) ? (call.initialState as string[]) : [])];
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
    throw new LabError({
      path,
      problem: `${call} returns ${count === 1 ? 'one tensor, :0' : `${count} tensors, :0 to :${count - 1}`}.`,
      received: name,
      hint:
        calls[index].layer.kind === 'lstm'
          ? 'with return_state=True an LSTM returns output, state_h and state_c.'
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
}

function checkStates(units: number, call: CallPlan, shapes: readonly Shape[]): void {
  const given = call.initialState && !Array.isArray(call.initialState) ? (call.initialState as LstmState) : undefined;
  const lengths = given ? [[given.h.length], [given.c.length]] : shapes;
  if (lengths.length === 0) return;
  if (lengths.length === 2 && lengths.every((shape) => shape.length === 1 && shape[0] === units)) return;
  throw new LabError({
    path: 'initial_state',
    problem: `an LSTM of ${units} units starts from [h, c], each of shape ${shapeText([units])}.`,
    received: lengths.map(shapeText).join(' and '),
    hint: 'state_h and state_c of an LSTM are its outputs :1 and :2, if it has return_state=True.',
  });
}

function checkShared(layer: Layer, input: Shape): void {
  const wanted = Object.entries(kindOf(layer).weightShapes(layer, input));
  const weights = 'weights' in layer ? (layer.weights as unknown as Record<string, Tensor>) : {};
  for (const [name, shape] of wanted) {
    const held = weights[name === 'recurrent_kernel' ? 'recurrentKernel' : name];
    if (shapeText(held.shape) === shapeText(shape)) continue;
    throw new LabError({
      problem: `the layer is shared, and its ${name} ${shapeText(held.shape)} does not fit this call's input ${shapeText(input)}.`,
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
