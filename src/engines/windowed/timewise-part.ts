import { embeddingIndices } from '../../layers/embedding.ts';
import type { Mask } from '../../layers/layer.ts';
import { type Rows, rowsOf, sizeOf } from '../../math/tensor.ts';
import { type Call, carriesMask } from '../../model/graph.ts';
import { timewiseInputs } from '../../trace/timewise.ts';
import type { CallTrace } from '../../trace/trace.ts';
import { type Computed, computeLayer } from '../compute-layer.ts';
import { isDone, type Part, type SampleRun } from './part.ts';
import { makeWindows } from './windows.ts';

/** A call that computes each timestep by itself: nothing need be kept to compute a window again. `one`: one timestep of it. */
export function timewisePart(run: SampleRun, call: Call, one: Computed): Part {
  const { layer } = call;
  const { window } = run.sizes;
  const sources = call.inputs.map((ref) => run.parts[ref.call]);
  const indices = new WeakMap<Rows, Rows>();
  // What a call that is computed at once returns is another array when it has been.
  const inputs = () =>
    call.inputs.map((ref): Rows => {
      const input = run.parts[ref.call].trace.returns[ref.output];
      if (layer.kind !== 'embedding' || !('data' in input)) return input;
      const known = indices.get(input) ?? embeddingIndices(layer, input);
      indices.set(input, known);
      return known;
    });
  const count = call.inputs.length;
  const steps = inputs()[0].shape[0];
  let outputMask: Mask = null;
  const maskOf = (n: number): Mask =>
    carriesMask(sources[n].call, call.inputs[n].output) ? sources[n].outputMask : null;
  // A Bidirectional joins its first two inputs, the second of them turned around; the states go through.
  const joined = layer.kind === 'bidirectional' ? 2 : count;
  const isMirrored = (n: number) => layer.kind === 'bidirectional' && n === 1;

  const windows = makeWindows(run, one.quantities, steps, (at) => {
    const [from, to] = [at * window, Math.min(steps, (at + 1) * window)];
    const masks = call.inputs.map((_, n): Mask => {
      const mask = maskOf(n);
      const each = (mask?.length ?? 0) / steps;
      return mask?.subarray(from * each, to * each) ?? null;
    });
    const seen = timewiseInputs(layer, inputs(), from, to);
    const { quantities, returns, outputMask } = computeLayer(run, layer, { inputs: seen, masks, initialState: null });
    return { quantities, returns, outputMask };
  });

  const sequences = one.returns
    .slice(0, layer.kind === 'bidirectional' && layer.mergeMode !== null ? 1 : 2)
    .map((t, n) => {
      const { y } = one.quantities;
      const isY = n === 0 && y !== undefined && sizeOf(y.shape) === sizeOf(t.shape) && rowsOf(y) === rowsOf(t);
      return windows.rows(t, ({ returns }) => returns[n].data, isY ? 'y' : undefined);
    });
  const trace: CallTrace = {
    call,
    get inputs() {
      return inputs();
    },
    get input() {
      return inputs()[0];
    },
    get mask() {
      return maskOf(0);
    },
    initialState: null,
    quantities: windows.quantities,
    get returns() {
      return [...sequences, ...call.inputs.slice(joined).map((ref) => run.parts[ref.call].trace.returns[ref.output])];
    },
    get outputMask() {
      return outputMask;
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
      return outputMask;
    },
    finalState: null,
    isReady() {
      if (windows.done === steps) return false;
      const [from, to] = [windows.done, Math.min(steps, windows.done + window)];
      return sources.every((source, n) => {
        if (isDone(source)) return true;
        if (n >= joined || source.total !== steps) return false;
        return source.done >= (isMirrored(n) ? steps - from : to);
      });
    },
    advance() {
      const from = windows.done;
      const mask = windows.next().outputMask ?? null;
      if (mask === null) return;
      const each = mask.length / (windows.done - from);
      outputMask ??= new Uint8Array(steps * each);
      outputMask.set(mask, from * each);
    },
  };
}
