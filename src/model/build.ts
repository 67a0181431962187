import { kindOf } from '../layers/kinds.ts';
import type { Layer, RecurrentState } from '../layers/layer.ts';
import { LabError } from '../math/lab-error.ts';
import {
  nameOf,
  parseRef,
  refName,
  refuseUnknownNames,
  resolve,
  tensorNames,
  type Waiting,
  wiredStates,
} from './call-names.ts';
import { checkInputs, checkShared, checkStates } from './check-call.ts';
import { type Call, callName, type Model, type Ref } from './graph.ts';
import { leftOut } from './left-out.ts';
import type { CallPlan, LayerPlan, ModelPlan } from './plan.ts';
import { makeWeights } from './weights.ts';

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
      axes: plan.outputAxes?.[at] ?? null,
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
    outputAxes: outputs.map(({ axes }) => axes),
    incomplete: [...(plan.incomplete ?? []), ...left.values()],
  };
}

function givenState(call: CallPlan): RecurrentState | null {
  return call.initialState && !Array.isArray(call.initialState) ? (call.initialState as RecurrentState) : null;
}

function inside<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof LabError ? error.within({ path }) : error;
  }
}
