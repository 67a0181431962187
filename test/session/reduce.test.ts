import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { whole } from '../../src/math/tensor.ts';
import type { Action } from '../../src/session/action.ts';
import { choosing, opened, reduce } from '../../src/session/reduce.ts';
import { type Position, position } from '../../src/session/selectors.ts';
import type { OpenSession } from '../../src/session/session.ts';
import { PRESETS, presetEntries, sessionOfPreset } from '../frames/presets.ts';

const sessions: OpenSession[] = [];
const byName: Record<string, OpenSession> = {};

beforeAll(async () => {
  for (const name of PRESETS) {
    byName[name] = await sessionOfPreset(name);
    sessions.push(byName[name]);
  }
});

const act = (session: OpenSession, ...actions: Action[]) => actions.reduce(reduce, session) as OpenSession;

/** What a person sees of where they are. */
function place(session: OpenSession) {
  const { sampleIndex, callIndex, step, timestep, stage, unit } = position(session);
  return { sampleIndex, callIndex, step, timestep, stage, unit };
}

const MOVES = ['timestep-moved', 'stage-moved', 'layer-moved', 'unit-moved', 'sample-moved'] as const;
const moves = fc.record({ type: fc.constantFrom(...MOVES), by: fc.constantFrom(1, -1, 3, -3, 10, -10) });

/** How far a move can go in both directions. */
function room(at: Position, type: (typeof MOVES)[number]): { before: number; after: number } {
  const of = (index: number, count: number) => ({ before: index, after: count - 1 - index });
  switch (type) {
    case 'timestep-moved':
      return of(at.step, at.steps);
    case 'stage-moved':
      return of(at.step * at.equations.length + at.stage, at.steps * at.equations.length);
    case 'layer-moved':
      return of(at.callIndex, at.trace.calls.length);
    case 'unit-moved':
      return of(at.unit, at.units);
    case 'sample-moved':
      return of(at.sampleIndex, at.sampleCount);
  }
}

describe('moving', () => {
  it('back undoes exactly a move forward, wherever one stands', () => {
    fc.assert(
      fc.property(fc.nat(PRESETS.length - 1), fc.array(moves, { maxLength: 30 }), moves, (n, way, move) => {
        const session = act(sessions[n], ...way);
        const { before, after } = room(position(session), move.type);
        fc.pre(move.by > 0 ? after >= move.by : before >= -move.by);
        const there = act(session, move);
        expect(place(there)).not.toEqual(place(session));
        const back = act(there, { ...move, by: -move.by });
        expect(place(back)).toEqual(place(session));
      }),
      { numRuns: 1000 },
    );
  });

  it('never leaves the trace', () => {
    fc.assert(
      fc.property(fc.nat(PRESETS.length - 1), fc.array(moves, { maxLength: 60 }), (n, way) => {
        const at = position(act(sessions[n], ...way));
        expect(at.step).toBeGreaterThanOrEqual(0);
        expect(at.step).toBeLessThan(at.steps);
        expect(at.unit).toBeLessThan(at.units);
        expect(at.stage).toBeLessThan(Math.max(1, at.equations.length));
        expect(at.timestep).toBeGreaterThanOrEqual(0);
        expect(at.timestep).toBeLessThan(at.steps);
      }),
    );
  });

  it('by stage walks through all equations of a timestep before the next', () => {
    let session = act(byName['return-state'], { type: 'stage-moved', by: -10 });
    expect(place(session)).toMatchObject({ step: 0, stage: 0 });
    session = act(session, { type: 'stage-moved', by: 10 });
    expect(place(session)).toMatchObject({ step: 0, stage: 10 });
    session = act(session, { type: 'stage-moved', by: 1 });
    expect(place(session)).toMatchObject({ step: 1, stage: 0 });
  });

  it('through a layer without timesteps loses neither the timestep nor the unit of the others', () => {
    const start = act(byName.sentiment, { type: 'timestep-chosen', timestep: 6 }, { type: 'unit-moved', by: 40 });
    const atDense = act(start, { type: 'call-chosen', name: 'dense_1' }, { type: 'timestep-moved', by: 1 });
    expect(place(atDense)).toMatchObject({ step: 0, unit: 0 });
    const back = act(atDense, { type: 'timestep-moved', by: -1 }, { type: 'call-chosen', name: 'lstm_1' });
    expect(place(back)).toEqual(place(start));
  });

  it('forward in time goes to the left under go_backwards', () => {
    const session = byName['go-backwards'];
    expect(place(session)).toMatchObject({ step: 0, timestep: 5 });
    expect(place(act(session, { type: 'timestep-moved', by: 1 }))).toMatchObject({ step: 1, timestep: 4 });
    expect(place(act(session, { type: 'timestep-chosen', timestep: 0 }))).toMatchObject({ step: 5, timestep: 0 });
  });
});

describe('Enter and Escape', () => {
  it('go into and come back one step at a time, and Escape never leads out of the model', () => {
    const gates = act(byName['return-state'], { type: 'view-chosen', view: 'gates' });
    const zoomed = act(gates, { type: 'entered' });
    expect(zoomed).toMatchObject({ view: 'gates', zoom: 'h' });
    const equations = act(zoomed, { type: 'entered' });
    expect(equations).toMatchObject({ view: 'equations', cameFrom: 'gates' });
    expect(act(equations, { type: 'escaped' })).toMatchObject({ view: 'gates', zoom: 'h' });
    expect(act(equations, { type: 'escaped' }, { type: 'escaped' })).toMatchObject({ view: 'gates', zoom: null });
    const out = act(equations, ...Array<Action>(9).fill({ type: 'escaped' }));
    expect(out.status).toBe('open');
  });

  it('close what lies over the view first', () => {
    const help = act(
      byName.masking,
      { type: 'entered' },
      { type: 'overlay-opened', overlay: { kind: 'help', scroll: 0 } },
    );
    const closed = act(help, { type: 'escaped' });
    expect(closed).toMatchObject({ overlay: null, view: 'equations' });
    expect(act(closed, { type: 'escaped' })).toMatchObject({ view: 'cell' });
  });
});

