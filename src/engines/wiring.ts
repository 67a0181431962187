import { isRecurrent, type RecurrentState } from '../layers/layer.ts';
import { type Rows, whole } from '../math/tensor.ts';
import { type Call, callName } from '../model/graph.ts';
import type { CarriedStates, GivenStates } from './engine.ts';

/** Numbers as a mask: everything but 0 is used. */
export function maskOf(t: Rows): Uint8Array {
  return Uint8Array.from(whole(t).data, (value) => (value === 0 ? 0 : 1));
}

/** Keras's order of precedence: an initial_state that is wired or given (by a person, else by the model), then what a stateful layer carried, then zeros (null). */
export function startState(
  call: Call,
  done: readonly { readonly returns: readonly Rows[] }[],
  given: GivenStates,
  carried: CarriedStates,
): RecurrentState | null {
  const { layer, initialState, states } = call;
  if (!isRecurrent(layer)) return null;
  if (states.length > 0) {
    const [h, c] = states.map((ref) => Float64Array.from(whole(done[ref.call].returns[ref.output]).data));
    return layer.kind === 'lstm' ? { h, c } : { h };
  }
  return given.get(callName(call)) ?? initialState ?? (layer.stateful ? carried.get(layer.name) : undefined) ?? null;
}
