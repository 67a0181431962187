import { expect } from 'vitest';
import { kindOf } from '../../src/layers/kinds.ts';
import { isRecurrent } from '../../src/layers/layer.ts';
import { fromNested, type Nested, type Tensor } from '../../src/math/tensor.ts';
import { callName } from '../../src/model/graph.ts';
import { type CallTrace, isBackward, type Recording, type Trace } from '../../src/trace/trace.ts';
import type { Case } from './keras-model.ts';

/** Keras computed in float32: agreement is to 1e-5 of the larger of 1 and the array's largest value. */
function worst(ours: ArrayLike<number>, theirs: (number | null)[]): number {
  const largest = Math.max(1, ...theirs.map((value) => Math.abs(value ?? 0)));
  return Math.max(0, ...theirs.map((value, at) => (value === null ? 0 : Math.abs(ours[at] - value) / largest)));
}

const flat = (nested: unknown): (number | null)[] =>
  (nested as unknown[]).flat(Number.POSITIVE_INFINITY) as (number | null)[];

/** One tensor of all samples: the batch axis is put back. */
function batch(traces: readonly Trace[], pick: (trace: Trace) => Tensor): { shape: number[]; data: number[] } {
  const parts = traces.map(pick);
  return { shape: [parts.length, ...parts[0].shape], data: parts.flatMap(({ data }) => Array.from(data)) };
}

function compareRun(traces: readonly Trace[], expected: Case) {
  const recurrent = traces[0].calls.flatMap((call, at) => (isRecurrent(call.call.layer) ? [at] : []));
  // Keras does not give the steps of cells inside an RNN.
  if (expected.layers.length > 0) expect(recurrent).toHaveLength(expected.layers.length);
  expected.layers.forEach((theirs, n) => {
    const at = recurrent[n];
    const ours = traces[0].calls[at];
    const label = `${callName(ours.call)}`;
    expect(kindOf(ours.call.layer).className(ours.call.layer), label).toBe(theirs.class);
    expect(theirs.direction, label).toBe(isBackward(ours.call) ? 'backward' : 'forward');
    for (const [symbol, values] of Object.entries(theirs.steps)) {
      const computed = batch(traces, (trace) => trace.calls[at].quantities[symbol]);
      expect(computed.data, `${label}.${symbol}`).toHaveLength(flat(values).length);
      expect(worst(computed.data, flat(values)), `${label}.${symbol}`).toBeLessThan(1e-5);
    }
    theirs.returns?.forEach((tensor, output) => {
      const computed = batch(traces, (trace) => trace.calls[at].returns[output]);
      expect(computed.shape, `${label} returns ${tensor.name}`).toEqual(tensor.shape);
      expect(worst(computed.data, flat(tensor.data)), `${label} returns ${tensor.name}`).toBeLessThan(1e-5);
    });
    const masks = traces.map((trace) => processed(trace.calls[at]));
    expect(masks[0] === null ? null : masks, `${label} mask`).toEqual(theirs.mask);
  });
  expected.outputs.forEach((tensor, output) => {
    const computed = batch(traces, (trace) => trace.outputs[output] as Tensor);
    expect(computed.shape, `output ${output}`).toEqual(tensor.shape);
    expect(worst(computed.data, flat(tensor.data)), `output ${output}`).toBeLessThan(1e-5);
  });
}

function processed({ mask, call }: CallTrace): boolean[] | null {
  if (mask === null) return null;
  const used = Array.from(mask, (byte) => byte === 1);
  return isBackward(call) ? used.reverse() : used;
}

/** The batches of a case, as `record` takes them. */
export function batchesOf(expected: Case): Tensor[][] {
  return (expected.runs ?? [expected]).map(({ inputs }) =>
    inputs.map(({ data }: { data: Nested }) => fromNested(data)),
  );
}

/** Every gate, state, return, mask and output of a recording against what the framework gave. */
export function expectCase({ runs }: Recording, expected: Case): void {
  const wanted = expected.runs ?? [expected];
  expect(runs).toHaveLength(wanted.length);
  wanted.forEach((run, at) => {
    compareRun(runs[at], { ...expected, ...run });
  });
}
