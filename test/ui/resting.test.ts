import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { prepareCheck } from '../../src/engines/check/check-step.ts';
import { type Rows, rows } from '../../src/math/tensor.ts';
import type { Action } from '../../src/session/action.ts';
import { reduce } from '../../src/session/reduce.ts';
import { checkAt, position } from '../../src/session/selectors.ts';
import type { OpenSession, Session } from '../../src/session/session.ts';
import { createStore, type Store } from '../../src/session/store.ts';
import { type Checker, startChecking } from '../../src/ui/resting.ts';
import { sessionOfPreset } from '../frames/presets.ts';

let store: Store<Session, Action>;
let asked: number;
let stop: () => void;

/** Checks at once, and counts how often it is asked. */
const atOnce: Checker = async (_, layer, evidence, engine) => {
  asked++;
  return prepareCheck(layer)(evidence, engine);
};

async function start(check: Checker = atOnce): Promise<void> {
  store = createStore<Session, Action>(await sessionOfPreset('masking'), reduce);
  asked = 0;
  vi.useFakeTimers();
  stop = startChecking(store, check);
}

const known = () => {
  const session = store.get() as OpenSession;
  return checkAt(session, position(session));
};
const right = () => store.dispatch({ type: 'timestep-moved', by: 1 });
const left = () => store.dispatch({ type: 'timestep-moved', by: -1 });

beforeEach(() => start());
afterEach(() => {
  stop();
  vi.useRealTimers();
});

describe('the step at the cursor is checked', () => {
  it('when nothing has moved for 100 ms, also at the start, and not before', async () => {
    await vi.advanceTimersByTimeAsync(99);
    expect(asked).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toBe(1);
    expect(known()).toMatchObject({ differs: [], difference: 0 });
  });

  it('not while keys follow each other', async () => {
    for (let key = 0; key < 5; key++) {
      right();
      await vi.advanceTimersByTimeAsync(90);
    }
    expect(asked).toBe(0);
    expect(known()).toBeNull();
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toBe(1);
    expect(known()).not.toBeNull();
  });

  it('once: coming back to it, or looking at another of its units, asks nobody', async () => {
    await vi.advanceTimersByTimeAsync(100);
    right();
    expect(known()).toBeNull();
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toBe(2);
    left();
    store.dispatch({ type: 'unit-moved', by: 1 });
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toBe(2);
    expect(known()).not.toBeNull();
  });

  it('in every layer; one without equations says nothing', async () => {
    const { calls } = (store.get() as OpenSession).subject.recording.model;
    store.dispatch({ type: 'layer-moved', by: -99 });
    for (const { layer } of calls) {
      await vi.advanceTimersByTimeAsync(100);
      expect(known() !== null, layer.name).toBe(layer.kind !== 'input');
      store.dispatch({ type: 'layer-moved', by: 1 });
    }
  });

  it('where the cursor is when the answer comes: what was left meanwhile is kept for later', async () => {
    stop();
    vi.useRealTimers();
    const answers: (() => void)[] = [];
    await start(async (...given) => {
      await new Promise<void>((resolve) => answers.push(resolve));
      return atOnce(...given);
    });
    await vi.advanceTimersByTimeAsync(100);
    right();
    await vi.advanceTimersByTimeAsync(500);
    // One at a time.
    expect(answers).toHaveLength(1);
    answers[0]();
    await vi.advanceTimersByTimeAsync(0);
    expect(known()).toBeNull();
    expect(answers).toHaveLength(2);
    answers[1]();
    await vi.advanceTimersByTimeAsync(0);
    expect(known()).not.toBeNull();
    left();
    await vi.advanceTimersByTimeAsync(100);
    expect(answers).toHaveLength(2);
    expect(known()).not.toBeNull();
  });

  it('while the session changes all the time around a cursor that rests', async () => {
    for (let done = 0; done < 20; done++) {
      store.dispatch({ type: 'worked', work: { text: 'computing', progress: null } });
      await vi.advanceTimersByTimeAsync(30);
    }
    expect(asked).toBe(1);
    expect(known()).not.toBeNull();
  });

  it('once it has been computed, where the run is looked at before it is done', async () => {
    stop();
    vi.useRealTimers();
    await start();
    stop();
    const open = store.get() as OpenSession;
    let computed = 0;
    const recording = open.subject.recording;
    const later = (t: Rows): Rows => ({
      shape: t.shape,
      get computed() {
        return computed;
      },
      read: (from, to) => rows(t, from, to),
    });
    const calls = recording.runs[0][0].calls.map((call) => ({
      ...call,
      quantities: Object.fromEntries(Object.entries(call.quantities).map(([symbol, t]) => [symbol, later(t)])),
    }));
    const runs = [[{ ...recording.runs[0][0], calls }]];
    const subject = { ...open.subject, recording: { ...recording, runs } };
    store = createStore<Session, Action>({ ...open, subject }, reduce);
    stop = startChecking(store, atOnce);
    await vi.advanceTimersByTimeAsync(300);
    expect(asked).toBe(0);
    computed = 1;
    store.dispatch({ type: 'worked', work: null });
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toBe(1);
    expect(known()).toMatchObject({ differs: [] });
  });

  it('or it is said why not, once', async () => {
    stop();
    vi.useRealTimers();
    let tries = 0;
    await start(async () => {
      tries++;
      throw new Error('no room');
    });
    await vi.advanceTimersByTimeAsync(100);
    expect(store.get().message).toBe('this step cannot be checked: no room');
    store.dispatch({ type: 'unit-moved', by: 1 });
    await vi.advanceTimersByTimeAsync(300);
    expect(store.get().message).toBeNull();
    expect(tries).toBe(1);
  });

  it('no more once the lab is left', async () => {
    stop();
    right();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toBe(0);
  });
});
