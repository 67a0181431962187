import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { fromNested, type Nested, type Tensor } from '../../src/math/tensor.ts';
import { callName } from '../../src/model/graph.ts';
import { summarize } from '../../src/model/summary.ts';
import { type CallTrace, isBackward, type Trace } from '../../src/trace/trace.ts';
import { type Case, openKeras, readCase } from './keras-model.ts';

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

/** Rebuilt up to their recurrent layers only: what follows needs layers that a preset cannot hold yet. */
const cutShort = ['shared-layer'];

function compareRun(name: string, traces: readonly Trace[], expected: Case) {
  const recurrent = traces[0].calls.flatMap((call, at) => (call.call.layer.kind === 'lstm' ? [at] : []));
  expect(recurrent).toHaveLength(expected.layers.length);
  expected.layers.forEach((theirs, n) => {
    const at = recurrent[n];
    const ours = traces[0].calls[at];
    const label = `${callName(ours.call)}`;
    expect(theirs.direction, label).toBe(isBackward(ours.call) ? 'backward' : 'forward');
    for (const [symbol, values] of Object.entries(theirs.steps)) {
      const computed = batch(traces, (trace) => trace.calls[at].quantities[symbol]);
      expect(computed.data, `${label}.${symbol}`).toHaveLength(flat(values).length);
      expect(worst(computed.data, flat(values)), `${label}.${symbol}`).toBeLessThan(1e-5);
    }
    theirs.returns.forEach((tensor, output) => {
      const computed = batch(traces, (trace) => trace.calls[at].returns[output]);
      expect(computed.shape, `${label} returns ${tensor.name}`).toEqual(tensor.shape);
      expect(worst(computed.data, flat(tensor.data)), `${label} returns ${tensor.name}`).toBeLessThan(1e-5);
    });
    const masks = traces.map((trace) => processed(trace.calls[at]));
    expect(masks[0] === null ? null : masks, `${label} mask`).toEqual(theirs.mask);
  });
  if (cutShort.includes(name)) return;
  expected.outputs.forEach((tensor, output) => {
    const computed = batch(traces, (trace) => trace.outputs[output]);
    expect(computed.shape, `output ${output}`).toEqual(tensor.shape);
    expect(worst(computed.data, flat(tensor.data)), `output ${output}`).toBeLessThan(1e-5);
  });
}

function processed({ mask, call }: CallTrace): boolean[] | null {
  if (mask === null) return null;
  const used = Array.from(mask, (byte) => byte === 1);
  return isBackward(call) ? used.reverse() : used;
}

const tensors = (inputs: { data: Nested }[]) => inputs.map(({ data }) => fromNested(data));

const names = readdirSync('test/fixtures/keras3');

describe.each(['reference', 'kernel'] as const)('the %s engine computes what Keras 3.15 computed', (engine) => {
  it.each(names)('%s', async (name) => {
    const expected = readCase(name);
    const { model } = await openKeras(name);
    const runs = expected.runs ?? [expected];
    const recording = await record(
      model,
      runs.map(({ inputs }) => tensors(inputs)),
      engine,
    );
    expect(recording.runs).toHaveLength(runs.length);
    runs.forEach((run, at) => {
      compareRun(name, recording.runs[at], { ...expected, ...run });
    });
  });
});

describe('summary counts what Keras counts', () => {
  it.each(names.filter((name) => !cutShort.includes(name)))('%s', async (name) => {
    const expected = readCase(name);
    const summary = summarize((await openKeras(name)).model);
    expect(summary.total_parameters).toBe(expected.parameters);
    const mine = summary.layers
      .filter((layer) => layer.class !== 'InputLayer')
      .map(({ class: kind, parameters, output_shape }) => ({ kind, parameters, output_shape }));
    const ignored = ['InputLayer', 'NotEqual', 'Any'];
    const theirs = (expected.summary ?? [])
      .filter((row) => !ignored.includes(row.class))
      .map((row) => ({ kind: row.class, parameters: row.parameters, output_shape: row.output_shape }));
    expect(mine).toEqual(theirs);
  });
});
