import { callName } from '../model/graph.ts';
import { isBackward } from '../trace/trace.ts';
import { position, tokenAt } from './selectors.ts';
import {
  type ChoosingSession,
  type OpenSession,
  type Overlay,
  type PresetEntry,
  type Session,
  type Subject,
  VIEWS,
  type View,
} from './session.ts';

/** What has happened: a key, a command, a timer, a file. */
export type Action =
  | { readonly type: 'subject-opened'; readonly subject: Subject }
  | {
      readonly type: 'timestep-moved' | 'stage-moved' | 'layer-moved' | 'unit-moved' | 'sample-moved' | 'view-moved';
      readonly by: number;
    }
  | { readonly type: 'timestep-chosen'; readonly timestep: number }
  | { readonly type: 'call-chosen'; readonly name: string }
  | { readonly type: 'went-to-first' | 'went-to-last' }
  | { readonly type: 'view-chosen'; readonly view: View }
  | { readonly type: 'zoom-toggled' | 'whole-run-toggled' | 'play-toggled' | 'played' }
  | { readonly type: 'escaped' }
  | { readonly type: 'speed-changed'; readonly by: number }
  | { readonly type: 'overlay-opened'; readonly overlay: Overlay }
  | { readonly type: 'overlay-changed'; readonly overlay: Overlay }
  | { readonly type: 'searched'; readonly text: string }
  | { readonly type: 'search-repeated'; readonly by: number }
  | { readonly type: 'preset-selected'; readonly by: number }
  | { readonly type: 'told'; readonly message: string };

const SPEEDS = [1, 2, 4, 8, 16, 30];

export function choosing(presets: readonly PresetEntry[]): ChoosingSession {
  return { status: 'choosing', presets, selected: 0, message: null, overlay: null };
}

/** A session at the start of a subject: its first layer with equations, first timestep, first unit. */
export function opened(subject: Subject, presets: readonly PresetEntry[]): OpenSession {
  const calls = subject.recording.runs[0][0].calls;
  // An LSTM is what people come for; without one, the first layer that computes.
  const firstLstm = calls.findIndex(({ call }) => call.layer.kind === 'lstm');
  const first = calls.findIndex(({ call }) => call.layer.kind !== 'input');
  return {
    status: 'open',
    presets,
    message: subject.notes[0] ?? null,
    overlay: null,
    subject,
    cursor: { call: Math.max(0, firstLstm >= 0 ? firstLstm : first), step: 0, stagesLeft: 0, unit: 0, sample: 0 },
    view: 'cell',
    zoom: null,
    wholeRun: false,
    playing: false,
    speed: 2,
    search: null,
  };
}

/** The session after an action. Total and pure: a move that leads nowhere changes nothing. */
export function reduce(session: Session, action: Action): Session {
  switch (action.type) {
    case 'subject-opened':
      return opened(action.subject, session.presets);
    case 'told':
      return { ...session, message: action.message };
    case 'overlay-opened':
    case 'overlay-changed':
      return { ...session, overlay: action.overlay, ...(session.status === 'open' && { playing: false }) };
    case 'escaped':
      if (session.overlay) return { ...session, overlay: null };
      return session.status === 'open'
        ? { ...session, message: null, zoom: null, wholeRun: false, playing: false }
        : { ...session, message: null };
    case 'preset-selected': {
      if (session.presets.length === 0) return session;
      const wrapped = (selected: number) => (selected + action.by + session.presets.length) % session.presets.length;
      if (session.overlay?.kind === 'presets') {
        return { ...session, overlay: { ...session.overlay, selected: wrapped(session.overlay.selected) } };
      }
      return session.status === 'choosing' ? { ...session, selected: wrapped(session.selected) } : session;
    }
    default:
      return session.status === 'open' ? reduceOpen(session, action) : session;
  }
}

type OpenAction = Exclude<
  Action,
  { readonly type: 'subject-opened' | 'told' | 'overlay-opened' | 'overlay-changed' | 'escaped' | 'preset-selected' }
