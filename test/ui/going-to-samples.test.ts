import { beforeEach, describe, expect, it } from 'vitest';
import { reduce } from '../../src/session/reduce.ts';
import { createStore } from '../../src/session/store.ts';
import type { Preparation } from '../../src/trace/trace.ts';
import { performer } from '../../src/ui/perform.ts';
import { press } from '../../src/ui/press.ts';
import { numbers, sessionOf } from './panels/models.ts';

/* A run of three samples, of which the first is at hand and others are computed as far as a test says. */

interface Begun {
  readonly number: number;
  readonly how: Parameters<Preparation>[0];
  finish(error?: Error): void;
}

let store: Parameters<typeof performer>[0]['store'];
let begun: Begun[];
let atHand: Set<number>;
let lab: ReturnType<typeof performer>;
let fails: (error: Error) => void;

const tick = async () => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
};
const key = (name: string) => lab.perform(press(store.get(), name));
const sample = () => {
  const session = store.get();
  return session.status === 'open' ? session.cursor.sample : null;
};
const status = () => [sample(), store.get().work?.text ?? null, store.get().message];

beforeEach(async () => {
  const session = await sessionOf(
    [
      { kind: 'input', shape: [4, 2] },
      { kind: 'lstm', units: 3 },
    ],
    [numbers(3, 4, 2)],
  );
  begun = [];
  atHand = new Set([0]);
  const prepare = (number: number): Preparation | null =>
    atHand.has(number)
      ? null
      : (how) =>
          new Promise((resolve, reject) => {
            how.signal?.addEventListener('abort', () => reject(how.signal?.reason));
            const finish = (error?: Error) => {
              if (error) return reject(error);
              atHand.add(number);
              resolve();
            };
            begun.push({ number, how, finish });
          });
  const recording = { ...session.subject.recording, prepare };
  store = createStore({ ...session, message: null, subject: { ...session.subject, recording } } as never, reduce);
  const nowhere = { write() {}, redraw() {}, suspend() {} };
  const never = new Promise<never>((_, reject) => {
    fails = reject;
  });
  lab = performer({ store, stdout: nowhere, screen: nowhere, guard: nowhere, openPreset: () => never, quit() {} });
});

describe('going to a sample that takes long to compute', () => {
  it('stays where it is until the sample is computed, and says how far it is', async () => {
    key('}');
    expect(status()).toEqual([0, 'computing sample 2', null]);
    await tick();
    begun[0].how.onProgress?.(1, 4);
    expect(store.get().work).toMatchObject({
      text: 'computing sample 2:',
      progress: { done: 1, total: 4, unit: 'timesteps' },
    });
    expect(sample()).toBe(0);
    begun[0].finish();
    await tick();
    expect(status()).toEqual([1, null, null]);
  });

  it('keeps the sample it was at when Escape gives it up, and the work ends', async () => {
    key('}');
    await tick();
    key('escape');
    expect(status()).toEqual([0, null, 'still at sample 1']);
    expect(begun[0].how.signal?.aborted).toBe(true);
    begun[0].finish();
    await tick();
    expect(sample()).toBe(0);
  });

  it('goes two samples on where the key is pressed twice, and no further than the last', async () => {
    for (const _ of [1, 2, 3]) {
      key('}');
      await tick();
    }
    expect(begun.map(({ number, how }) => [number, how.signal?.aborted])).toEqual([
      [1, true],
      [2, false],
    ]);
    begun[1].finish();
    await tick();
    expect(sample()).toBe(2);
  });

  it('gives it up for the sample it shows, or another that is at hand', async () => {
    key('}');
    await tick();
    key('{');
    expect(status()).toEqual([0, null, null]);
    expect(begun[0].how.signal?.aborted).toBe(true);
  });

  it('hears other keys meanwhile', async () => {
    key('}');
    await tick();
    key('left');
    begun[0].finish();
    await tick();
    expect(store.get()).toMatchObject({ cursor: { sample: 1, step: 2 } });
  });

  it('says why where it fails, and stays', async () => {
    key('}');
    await tick();
    begun[0].finish(new Error('sample 2: no such index'));
    await tick();
    expect(sample()).toBe(0);
    expect(store.get().overlay).toEqual({
      kind: 'error',
      title: 'sample 2 cannot be computed',
      text: 'sample 2: no such index',
    });
  });

  it('does not give up a model that is being opened', async () => {
    lab.perform({ actions: [], open: 'other' });
    key('}');
    expect(status()).toEqual([1, 'opening other', null]);
    await tick();
    fails(new Error('gone'));
    await tick();
    expect(store.get().overlay).toMatchObject({ title: 'other cannot be opened' });
    expect(begun).toEqual([]);
  });
});

it('goes at once to a sample that is at hand', () => {
  atHand.add(2);
  lab.perform({ actions: [{ type: 'sample-chosen', sample: 2 }] });
  expect(status()).toEqual([2, null, null]);
});
