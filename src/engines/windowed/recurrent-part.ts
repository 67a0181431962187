import type { Mask, RecurrentLayer, RecurrentState } from '../../layers/layer.ts';
import { lastState, outputRows, reversed, stateLength, stateNames } from '../../layers/recurrent.ts';
import { type LazyRows, type Rows, row, type Tensor, tensor } from '../../math/tensor.ts';
import { type Call, carriesMask } from '../../model/graph.ts';
import { timesteps } from '../../trace/timewise.ts';
import type { CallTrace } from '../../trace/trace.ts';
import { type Computed, recurrentSteps } from '../compute-layer.ts';
import { maskOf, startState } from '../wiring.ts';
import { carriedInto, isDone, type Part, type SampleRun } from './part.ts';
import { makeWindows } from './windows.ts';

/** A recurrent call: its states are kept at every window's beginning, and a window is computed from there. `one`: one timestep of it. */
export function recurrentPart(run: SampleRun, call: Call & { readonly layer: RecurrentLayer }, one: Computed): Part {
  const { layer } = call;
  const { window } = run.sizes;
  const source = run.parts[call.inputs[0].call];
  // What a call that is computed at once returns is another array when it has been.
  const input = () => source.trace.returns[call.inputs[0].output];
  const steps = input().shape[0];
  const masks = masksOf(run, call);
  const carried = carriedInto(run, call);
  const kept = checkpoints(layer, Math.ceil(steps / window), one.quantities.h.data);
  let start: RecurrentState | null = null;
  let finalState: RecurrentState | null = null;

  /** Timesteps that window `at` reads, in the input's order. */
  const range = (at: number): readonly [number, number] => {
    const [from, to] = [at * window, Math.min(steps, (at + 1) * window)];
    return layer.goBackwards ? [steps - to, steps - from] : [from, to];
  };
  const windows = makeWindows(
    run,
    one.quantities,
    steps,
    (at) => {
      const [from, to] = range(at);
      const mask = masks.used()?.subarray(from, to) ?? null;
      const state = at === 0 ? start : kept.get(at);
      return { quantities: recurrentSteps(run, layer, timesteps(input(), from, to), mask, state), returns: [] };
    },
    layer.goBackwards,
  );

  const { quantities } = windows;
  const output = (from: number, to: number) =>
    outputRows(layer, quantities.h, { mask: masks.processed(), initialState: start }, from, to);
  const sequence: LazyRows = {
    shape: quantities.h.shape,
    get computed() {
      return windows.done;
    },
    read: (from, to) => output(from, Math.min(to, steps)),
    // Where a mask skips steps, what is returned there need not be h.
    get extremes() {
      return masks.used() ? undefined : quantities.h.extremes;
    },
    get largestNorm() {
      return masks.used() ? undefined : quantities.h.largestNorm;
    },
  };
  const last = (numbers: Tensor['data']): Tensor => tensor([numbers.length], numbers.slice());
  const lasts = (): Rows[] => [
    last(output(steps - 1, steps)),
    ...(layer.returnState ? stateNames(layer).map((state) => last(row(quantities[state], steps - 1))) : []),
  ];
  const whenDone = layer.returnSequences && !layer.returnState ? [] : lasts();
  let returns: readonly Rows[] = layer.returnSequences ? [sequence, ...whenDone.slice(1)] : whenDone;

  const trace: CallTrace = {
    call,
    get inputs() {
      return [input()];
    },
    get input() {
      return input();
    },
    get mask() {
      return masks.used();
    },
    get initialState() {
      return start;
    },
    quantities,
    get returns() {
      return returns;
    },
    get outputMask() {
      return layer.returnSequences ? masks.given() : null;
    },
  };
  return {
    call,
    trace,
    total: steps,
    get done() {
      return windows.done;
    },
    get outputMask() {
      return trace.outputMask;
    },
    get finalState() {
      return finalState;
    },
    isReady() {
      if (windows.done === steps || !carried.isThere()) return false;
      const others = [...call.states, ...(call.mask ? [call.mask] : [])];
      if (!others.every((ref) => isDone(run.parts[ref.call]))) return false;
      if (isDone(source)) return true;
      if (source.total !== steps || masks.isTurned()) return false;
      return source.done >= range(Math.floor(windows.done / window))[1];
    },
    advance() {
      const at = Math.floor(windows.done / window);
      if (at === 0)
        start = startState(
          call,
          run.parts.map((part) => part.trace),
          run.given,
          carried.states(),
        );
      const state = lastState(layer, windows.next().quantities);
      if (windows.done < steps) {
        kept.set(at + 1, state);
        return;
      }
      finalState = state;
      if (!layer.returnSequences || layer.returnState)
        returns = layer.returnSequences ? [sequence, ...lasts().slice(1)] : lasts();
    },
  };
}

/** The masks of a call, as far as they are there. */
function masksOf(run: SampleRun, { layer, inputs, mask, usesMask }: Call & { readonly layer: RecurrentLayer }) {
  const [ref] = inputs;
  const source = run.parts[ref.call];
  let wired: Mask = null;
  const given = (): Mask => {
    if (mask === null) return carriesMask(source.call, ref.output) ? source.outputMask : null;
    const part = run.parts[mask.call];
    if (wired === null && isDone(part)) wired = maskOf(part.trace.returns[mask.output]);
    return wired;
  };
  const isUsed = usesMask || mask !== null;
  // What is turned around is whole when it is first asked for in earnest.
  const turned = new WeakMap<Uint8Array, Uint8Array>();
  const around = (found: Mask): Mask => {
    if (found === null || !isDone(source)) return reversed(found);
    const known = turned.get(found) ?? (reversed(found) as Uint8Array);
    turned.set(found, known);
    return known;
  };
  const used = (): Mask => {
    if (!isUsed) return null;
    return layer.maskBackwards ? around(given()) : given();
  };
  return {
    /** As it came with the input. */
    given,
    /** As the layer uses it, in the input's order. */
    used,
    /** As the layer uses it, in processing order. */
    processed: (): Mask => (layer.goBackwards ? around(used()) : used()),
    /** Whether its last timestep may be needed first. */
    isTurned: () => layer.maskBackwards === true && given() !== null,
  };
}

interface Checkpoints {
  get(at: number): RecurrentState;
  set(at: number, state: RecurrentState): void;
}

/** The state before each window but the first, in numbers like `like`: what a state is rounded to anyway. */
function checkpoints(layer: RecurrentLayer, windows: number, like: Tensor['data']): Checkpoints {
  const type = like instanceof Float32Array ? Float32Array : Float64Array;
  const names = stateNames(layer);
  const kept = new Map(names.map((name) => [name, new type((windows - 1) * stateLength(layer, name))]));
  const place = (name: 'h' | 'c', at: number): Tensor['data'] => {
    const length = stateLength(layer, name);
    return (kept.get(name) as Tensor['data']).subarray((at - 1) * length, at * length);
  };
  return {
    get: (at) =>
      Object.fromEntries(names.map((name) => [name, Float64Array.from(place(name, at))])) as unknown as RecurrentState,
    set(at, state) {
      for (const name of names) place(name, at).set(state[name] as Float64Array);
    },
  };
}
