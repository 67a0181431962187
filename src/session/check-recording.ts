import { type Deviation, prepareCheck, type StepCheck, toleranceOf } from '../engines/check/check-step.ts';
import { kindOf } from '../layers/kinds.ts';
import type { Layer } from '../layers/layer.ts';
import { random, seedFor } from '../math/random.ts';
import { callName } from '../model/graph.ts';
import { addressText } from '../trace/address.ts';
import { stepCount, stepOf } from '../trace/timeline.ts';
import type { CallTrace, Recording, Trace } from '../trace/trace.ts';
import { checkCount, evidenceOf } from './evidence.ts';

/** A number that is not what its equation says, by its address; of several samples or batches, which (counted from 1). */
export interface Found extends Deviation {
  readonly address: string;
  readonly batch: number;
  readonly sample: number;
}

/** How a layer's numbers compare with its equations. */
export interface CallReport {
  readonly name: string;
  readonly className: string;
  /** Steps of all samples, and how many of them were checked. A layer that takes its whole input at once has one for each sample. */
  readonly steps: number;
  readonly checked: number;
  /** The largest difference, of the larger of 1 and its quantity's largest number; `worst` is where. */
  readonly difference: number;
  readonly worst: string | null;
  /** The first number that differs of each quantity, and how many steps have one. */
  readonly differs: readonly Found[];
  readonly stepsThatDiffer: number;
  /** Steps with a number that rounding alone puts on the other side of a jump of its activation. */
  readonly onJump: number;
}

export interface CheckReport {
  readonly tolerance: number;
  readonly difference: number;
  readonly calls: readonly CallReport[];
}

export interface CheckOptions {
  /** So many steps of each layer, drawn at random; without, all. */
  readonly sample?: number;
  readonly seed?: number;
  /** Only these calls. */
  readonly layers?: readonly string[];
}

interface Place {
  readonly trace: Trace;
  readonly callTrace: CallTrace;
  readonly batch: number;
  readonly sample: number;
  readonly at: number;
}

/** Holds a recording against its equations. Yields how far it is after every step; returns what it found. */
export function* checkRecording(
  { model, runs, engine }: Recording,
  { sample, seed = 0, layers }: CheckOptions = {},
): Generator<{ readonly done: number; readonly total: number }, CheckReport> {
  const chosen = model.calls.flatMap((call, index) => {
    const name = callName(call);
    if (layers && !layers.includes(name)) return [];
    // All samples of a batch have one shape, and they need not be looked at before their turn comes.
    const counts = runs.map(([first]) => checkCount(first, first.calls[index]));
    const steps = counts.reduce((sum, count, batch) => sum + count * runs[batch].length, 0);
    const placeOf = (number: number): Place => {
      let [batch, left] = [0, number];
      for (; left >= counts[batch] * runs[batch].length; batch++) left -= counts[batch] * runs[batch].length;
      const sample = Math.floor(left / counts[batch]);
      const trace = runs[batch][sample];
      const at = left % counts[batch];
      return { trace, callTrace: trace.calls[index], batch: batch + 1, sample: sample + 1, at };
    };
    return steps === 0 ? [] : [{ call, name, steps, placeOf }];
  });
  const total = chosen.reduce((sum, { steps }) => sum + Math.min(sample ?? steps, steps), 0);
  let done = 0;
  const calls: CallReport[] = [];
  for (const { call, name, steps, placeOf } of chosen) {
    const prepared = new Map<Layer, ReturnType<typeof prepareCheck>>();
    const tally = emptyTally();
    for (const number of drawn(steps, sample, seedFor(seed, name))) {
      const place = placeOf(number);
      const found = evidenceOf(place.trace, place.callTrace, place.at);
      if (found) {
        // An Embedding's evidence has a layer of its own each time; every other is made ready once.
        const check = prepared.get(call.layer) ?? prepareCheck(found.layer);
        prepared.set(call.layer, check);
        count(tally, check(found.evidence, engine), name, place);
      }
      yield { done: ++done, total };
    }
    calls.push({ name, className: kindOf(call.layer).className(call.layer), steps, ...tally });
  }
  const difference = calls.reduce((most, call) => Math.max(most, call.difference), 0);
  return { tolerance: toleranceOf(engine), difference, calls };
}

/** So many of the numbers up to `count`, each once, in their order. */
function* drawn(count: number, many: number | undefined, seed: number): Iterable<number> {
  if (many === undefined || many >= count) {
    for (let number = 0; number < count; number++) yield number;
    return;
  }
  const draw = random(seed);
  const chosen = new Set<number>();
  // Floyd's way: every choice is as likely as any other, and none is drawn twice.
  for (let last = count - many; last < count; last++) {
    const at = draw.integer(last + 1);
    chosen.add(chosen.has(at) ? last : at);
  }
  yield* [...chosen].sort((a, b) => a - b);
}

type Tally = { -readonly [K in 'checked' | 'difference' | 'worst' | 'stepsThatDiffer' | 'onJump']: CallReport[K] } & {
  differs: Found[];
};

const emptyTally = (): Tally => ({
  checked: 0,
  difference: 0,
  worst: null,
  differs: [],
  stepsThatDiffer: 0,
  onJump: 0,
});

function count(tally: Tally, check: StepCheck, name: string, place: Place): void {
  const { batch, sample } = place;
  const addressOf = (symbol: string, unit?: number) =>
    addressText({ call: name, symbol, unit, timestep: timestepOf(place) });
  tally.checked++;
  if (check.onJump) tally.onJump++;
  if (check.worst !== null && (tally.worst === null || check.difference > tally.difference)) {
    tally.difference = check.difference;
    tally.worst = addressOf(check.worst.symbol, check.worst.unit);
  }
  if (check.differs.length > 0) tally.stepsThatDiffer++;
  for (const deviation of check.differs) {
    if (tally.differs.some(({ symbol }) => symbol === deviation.symbol)) continue;
    tally.differs.push({ ...deviation, address: addressOf(deviation.symbol, deviation.unit), batch, sample });
  }
}

/** The input's timestep; a layer that takes its whole input at once has none. */
function timestepOf({ trace, callTrace, at }: Place): number | undefined {
  return checkCount(trace, callTrace) === stepCount(callTrace) ? stepOf(callTrace, at) : undefined;
}