>;

function reduceOpen(session: OpenSession, action: OpenAction): OpenSession {
  const at = position(session);
  const moved = (change: Partial<OpenSession['cursor']>): OpenSession => ({
    ...session,
    message: null,
    cursor: { ...session.cursor, ...change },
  });
  const within = (value: number, count: number) => Math.max(0, Math.min(value, count - 1));

  switch (action.type) {
    case 'timestep-moved':
      return moved({ step: within(at.step + action.by, at.steps) });
    case 'timestep-chosen': {
      const timestep = within(action.timestep, at.steps);
      return moved({ step: isBackward(at.callTrace.call) ? at.steps - 1 - timestep : timestep });
    }
    case 'went-to-first':
      return moved({ step: 0 });
    case 'went-to-last':
      return moved({ step: at.steps - 1 });
    case 'stage-moved': {
      // Stages run on from timestep to timestep, so that stepping by equation walks through the whole run and back.
      const stages = at.equations.length;
      if (stages === 0) return session;
      const total = within(at.step * stages + at.stage + action.by, at.steps * stages);
      return moved({ step: Math.floor(total / stages), stagesLeft: stages - 1 - (total % stages) });
    }
    case 'layer-moved':
      return moved({ call: within(at.callIndex + action.by, at.trace.calls.length) });
    case 'call-chosen': {
      const call = at.trace.calls.findIndex((trace) => callName(trace.call) === action.name);
      return call < 0 ? session : moved({ call });
    }
    case 'unit-moved':
      return moved({ unit: within(at.unit + action.by, at.units) });
    case 'sample-moved':
      return moved({ sample: within(at.sampleIndex + action.by, at.sampleCount) });
    case 'view-moved':
      return { ...session, view: VIEWS[(VIEWS.indexOf(session.view) + action.by + VIEWS.length) % VIEWS.length] };
    case 'view-chosen':
      return { ...session, view: action.view };
    case 'zoom-toggled':
      return {
        ...session,
        view: 'gates',
        zoom: session.zoom === null || session.view !== 'gates' ? (at.equations[at.stage]?.symbol ?? null) : null,
      };
    case 'whole-run-toggled':
      return { ...session, wholeRun: !session.wholeRun };
    case 'play-toggled':
      // At the end, play starts again from the beginning.
      if (!session.playing && at.step === at.steps - 1) return { ...moved({ step: 0 }), playing: true };
      return { ...session, playing: !session.playing };
    case 'played':
      if (!session.playing) return session;
      return at.step === at.steps - 1 ? { ...session, playing: false } : moved({ step: at.step + 1 });
    case 'speed-changed':
      return { ...session, speed: SPEEDS[within(SPEEDS.indexOf(session.speed) + action.by, SPEEDS.length)] };
    case 'searched':
      return searchFrom({ ...session, search: action.text, overlay: null }, 1);
    case 'search-repeated':
      return searchFrom(session, action.by);
  }
}

/** Goes to the next (or previous) timestep whose token contains the text, or to a layer of that name. */
function searchFrom(session: OpenSession, by: number): OpenSession {
  if (!session.search) return session;
  const at = position(session);
  const wanted = session.search.toLowerCase();
  const call = at.trace.calls.findIndex((trace) => callName(trace.call).toLowerCase().includes(wanted));
  const tokens = Array.from({ length: at.steps }, (_, timestep) => tokenAt(session, at, timestep)?.toLowerCase() ?? '');
  for (let n = 1; n <= at.steps; n++) {
    const timestep = (((at.timestep + by * n) % at.steps) + at.steps) % at.steps;
    if (tokens[timestep].includes(wanted)) {
      return {
        ...session,
        message: null,
        cursor: { ...session.cursor, step: isBackward(at.callTrace.call) ? at.steps - 1 - timestep : timestep },
      };
    }
  }
  if (call >= 0) return { ...session, message: null, cursor: { ...session.cursor, call } };
  return { ...session, message: `"${session.search}": no token and no layer is called so.` };
}