describe('playing', () => {
  it('stops at the last timestep and starts again from the first', () => {
    let session = act(byName.masking, { type: 'play-toggled' });
    expect(session.playing).toBe(true);
    for (let n = 0; n < 5; n++) session = act(session, { type: 'played', by: 1 });
    expect(place(session).step).toBe(5);
    expect(session.playing).toBe(false);
    session = act(session, { type: 'play-toggled' });
    expect(place(session).step).toBe(0);
    expect(session.playing).toBe(true);
  });

  it('skips timesteps where drawing is behind, and does not run past the end', () => {
    const session = act(byName.masking, { type: 'play-toggled' }, { type: 'played', by: 400 });
    expect(place(session).step).toBe(5);
    expect(session.playing).toBe(false);
  });

  it('says the speed that space will play at, where nothing plays that shows it', () => {
    expect(act(byName.masking, { type: 'speed-changed', by: 1 }).message).toBe('space plays 4 timesteps a second');
    const playing = act(byName.masking, { type: 'play-toggled' });
    expect(act(playing, { type: 'speed-changed', by: 1 }).message).toBe(playing.message);
  });

  it('has speeds with ends', () => {
    const fast = act(byName.masking, ...Array<Action>(20).fill({ type: 'speed-changed', by: 1 }));
    expect(fast.speed).toBe(30);
    expect(act(fast, ...Array<Action>(20).fill({ type: 'speed-changed', by: -1 })).speed).toBe(1);
  });
});

describe('searching', () => {
  it('goes to the next word that contains the text, and round', () => {
    const found = act(byName.sentiment, { type: 'searched', text: 'OO' });
    const words = (session: OpenSession) =>
      session.subject.words![whole(position(session).trace.inputs[0]).data[place(session).timestep]];
    expect(words(found).toLowerCase()).toContain('oo');
    expect(place(act(found, { type: 'search-repeated', by: 1 }, { type: 'search-repeated', by: -1 }))).toEqual(
      place(found),
    );
  });

  it('goes to a layer where no word fits, and says when nothing does', () => {
    expect(position(act(byName.sentiment, { type: 'searched', text: 'dense' })).name).toBe('dense_1');
    const nothing = act(byName.sentiment, { type: 'searched', text: 'zzz' });
    expect(nothing.message).toContain('zzz');
    expect(place(nothing)).toEqual(place(byName.sentiment));
  });

  it('says that a layer is left out, and why', () => {
    const { subject } = byName.sentiment;
    const incomplete = [{ layer: 'mine', class: 'Lambda', reason: 'its code is not run' }];
    const { recording } = subject;
    const session = {
      ...byName.sentiment,
      subject: { ...subject, recording: { ...recording, model: { ...recording.model, incomplete } } },
    };
    expect(act(session, { type: 'searched', text: 'MIN' }).message).toBe(
      '“MIN”: mine is left out: its code is not run',
    );
  });
});

describe('what lies over the view', () => {
  it('takes text, gives it back, and closes when nothing is left to erase', () => {
    let session = act(byName.masking, { type: 'overlay-opened', overlay: { kind: 'command', text: '', selected: 0 } });
    session = act(session, { type: 'typed', text: 'ab' }, { type: 'typed', text: '好' }, { type: 'erased' });
    expect(session.overlay).toMatchObject({ text: 'ab' });
    session = act(session, { type: 'erased' }, { type: 'erased' }, { type: 'erased' });
    expect(session.overlay).toBeNull();
  });

  it('ignores text where nothing is written', () => {
    expect(act(byName.masking, { type: 'typed', text: 'x' })).toBe(byName.masking);
  });
});

describe('a session', () => {
  it('begins at the first LSTM, at its first timestep, with what the lab has to say', async () => {
    const { subject } = byName['embedding-pretrained'];
    const session = opened(subject, []);
    expect(position(session)).toMatchObject({ name: 'lstm_1', step: 0, stage: 10, unit: 0 });
    expect(session.message).toContain('unputdownable');
  });

  it('is plain data: written as JSON and read again it is the same', () => {
    const { cursor, view, overlay } = act(byName.masking, { type: 'timestep-moved', by: 2 });
    expect(JSON.parse(JSON.stringify({ cursor, view, overlay }))).toEqual({ cursor, view, overlay });
  });

  it('without a model chooses among the presets and keeps them when one is opened', async () => {
    const presets = await presetEntries();
    const session = reduce(choosing(presets), { type: 'preset-selected', by: 2 });
    expect(session).toMatchObject({ status: 'choosing', selected: 2 });
    expect(reduce(session, { type: 'preset-selected', by: -9 })).toMatchObject({ selected: 0 });
    const open = reduce(session, { type: 'subject-opened', subject: byName.masking.subject });
    expect(open).toMatchObject({ status: 'open', presets });
  });

  it('that is choosing ignores what only makes sense for a model', () => {
    const session = choosing([]);
    for (const type of ['timestep-moved', 'unit-moved', 'search-repeated'] as const)
      expect(reduce(session, { type, by: 1 })).toBe(session);
  });
});
