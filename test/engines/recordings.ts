import { expect } from 'vitest';
import { jumpsOf } from '../../src/engines/check/jumps.ts';
import type { ActivationRef } from '../../src/math/activations.ts';
import { row, rowsOf, type Tensor, whole } from '../../src/math/tensor.ts';
import { checkRecording, type Found } from '../../src/session/check-recording.ts';
import type { Recording } from '../../src/trace/trace.ts';

/* How two recordings of one model compare. */

/** Of the larger of 1 and the array's largest value: what float32 can hold to, as golden numbers are compared. */
export const TOLERANCE = 1e-5;

const LARGEST_FLOAT32 = 3.4e38;

/** Every array of a recording, by name. */
function arrays({ runs }: Recording): [name: string, data: ArrayLike<number>][] {
  return runs.flatMap((run, r) =>
    run.flatMap((trace, s) =>
      trace.calls.flatMap(({ call, quantities, returns }) => {
        const place = `run ${r} sample ${s} ${call.layer.name}#${call.number}`;
        return [
          ...Object.entries(quantities).map(([symbol, t]): [string, ArrayLike<number>] => [
            `${place}.${symbol}`,
            whole(t).data,
          ]),
          ...returns.map((t, n): [string, ArrayLike<number>] => [`${place} returns ${n}`, whole(t).data]),
        ];
      }),
    ),
  );
}

/** Whether rounding to float32 could put a number on the other side of a jump: any number that an activation may have seen lies close to one. */
export function landsOnJump({ runs }: Recording): boolean {
  return runs.flat().some(({ calls }) =>
    calls.some(({ call: { layer, inputs: sources }, inputs, quantities }) => {
      const refs = Object.entries(layer).flatMap(([key, value]) =>
        /activation$/i.test(key) && typeof value === 'string' ? [value as ActivationRef] : [],
      );
      const places = refs.flatMap(jumpsOf);
      // What is given to the model is the same in every engine.
      const isGiven = sources[0] && calls[sources[0].call].call.layer.kind === 'input';
      if (layer.kind === 'masking' && !isGiven && nearlyMasked(whole(inputs[0]), layer.maskValue)) return true;
      if (places.length === 0) return false;
      const seen = Object.entries(quantities).flatMap(([symbol, t]) => (/^(z|z_.*|c)$/.test(symbol) ? [t] : []));
      return [...seen, ...(layer.kind === 'activation' ? inputs : [])].map(whole).some(({ data }) => {
        const largest = Array.from(data).reduce((most, value) => Math.max(most, Math.abs(value) || 0), 1);
        return data.some((value) => places.some((place) => Math.abs(value - place) <= TOLERANCE * largest));
      });
    }),
  );
}

/** A timestep that is masked or not by less than rounding. */
function nearlyMasked(x: Tensor, value: number): boolean {
  return Array.from({ length: rowsOf(x) }, (_, t) => row(x, t)).some(
    (features) =>
      features.some((feature) => feature !== value) &&
      features.every((feature) => Math.abs(feature - value) <= TOLERANCE),
  );
}

/** By how much two recordings of one model differ at most, of the larger of 1 and the array's largest value; infinite where one has a number and the other none. */
export function distance(expected: Recording, actual: Recording): { worst: number; where: string } {
  const ours = arrays(actual);
  let found = { worst: 0, where: '' };
  arrays(expected).forEach(([name, numbers], n) => {
    const [ourName, data] = ours[n];
    expect([ourName, data.length]).toEqual([name, numbers.length]);
    const largest = Array.from(numbers).reduce((most, value) => Math.max(most, Math.abs(value) || 0), 1);
    Array.from(numbers).forEach((value, at) => {
      // A masked step is not a number in both.
      if (Number.isNaN(value) && Number.isNaN(data[at])) return;
      const difference = Math.abs(data[at] - value) / largest;
      const worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
      if (worst > found.worst) found = { worst, where: `${name}[${at}] is ${data[at]}, of the reference ${value}` };
    });
  });
  return found;
}

/** Whether a number is larger than float32 can hold. */
export function overflows(recording: Recording): boolean {
  return arrays(recording).some(([, data]) => Array.from(data).some((value) => Math.abs(value) > LARGEST_FLOAT32));
}

/** What is not what its equation says, step by step. */
export function differingSteps(recording: Recording): readonly Found[] {
  const work = checkRecording(recording);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value.calls.flatMap(({ differs }) => differs);
  }
}
