import { isRecurrent } from '../../src/layers/layer.ts';
import type { Tensor } from '../../src/math/tensor.ts';
import { callName } from '../../src/model/graph.ts';
import { type CallTrace, isBackward, type Recording, type Trace } from '../../src/trace/trace.ts';
import type { Case, CaseRun } from './keras-model.ts';

/** One array of a case beside ours: by how much they differ, of the larger of 1 and the array's largest value; or why they cannot be compared. */
export interface Difference {
  readonly what: string;
  readonly worst: number;
  readonly problem?: string;
}

type Flat = readonly (number | string | null)[];

const flat = (nested: unknown): Flat => [nested].flat(Number.POSITIVE_INFINITY) as Flat;

const numberOf = (value: number | string): number => (value === '-Infinity' ? Number.NEGATIVE_INFINITY : Number(value));

function differs(what: string, ours: ArrayLike<number>, theirs: Flat): Difference {
  if (ours.length !== theirs.length)
    return { what, worst: Number.POSITIVE_INFINITY, problem: `${ours.length} numbers for ${theirs.length}` };
  const largest = theirs.reduce<number>((most, value) => {
    const size = value === null ? 0 : Math.abs(numberOf(value));
    return Number.isFinite(size) ? Math.max(most, size) : most;
  }, 1);
  let worst = 0;
  theirs.forEach((value, at) => {
    if (value === null || Object.is(numberOf(value), ours[at])) return;
    const distance = Math.abs(ours[at] - numberOf(value)) / largest;
    worst = Math.max(worst, Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance);
  });
  return { what, worst };
}

function same(what: string, ours: unknown, theirs: unknown): Difference {
  const equal = JSON.stringify(ours) === JSON.stringify(theirs);
  return equal
    ? { what, worst: 0 }
    : { what, worst: Number.POSITIVE_INFINITY, problem: `${JSON.stringify(ours)} for ${JSON.stringify(theirs)}` };
}

/** One tensor of all samples: the batch axis is put back. */
function batch(traces: readonly Trace[], pick: (trace: Trace) => Tensor): { shape: number[]; data: number[] } {
  const parts = traces.map(pick);
  return { shape: [parts.length, ...parts[0].shape], data: parts.flatMap(({ data }) => Array.from(data)) };
}

function* runDifferences(traces: readonly Trace[], expected: CaseRun, withOutputs: boolean): Generator<Difference> {
  const recurrent = traces[0].calls.flatMap((call, at) => (isRecurrent(call.call.layer) ? [at] : []));
  // Where a framework gives no steps, layers are empty.
  if (expected.layers.length > 0) yield same('recurrent calls', recurrent.length, expected.layers.length);
  for (const [n, theirs] of expected.layers.entries()) {
    const at = recurrent[n];
    if (at === undefined) continue;
    const ours = traces[0].calls[at];
    const label = callName(ours.call);
    yield same(`${label} direction`, isBackward(ours.call) ? 'backward' : 'forward', theirs.direction);
    for (const [symbol, values] of Object.entries(theirs.steps)) {
      const what = `${label}.${symbol}`;
      if (ours.quantities[symbol] === undefined) yield same(what, undefined, symbol);
      else yield differs(what, batch(traces, (trace) => trace.calls[at].quantities[symbol]).data, flat(values));
    }
    for (const [output, { name, shape, data }] of (theirs.returns ?? []).entries()) {
      const what = `${label} returns ${name}`;
      if (ours.returns[output] === undefined) yield same(what, undefined, shape);
      else {
        const computed = batch(traces, (trace) => trace.calls[at].returns[output]);
        yield same(`${what} shape`, computed.shape, shape);
        yield differs(what, computed.data, flat(data));
      }
    }
    const masks = traces.map((trace) => processed(trace.calls[at]));
    yield same(`${label} mask`, masks[0] === null ? null : masks, theirs.mask);
  }
  if (!withOutputs) return;
  for (const [output, { shape, data }] of expected.outputs.entries()) {
    const what = `output ${output}`;
    if (traces[0].outputs[output] == null) yield same(what, null, shape);
    else {
      const computed = batch(traces, (trace) => trace.outputs[output] as Tensor);
      yield same(`${what} shape`, computed.shape, shape);
      yield differs(what, computed.data, flat(data));
    }
  }
}

function processed({ mask, call }: CallTrace): boolean[] | null {
  if (mask === null) return null;
  const used = Array.from(mask, (byte) => byte === 1);
  return isBackward(call) ? used.reverse() : used;
}

/** Every gate, state, return, mask and output of a recording beside what the framework gave. */
export function differences({ runs }: Pick<Recording, 'runs'>, expected: Case, withOutputs = true): Difference[] {
  const wanted = expected.runs ?? [expected];
  return [
    same('batches', runs.length, wanted.length),
    ...wanted.flatMap((run, at) =>
      runs[at] === undefined ? [] : [...runDifferences(runs[at], { ...expected, ...run }, withOutputs)],
    ),
  ];
}
