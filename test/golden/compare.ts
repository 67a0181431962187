import { expect } from 'vitest';
import { fromNested, type Nested, type Tensor } from '../../src/math/tensor.ts';
import type { Recording } from '../../src/trace/trace.ts';
import { differences } from './differences.ts';
import type { Case } from './keras-model.ts';

/** Keras computed in float32: agreement is to 1e-5 of the larger of 1 and the array's largest value. */
const TOLERANCE = 1e-5;

/** The batches of a case, as `record` takes them. */
export function batchesOf(expected: Case): Tensor[][] {
  return (expected.runs ?? [expected]).map(({ inputs }) =>
    inputs.map(({ data }: { data: Nested }) => fromNested(data)),
  );
}

/** Every gate, state, return, mask and output of a recording against what the framework gave. */
export function expectCase(recording: Recording, expected: Case, withOutputs = true): void {
  const compared = differences(recording, expected, withOutputs);
  expect(compared.length).toBeGreaterThan(1);
  expect(compared.filter(({ worst }) => !(worst <= TOLERANCE))).toEqual([]);
}
