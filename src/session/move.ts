import { rowsOf } from '../math/tensor.ts';
import { callName } from '../model/graph.ts';
import { placeOfExtreme } from '../trace/extremes.ts';
import { stepOf } from '../trace/timeline.ts';
import type { OpenAction } from './action.ts';
import { searchFrom } from './search.ts';
import { position } from './selectors.ts';
import type { Cursor, OpenSession } from './session.ts';

/** Timesteps a second. */
const SPEEDS = [1, 2, 4, 8, 16, 30];

const within = (value: number, count: number) => Math.max(0, Math.min(value, count - 1));

/** An open session after an action. A move forward is undone by the same move back, wherever both lead somewhere. */
export function moveReduce(session: OpenSession, action: OpenAction): OpenSession {
  const at = position(session);
  const moved = (change: Partial<Cursor>): OpenSession => ({
    ...session,
    message: null,
    cursor: { ...session.cursor, ...change },
  });
  // A layer without timesteps must not lose the timestep that another layer is at.
  const toStep = (wanted: number): OpenSession => {
    const step = within(wanted, Math.max(1, at.computed));
    const isAhead = step < within(wanted, at.steps);
    const message = isAhead ? `timestep ${stepOf(at.callTrace, step)} is the last that is computed so far` : null;
    return { ...(step === at.step ? session : moved({ step })), message };
  };

  switch (action.type) {
    case 'timestep-moved':
      return toStep(at.step + action.by);
    case 'timestep-chosen':
      return toStep(stepOf(at.callTrace, within(action.timestep, at.steps)));
    case 'went-to-first':
      return toStep(0);
    case 'went-to-last':
      return toStep(at.steps - 1);
    case 'stage-moved': {
      // Stages run on from timestep to timestep, so that stepping by equation walks through the whole run and back.
      const stages = at.equations.length;
      const now = at.step * stages + at.stage;
      const total = within(now + action.by, Math.max(1, at.computed) * stages);
      if (stages === 0 || total === now) return { ...session, message: null };
      const step = Math.floor(total / stages);
      return moved({ ...(step !== at.step && { step }), stagesLeft: stages - 1 - (total % stages) });
    }
    case 'layer-moved':
      return moved({ call: within(at.callIndex + action.by, at.trace.calls.length) });
    case 'call-chosen': {
      const call = at.trace.calls.findIndex((trace) => callName(trace.call) === action.name);
      return call < 0 ? session : moved({ call });
    }
    case 'unit-moved':
    case 'unit-chosen': {
      const unit = within(action.type === 'unit-moved' ? at.unit + action.by : action.unit, at.units);
      return unit === at.unit ? { ...session, message: null } : moved({ unit });
    }
    case 'sample-moved':
      return moved({ sample: within(at.sampleIndex + action.by, at.sampleCount) });
    case 'sample-chosen':
      return moved({ sample: within(action.sample, at.sampleCount) });
    case 'view-chosen':
      return { ...session, view: action.view, focus: 'view', cameFrom: null, message: null };
    case 'panel-changed':
      return { ...session, focus: session.focus === 'view' ? 'model' : 'view' };
    case 'entered':
      return entered(session);
    case 'zoom-toggled':
      return session.zoom === null || session.view !== 'gates' ? zoomed(session) : { ...session, zoom: null };
    case 'whole-run-toggled':
      return { ...session, wholeRun: !session.wholeRun };
    case 'play-toggled':
      // At the end, play starts again from the beginning.
      if (!session.playing && at.step === at.steps - 1) return { ...toStep(0), playing: at.steps > 1 };
      return { ...session, playing: !session.playing };
    case 'played':
      if (!session.playing) return session;
      // It waits for what is still being computed.
      return { ...toStep(Math.min(at.step + action.by, at.computed - 1)), playing: at.step + action.by < at.steps - 1 };
    case 'speed-changed': {
      const speed = SPEEDS[within(SPEEDS.indexOf(session.speed) + action.by, SPEEDS.length)];
      // While it plays, the title says how fast.
      return session.playing
        ? { ...session, speed }
        : { ...session, speed, message: `space plays ${speed} timesteps a second` };
    }
    case 'extreme-sought':
      return atExtreme(session, action);
    case 'searched':
      return searchFrom({ ...session, search: action.text, overlay: null }, 1);
    case 'search-repeated':
      return searchFrom(session, action.by);
  }
}

/** At the largest or the smallest number of a quantity, all units together, as far as the run is computed. Where one quantity is shown, this one. */
function atExtreme(session: OpenSession, action: Extract<OpenAction, { type: 'extreme-sought' }>): OpenSession {
  const { call, symbol, end } = action;
  const there = call === undefined ? session : moveReduce(session, { type: 'call-chosen', name: call });
  const at = position(there);
  const stage = at.equations.findIndex((equation) => equation.symbol === symbol);
  const t = at.callTrace.quantities[symbol];
  const place = stage < 0 || rowsOf(t) !== at.steps ? null : placeOfExtreme(t, end);
  if (!place) return { ...session, message: `${at.name} has no ${symbol} at each timestep` };
  const stagesLeft = at.equations.length - 1 - stage;
  const cursor = { ...there.cursor, step: place.row, unit: place.column, stagesLeft };
  return { ...there, message: null, zoom: session.zoom === null ? null : symbol, cursor };
}

/** Enter goes one step closer to where a number comes from: layer, its view, one quantity, the equation. */
function entered(session: OpenSession): OpenSession {
  if (session.focus === 'model') return { ...session, focus: 'view' };
  if (session.view === 'gates' && session.zoom === null) return zoomed(session);
  return session.view === 'equations' ? session : { ...session, view: 'equations', cameFrom: session.view };
}

function zoomed(session: OpenSession): OpenSession {
  const at = position(session);
  const from = session.view === 'gates' ? session.cameFrom : session.view;
  return { ...session, view: 'gates', zoom: at.equations[at.stage]?.symbol ?? 'x', cameFrom: from };
}
