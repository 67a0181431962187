import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { recordingSize } from '../../src/engines/choose.ts';
import type { Recorder } from '../../src/engines/engine.ts';
import { forgetful } from '../../src/engines/forgetful.ts';
import { record } from '../../src/engines/record.ts';
import { inMemory } from '../../src/engines/sample-run.ts';
import { buildPreset, parsePreset } from '../../src/formats/preset/open.ts';
import { type Tensor, tensor, whole } from '../../src/math/tensor.ts';
import type { Preparation, Trace } from '../../src/trace/trace.ts';
import { useSteadyClock } from './steady-clock.ts';

/** Long enough, by estimate, that a person would wait for a sample. */
const STEPS = 5000;

async function modelOf(stateful: boolean) {
  const shape = stateful ? { batch_input_shape: [1, STEPS, 3] } : { batch_input_shape: [null, STEPS, 3] };
  const layers = [{ class_name: 'LSTM', units: 2, return_sequences: true, stateful, ...shape }];
  return (await buildPreset(parsePreset({ keras: 3, seed: 4, layers }, 'samples'), 'samples')).model;
}

const input = (samples: number, from = 0): readonly Tensor[] => [
  tensor(
    [samples, STEPS, 3],
    Float64Array.from({ length: samples * STEPS * 3 }, (_, at) => Math.sin((at + from) ** 2)),
  ),
];

/** All of them as one text: to compare the arrays number by number takes longer than to compute them. */
const numbers = ({ calls }: Trace) =>
  calls
    .flatMap(({ quantities, returns }) => [...Object.values(quantities), ...returns])
    .map((t) =>
      createHash('sha256')
        .update(Float64Array.from(whole(t).data))
        .digest('hex'),
    )
    .join();

useSteadyClock();

/** Computes it, and returns how far it was said to be; gives it up after so many words. */
async function prepared(preparation: Preparation | null | undefined, most = Number.POSITIVE_INFINITY) {
  if (!preparation) throw new Error('there was nothing to do');
  const told: (readonly [done: number, total: number])[] = [];
  const controller = new AbortController();
  const onProgress = (done: number, total: number) => {
    told.push([done, total]);
    if (told.length === most) controller.abort('that is enough');
  };
  const failure = await preparation({ signal: controller.signal, onProgress }).then(
    () => null,
    (reason) => reason,
  );
  return { told, failure };
}

describe.each(['kept', 'forgotten'])('samples that are computed when they are looked at, and %s', (which) => {
  const options = async () => {
    const model = await modelOf(false);
    const batches = [input(6)];
    // Whole samples fit: two of the six are kept.
    const memory = which === 'kept' ? undefined : 8 * recordingSize(model, [input(1)]) * 5;
    const lazy = await record(model, batches, 'kernel', { lazily: true, memory });
    return { lazy, expected: (await record(model, batches, 'kernel')).runs[0] };
  };

  it('are computed in pieces before they are looked at, to the last bit', async () => {
    const { lazy, expected } = await options();
    for (const number of [3, 0, 5, 1]) {
      const { told } = await prepared(lazy.prepare?.(number));
      expect(told.length).toBeGreaterThan(2);
      expect(told.map(([done]) => done)).toEqual(told.map(([done]) => done).sort((a, b) => a - b));
      expect(told[0][0]).toBeLessThan(STEPS);
      expect(told.at(-1)).toEqual([STEPS, STEPS]);
      expect(lazy.prepare?.(number)).toBeNull();
      expect(numbers(lazy.runs[0][number])).toEqual(numbers(expected[number]));
    }
    // Of what was looked at first something is forgotten, or nothing is: it goes in pieces again.
    const again = lazy.prepare?.(3);
    if (which === 'kept') expect(again).toBeNull();
    else {
      expect((await prepared(again)).told.length).toBeGreaterThan(2);
      expect(numbers(lazy.runs[0][3])).toEqual(numbers(expected[3]));
    }
  });

  it('can be given up, and begun again or looked at all the same', async () => {
    const { lazy, expected } = await options();
    for (const number of [2, 4]) {
      expect((await prepared(lazy.prepare?.(number), 2)).failure).toBe('that is enough');
      expect(lazy.prepare?.(number)).not.toBeNull();
    }
    expect(numbers(lazy.runs[0][4])).toEqual(numbers(expected[4]));
    expect((await prepared(lazy.prepare?.(2))).failure).toBeNull();
    expect(numbers(lazy.runs[0][2])).toEqual(numbers(expected[2]));
  });
});

it('a later batch of a stateful model counts those before it too', async () => {
  const model = await modelOf(true);
  const batches = [0, 1, 2].map((at) => input(1, at * 7));
  const lazy = await record(model, batches, 'kernel', { lazily: true });
  const { told } = await prepared(lazy.prepare?.(2));
  expect(told.at(-1)).toEqual([3 * STEPS, 3 * STEPS]);
  expect(lazy.prepare?.(1)).toBeNull();
  const expected = await record(model, batches, 'kernel');
  expect(numbers(lazy.runs[2][0])).toEqual(numbers(expected.runs[2][0]));
});

it('a sample that is computed before anybody notices needs no preparation', async () => {
  const layers = [{ class_name: 'LSTM', units: 2, batch_input_shape: [null, 5, 3] }];
  const { model } = await buildPreset(parsePreset({ layers }, 'short'), 'short');
  const lazy = await record(model, [[tensor([2, 5, 3])]], 'kernel', { lazily: true });
  expect(lazy.prepare?.(1)).toBeNull();
});

it.each([
  ['kept', inMemory],
  ['forgotten', (recorder: Recorder) => forgetful(recorder, 1)],
])('a sample that fails half-way fails again where it is begun again, %s', (_, startOf) => {
  const notHere = () => {
    throw new Error('not here');
  };
  const recorder: Recorder = {
    record: notHere,
    windowed: notHere,
    *recordInPieces() {
      yield 0.5;
      throw new Error('no such index');
    },
  };
  const place = { sample: 0, samples: 1, batch: 0, batches: 1 };
  const run = startOf(recorder)([], place, () => undefined, undefined);
  for (const _ of [1, 2]) {
    run.advance();
    expect(run.fraction).toBe(0.5);
    expect(() => run.advance()).toThrow('no such index');
    expect(run.isAtHand).toBe(false);
  }
});
