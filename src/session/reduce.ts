import { isRecurrent } from '../layers/layer.ts';
import type { Action, OverlayAction } from './action.ts';
import { moveReduce } from './move.ts';
import type { ChoosingSession, OpenSession, Overlay, PresetEntry, Session, Subject } from './session.ts';

const MAX_TYPED = 200;

export function choosing(presets: readonly PresetEntry[]): ChoosingSession {
  return { status: 'choosing', presets, selected: 0, message: null, overlay: null, work: null };
}

/** A session at the start of a subject: its first recurrent layer (without one, the first layer that computes), first timestep, first unit. */
export function opened(subject: Subject, presets: readonly PresetEntry[]): OpenSession {
  const calls = subject.recording.runs[0][0].calls;
  const firstCell = calls.findIndex(({ call }) => isRecurrent(call.layer));
  const first = calls.findIndex(({ call }) => call.layer.kind !== 'input');
  return {
    status: 'open',
    presets,
    message: subject.notes.length > 0 ? subject.notes.join(' · ') : null,
    overlay: null,
    work: null,
    subject,
    cursor: { call: Math.max(0, firstCell >= 0 ? firstCell : first), step: 0, stagesLeft: 0, unit: 0, sample: 0 },
    view: 'cell',
    focus: 'view',
    cameFrom: null,
    zoom: null,
    wholeRun: false,
    playing: false,
    speed: 2,
    search: null,
    checked: null,
  };
}

/** The session after an action. Total and pure: a move that leads nowhere changes nothing. */
export function reduce(session: Session, action: Action): Session {
  switch (action.type) {
    case 'subject-opened':
      return opened(action.subject, session.presets);
    case 'told':
      return { ...session, message: action.message };
    case 'worked':
      return { ...session, work: action.work };
    case 'checked':
      return session.status === 'open' ? { ...session, checked: action.checked } : session;
    case 'overlay-opened':
      return {
        ...session,
        message: null,
        overlay: action.overlay,
        ...(session.status === 'open' && { playing: false }),
      };
    case 'escaped':
      return escaped(session);
    case 'preset-selected':
      return presetSelected(session, action.by);
    case 'help-scrolled':
    case 'command-selected':
    case 'typed':
    case 'completed':
    case 'erased':
      return session.overlay ? { ...session, overlay: overlayAfter(session.overlay, action) } : session;
    default:
      return session.status === 'open' ? moveReduce(session, action) : session;
  }
}

/** Whether Escape has a way back to go before it gives up what is under way: a run that is computed behind the screen is in nobody's way. */
export function goesBackFirst(session: Session): boolean {
  return session.overlay !== null || (session.work?.isBehind === true && escaped(session) !== session);
}

/** One way back at a time, the nearest first. Escape never quits. */
function escaped(session: Session): Session {
  if (session.overlay) return { ...session, overlay: null };
  if (session.status === 'choosing') return { ...session, message: null };
  if (session.playing) return { ...session, playing: false };
  if (session.message !== null) return { ...session, message: null };
  if (session.focus === 'model') return { ...session, focus: 'view' };
  if (session.view === 'gates' && session.zoom !== null) return { ...session, zoom: null };
  if (session.cameFrom !== null) return { ...session, view: session.cameFrom, cameFrom: null };
  return session.wholeRun ? { ...session, wholeRun: false } : session;
}

function presetSelected(session: Session, by: number): Session {
  const count = session.presets.length;
  const within = (selected: number) => Math.max(0, Math.min(selected + by, count - 1));
  if (session.overlay?.kind === 'presets') {
    return { ...session, overlay: { ...session.overlay, selected: within(session.overlay.selected) } };
  }
  return session.status === 'choosing' ? { ...session, selected: within(session.selected), message: null } : session;
}

function overlayAfter(overlay: Overlay, action: OverlayAction): Overlay | null {
  const write = (text: string): Overlay =>
    overlay.kind === 'command'
      ? { ...overlay, text: text.slice(0, MAX_TYPED), selected: 0 }
      : overlay.kind === 'search'
        ? { ...overlay, text: text.slice(0, MAX_TYPED) }
        : overlay;
  const written = overlay.kind === 'command' || overlay.kind === 'search' ? overlay.text : null;
  switch (action.type) {
    case 'help-scrolled':
      return overlay.kind === 'help' ? { ...overlay, scroll: Math.max(0, overlay.scroll + action.by) } : overlay;
    case 'command-selected':
      return overlay.kind === 'command' ? { ...overlay, selected: overlay.selected + action.by } : overlay;
    case 'completed':
      return write(action.text);
    case 'typed':
      return write((written ?? '') + action.text);
    case 'erased':
      // Erasing nothing leaves the prompt, as in vi and less.
      return written === '' ? null : write([...(written ?? '')].slice(0, -1).join(''));
  }
}
