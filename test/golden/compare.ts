import { expect } from 'vitest';
import { traceJson } from '../../src/formats/trace-json.ts';
import { fromNested, type Nested, type Tensor } from '../../src/math/tensor.ts';
import type { Recording } from '../../src/trace/trace.ts';
import { type ComparedTrace, compareTraces } from './compare-traces.ts';
import type { Case } from './keras-model.ts';

/** Keras computed in float32: agreement is to 1e-5 of the larger of 1 and the array's largest value. */
const TOLERANCE = 1e-5;

/** The batches of a case, as `record` takes them. */
export function batchesOf(expected: Case): Tensor[][] {
  return (expected.runs ?? [expected]).map(({ inputs }) =>
    inputs.map(({ data }: { data: Nested }) => fromNested(data)),
  );
}

/** Every gate, state, return, mask and output of a recording, as its trace is written, against what the framework gave. */
export function expectCase(recording: Recording, expected: Case, withOutputs = true): void {
  const written = JSON.parse([...traceJson(recording)].join(''));
  const got: readonly ComparedTrace[] = written.runs ?? [written];
  const wanted: readonly ComparedTrace[] = expected.runs ?? [expected];
  expect(got).toHaveLength(wanted.length);
  const compared = wanted.map((run, at) => compareTraces(got[at], withOutputs ? run : { ...run, outputs: undefined }));
  expect(compared.flatMap(({ problems }) => problems)).toEqual([]);
  expect(compared.filter(({ worst }) => !(worst <= TOLERANCE))).toEqual([]);
  expect(compared.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(0);
}
