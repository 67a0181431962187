import { isRecurrent, type Layer } from '../layers/layer.ts';
import { LabError } from '../math/lab-error.ts';
import { type Call, callName, type Ref } from './graph.ts';
import { suggestion } from './nearest.ts';
import type { CallPlan, LayerPlan, ModelPlan } from './plan.ts';

/* Names of tensors in a plan: `lstm_1`, `lstm_1:1` (its second output), `lstm_1#2` (its second call), and the tensors of the graph that they mean. */

/** Ordering the calls takes the square of their number. */
const MAX_CALLS = 2_000;

/** One use of a layer, before it is built. */
export interface Waiting {
  readonly layerPlan: LayerPlan;
  readonly call: CallPlan;
  /** Counted from 1. */
  readonly number: number;
}

export function nameOf({ layerPlan, number }: Pick<Waiting, 'layerPlan' | 'number'>): string {
  return callName({ layer: layerPlan.spec as Layer, number });
}

/** The tensors that a recurrent layer starts from, where they are wired. */
export function wiredStates(call: CallPlan): readonly string[] {
  return Array.isArray(call.initialState) ? (call.initialState as readonly string[]) : [];
}

/** All tensors that a call needs. */
export function tensorNames(call: CallPlan): string[] {
  return [...call.inputs, ...wiredStates(call), ...(call.mask === undefined ? [] : [call.mask])];
}

export function parseRef(name: string): { call: string; output: number | undefined } {
  const match = /^(.*):(\d{1,4})$/s.exec(name);
  return match ? { call: match[1], output: Number(match[2]) } : { call: name, output: undefined };
}

/** The tensor of the graph that a name means. Throws a LabError where the call returns fewer. */
export function resolve(name: string, calls: readonly Call[], byName: ReadonlyMap<string, number>, path: string): Ref {
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

/** The name of a tensor of the graph. */
export function refName(calls: readonly Call[], { call, output }: Ref): string {
  return `${callName(calls[call])}${output > 0 ? `:${output}` : ''}`;
}

/** Refuses a plan in which a name is used twice, or names nothing. */
export function refuseUnknownNames(plan: ModelPlan, names: readonly string[]): void {
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
