import { callName } from '../model/graph.ts';
import { stepOf } from '../trace/timeline.ts';
import { position, tokenAt } from './selectors.ts';
import type { OpenSession } from './session.ts';

/** Goes to the next (or previous) timestep whose token contains the text, else to the next layer whose name does. */
export function searchFrom(session: OpenSession, by: number): OpenSession {
  if (!session.search) return { ...session, message: 'nothing to search for yet: / begins a search' };
  const at = position(session);
  const wanted = session.search.toLowerCase();
  const tokens = Array.from({ length: at.steps }, (_, timestep) => tokenAt(session, at, timestep)?.toLowerCase() ?? '');
  const timestep = nextFrom(at.timestep, by, tokens, wanted);
  const moved = { ...session, message: null };
  if (timestep !== null) {
    return { ...moved, cursor: { ...session.cursor, step: stepOf(at.callTrace, timestep) } };
  }
  const names = at.trace.calls.map(({ call }) => callName(call).toLowerCase());
  const call = nextFrom(at.callIndex, by, names, wanted);
  if (call !== null) return { ...moved, cursor: { ...session.cursor, call } };
  const out = session.subject.recording.model.incomplete.find(({ layer }) => layer.toLowerCase().includes(wanted));
  const message = out ? `${out.layer} is left out: ${out.reason}` : 'no token and no layer contains this';
  return { ...session, message: `“${session.search}”: ${message}` };
}

/** Round and round, beginning with the neighbour; the place itself comes last. */
function nextFrom(from: number, by: number, texts: readonly string[], wanted: string): number | null {
  for (let n = 1; n <= texts.length; n++) {
    const at = (((from + by * n) % texts.length) + texts.length) % texts.length;
    if (texts[at].includes(wanted)) return at;
  }
  return null;
}
