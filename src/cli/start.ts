import { kindOf } from '../layers/kinds.ts';
import { LabError } from '../math/lab-error.ts';
import { callName } from '../model/graph.ts';
import { suggestion } from '../model/nearest.ts';
import { opened, reduce } from '../session/reduce.ts';
import { position } from '../session/selectors.ts';
import type { OpenSession, PresetEntry, Subject, View } from '../session/session.ts';
import { stepOf } from '../trace/timeline.ts';

/** Where a person wants to start. */
export interface Place {
  readonly layer?: string;
  /** The input's timestep. */
  readonly step?: number;
  readonly unit?: number;
  /** The symbol of the last equation that has been computed. */
  readonly stage?: string;
  readonly view?: View;
  readonly zoom?: string;
  readonly wholeRun?: boolean;
}

/** A session that stands at this place. Throws a LabError where there is no such place. */
export function startSession(subject: Subject, presets: readonly PresetEntry[], place: Place): OpenSession {
  let session = opened(subject, presets);
  const act = (action: Parameters<typeof reduce>[1]) => {
    session = reduce(session, action) as OpenSession;
  };
  if (place.layer !== undefined) {
    const names = subject.recording.model.calls.map(callName);
    if (!names.includes(place.layer))
      throw usage('--layer', place.layer, 'the model has no layer of this name.', suggestion(place.layer, names));
    act({ type: 'call-chosen', name: place.layer });
  }
  const at = position(session);
  if (place.step !== undefined) {
    if (place.step >= at.steps)
      throw usage(
        '--step',
        String(place.step),
        `${at.name} has ${at.steps === 1 ? 'one timestep, 0' : `timesteps 0 to ${at.steps - 1}`}.`,
      );
    act({ type: 'timestep-chosen', timestep: place.step });
    // Of a run that is being computed the cursor goes along until it is there.
    const step = stepOf(at.callTrace, place.step);
    if (at.computed < at.steps) session = { ...session, message: null, cursor: { ...session.cursor, step } };
  }
  if (place.unit !== undefined) {
    if (place.unit >= at.units)
      throw usage(
        '--unit',
        String(place.unit),
        `${at.name} has ${at.units === 1 ? 'one unit, 0' : `units 0 to ${at.units - 1}`}.`,
      );
    act({ type: 'unit-moved', by: place.unit });
  }
  const symbols = kindOf(at.callTrace.call.layer)
    .equations(at.callTrace.call.layer)
    .map(({ symbol }) => symbol);
  const known = (option: string, symbol: string) => {
    if (!symbols.includes(symbol))
      throw usage(option, symbol, `${at.name} has no equation for this.`, suggestion(symbol, symbols));
    return symbols.indexOf(symbol);
  };
  if (place.stage !== undefined) act({ type: 'stage-moved', by: known('--stage', place.stage) - at.stage });
  if (place.zoom !== undefined) {
    known('--zoom', place.zoom);
    session = { ...session, view: 'gates', zoom: place.zoom };
  }
  if (place.view !== undefined) act({ type: 'view-chosen', view: place.view });
  if (place.wholeRun) act({ type: 'whole-run-toggled' });
  return session;
}

function usage(path: string, received: string, problem: string, hint?: string): LabError {
  return new LabError({ kind: 'usage', path, problem, received, hint });
}
