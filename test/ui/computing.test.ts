import { beforeEach, describe, expect, it } from 'vitest';
import { type LazyRows, type Rows, row, rowsOf, tensor, widthOf } from '../../src/math/tensor.ts';
import { reduce } from '../../src/session/reduce.ts';
import { position } from '../../src/session/selectors.ts';
import { type OpenSession, VIEWS } from '../../src/session/session.ts';
import { createStore } from '../../src/session/store.ts';
import type { RecordingProgress, Trace } from '../../src/trace/trace.ts';
import { type Computing, followComputing } from '../../src/ui/computing.ts';
import { footerItems } from '../../src/ui/keymap.ts';
import { frameLines } from '../../src/ui/layouts/frame.ts';
import { textOf } from '../../src/ui/line.ts';
import { performer } from '../../src/ui/perform.ts';
import { press } from '../../src/ui/press.ts';
import { heatNotComputed } from '../../src/ui/theme/heat.ts';
import { numbers, plainTheme, sessionOf } from './panels/models.ts';

/* A run of 400 timesteps that comes as far as a test says. */

const STEPS = 400;

function fakeProgress() {
  const listeners = new Set<() => void>();
  const state = { done: 0, isDone: false, isCancelled: false, error: null as unknown };
  const progress: RecordingProgress = {
    get fraction() {
      return state.done / STEPS;
    },
    get isDone() {
      return state.isDone;
    },
    get timesteps() {
      return { done: state.done, total: STEPS };
    },
    get error() {
      return state.error;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    cancel() {
      state.isCancelled = true;
    },
  };
  const go = (change: Partial<typeof state>) => {
    Object.assign(state, change);
    for (const listener of listeners) listener();
  };
  return { progress, state, go, listeners };
}

let run: ReturnType<typeof fakeProgress>;
let session: OpenSession;

beforeEach(async () => {
  run = fakeProgress();
  const whole = await sessionOf(
    [
      { kind: 'input', shape: [STEPS, 2] },
      { kind: 'lstm', units: 3, returnSequences: true },
    ],
    [numbers(1, STEPS, 2)],
  );
  const growing = (t: Rows): LazyRows => ({
    shape: t.shape,
    get computed() {
      return run.state.done;
    },
    read(from, to) {
      const out = new Float64Array((to - from) * widthOf(t)).fill(Number.NaN);
      for (let at = from; at < Math.min(to, run.state.done); at++) out.set(row(t, at), (at - from) * widthOf(t));
      return out;
    },
  });
  const [trace] = whole.subject.recording.runs[0];
  const [input, lstm] = trace.calls;
  const quantities = Object.fromEntries(Object.entries(lstm.quantities).map(([symbol, t]) => [symbol, growing(t)]));
  const part: Trace = { ...trace, calls: [input, { ...lstm, quantities, returns: [quantities.h] }] };
  const recording = { ...whole.subject.recording, runs: [[part]], progress: run.progress };
  session = { ...whole, cursor: { ...whole.cursor, step: 0 }, subject: { ...whole.subject, recording } };
});

const shown = (from: OpenSession) => frameLines(from, { columns: 120, rows: 36 }, plainTheme).map(textOf).join('\n');
const act = (from: OpenSession, ...actions: Parameters<typeof reduce>[1][]) =>
  actions.reduce(reduce, from) as OpenSession;

describe('a run that is still being computed', () => {
  it('lets the cursor go as far as it has come, and says so', () => {
    run.go({ done: 123 });
    const last = act(session, { type: 'went-to-last' });
    expect(position(last).timestep).toBe(122);
    expect(last.message).toBe('timestep 122 is the last that is computed so far');
    expect(position(act(session, { type: 'timestep-chosen', timestep: 300 })).timestep).toBe(122);
    expect(position(act(last, { type: 'stage-moved', by: 5 })).timestep).toBe(122);
    expect(act(last, { type: 'timestep-moved', by: -1 }).message).toBeNull();
    run.go({ done: 200 });
    expect(position(act(last, { type: 'timestep-moved', by: 1 })).timestep).toBe(123);
    run.go({ done: STEPS });
    expect(act(last, { type: 'went-to-last' })).toMatchObject({ message: null, cursor: { step: STEPS - 1 } });
  });

  it('plays as far as it has come, waits there and goes on', () => {
    run.go({ done: 10 });
    const playing = act(session, { type: 'play-toggled' }, { type: 'played', by: 30 });
    expect(playing).toMatchObject({ playing: true, message: null, cursor: { step: 9 } });
    run.go({ done: 20 });
    expect(act(playing, { type: 'played', by: 5 }).cursor.step).toBe(14);
  });

  it.each(VIEWS)('draws what is there and nothing of the rest, all of the run asked for or not: %s', (view) => {
    for (const done of [0, 1, 100]) {
      run.go({ done });
      for (const wholeRun of [true, false])
        for (const cursor of [0, 99]) {
          const text = shown({ ...session, view, wholeRun, cursor: { ...session.cursor, step: cursor } });
          expect(text).not.toMatch(/NaN|undefined|!/);
        }
    }
  });

  it('shows the whole run as far as it has come, and more of it later', () => {
    const whole = { ...session, view: 'gates', wholeRun: true } as const;
    const missing = () => shown(whole).split(heatNotComputed).length - 1;
    run.go({ done: 100 });
    const before = missing();
    run.go({ done: 300 });
    const later = missing();
    expect(before).toBeGreaterThan(2 * later);
    run.go({ done: STEPS });
    expect(later).toBeGreaterThan(0);
    expect(missing()).toBe(0);
  });

  it('comes to the same columns as a run that was whole from the beginning', () => {
    const whole = { ...session, view: 'gates', wholeRun: true, zoom: 'c' } as const;
    for (const done of [50, 51, 130, 399, STEPS]) {
      run.go({ done });
      shown(whole);
    }
    const [trace] = session.subject.recording.runs[0];
    const [input, lstm] = trace.calls;
    const quantities = Object.fromEntries(
      Object.entries(lstm.quantities).map(([symbol, t]) => [
        symbol,
        tensor(t.shape, (t as LazyRows).read(0, rowsOf(t))),
      ]),
    );
    const kept = { ...session.subject.recording, runs: [[{ ...trace, calls: [input, { ...lstm, quantities }] }]] };
    expect(shown(whole)).toBe(shown({ ...whole, subject: { ...whole.subject, recording: kept } }));
  });
});

describe('while it is being computed', () => {
  let store: Parameters<typeof followComputing>[0];
  let computing: Computing;

  const follow = () => {
    store = createStore(session as never, reduce) as typeof store;
    computing = followComputing(store, () => false);
  };

  const footer = () => footerItems(store.get()).map(({ keys, word }) => `${keys} ${word}`);

  it('the lab says how far it is, until it is done', () => {
    follow();
    run.go({ done: 123 });
    expect(shown(store.get() as OpenSession)).toMatch(/computing 123 of 400 timesteps.* · Esc cancels/);
    expect(footer()).toContain('Esc cancel');
    store.dispatch({ type: 'whole-run-toggled' });
    expect(shown(store.get() as OpenSession)).toMatch(/computing 123 of 400 timesteps.* · Esc goes back, then cancels/);
    expect(footer()).toContain('Esc back');
    expect(footer()).not.toContain('Esc cancel');
    run.go({ done: STEPS, isDone: true });
    expect(store.get()).toMatchObject({ work: null, message: null });
    expect(run.listeners.size).toBe(0);
  });

  it('it can be given up, and what is computed stays', () => {
    follow();
    run.go({ done: 123 });
    expect(computing.cancel()).toBe(true);
    expect(run.state.isCancelled).toBe(true);
    expect(store.get()).toMatchObject({
      work: null,
      message: 'cancelled: the first 123 timesteps are computed, and no more',
    });
    store.dispatch({ type: 'went-to-last' });
    expect(position(store.get() as OpenSession).timestep).toBe(122);
    expect(store.get().work).toBeNull();
    expect(computing.cancel()).toBe(false);
  });

  it('Escape goes back first where there is a way back, and gives the run up where there is none', () => {
    session = { ...session, view: 'gates', zoom: 'c', message: null };
    store = createStore(session as never, reduce) as typeof store;
    const nowhere = { write() {}, redraw() {}, suspend() {} };
    const { perform, stop } = performer({
      store,
      stdout: nowhere,
      screen: nowhere,
      guard: nowhere,
      openPreset: () => Promise.reject(new Error('not here')),
      quit() {},
    });
    run.go({ done: 123 });
    const pressEscape = () => perform(press(store.get(), 'escape'));
    pressEscape();
    expect([(store.get() as OpenSession).zoom, run.state.isCancelled]).toEqual([null, false]);
    pressEscape();
    expect(run.state.isCancelled).toBe(true);
    expect(store.get().message).toContain('cancelled: the first 123 timesteps');
    stop();
  });

  it('nothing is written of it before it is whole', () => {
    store = createStore(session as never, reduce) as typeof store;
    const nowhere = { write() {}, redraw() {}, suspend() {} };
    let written = 0;
    const { perform, stop } = performer({
      store,
      stdout: nowhere,
      screen: nowhere,
      guard: nowhere,
      openPreset: () => Promise.reject(new Error('not here')),
      exportTrace: async () => `written ${++written}`,
      quit() {},
    });
    perform(press(store.get(), 'e'));
    expect(written).toBe(0);
    expect(store.get().message).toContain('not all of the run is computed');
    stop();
  });

  it('it is given up for another model, and when the lab is left', async () => {
    follow();
    const other = await sessionOf([{ kind: 'input', shape: [2, 2] }, { kind: 'lstm' }], [numbers(1, 2, 2)]);
    store.dispatch({ type: 'subject-opened', subject: other.subject });
    expect([run.state.isCancelled, run.listeners.size]).toEqual([true, 0]);
    expect(store.get().work).toBeNull();
    run = fakeProgress();
    follow();
    computing.stop();
    expect(run.listeners.size).toBe(0);
  });

  it('what goes wrong is told', () => {
    follow();
    run.go({ done: 5, error: new Error('out of memory') });
    expect(store.get()).toMatchObject({ work: null, message: 'computing has failed: out of memory' });
  });
});
