import type { Evidence, StepCheck } from '../engines/check/check-step.ts';
import type { Layer } from '../layers/layer.ts';
import type { Action } from '../session/action.ts';
import { checkOfStep, evidenceOf, isThere } from '../session/evidence.ts';
import { checkAt, type Position, position } from '../session/selectors.ts';
import type { OpenSession, Session } from '../session/session.ts';
import type { Store } from '../session/store.ts';
import type { CallTrace, EngineName } from '../trace/trace.ts';

/** The cursor rests once no key has moved anything for so long, in milliseconds. */
const REST = 100;

/** Checks a step of a layer, somewhere where it holds nothing up. `of` is the layer as the model has it: what was made ready for it is kept. */
export type Checker = (of: Layer, layer: Layer, evidence: Evidence, engine: EngineName) => Promise<StepCheck>;

/**
 * Holds the step at the cursor against its equations whenever the cursor rests, and lets the session know. What has been found is kept: a step is
 * checked once. Returns what ends it.
 */
export function startChecking(store: Store<Session, Action>, check: Checker): () => void {
  const known = new WeakMap<CallTrace, Map<number, StepCheck | null>>();
  let timer: NodeJS.Timeout | undefined;
  let working = false;
  let ended = false;

  const atRest = () => {
    timer = undefined;
    const session = store.get();
    if (session.status !== 'open' || working) return;
    const at = position(session);
    const number = checkOfStep(at.trace, at.callTrace, at.step);
    const found = checksOf(at).get(number);
    if (found) tell(session, at, found);
    else if (found === undefined && isThere(at.trace, at.callTrace, number)) void look(session, at, number);
  };
  const checksOf = ({ callTrace }: Position) => {
    const found = known.get(callTrace) ?? new Map<number, StepCheck | null>();
    known.set(callTrace, found);
    return found;
  };
  const look = async ({ subject }: OpenSession, at: Position, number: number) => {
    working = true;
    try {
      const found = evidenceOf(at.trace, at.callTrace, number);
      const { layer } = at.callTrace.call;
      const answer = found && check(layer, found.layer, found.evidence, subject.recording.engine);
      checksOf(at).set(number, await answer);
    } catch (error) {
      checksOf(at).set(number, null);
      if (!ended) store.dispatch({ type: 'told', message: `this step cannot be checked: ${(error as Error).message}` });
    }
    working = false;
    // The cursor may stand elsewhere by now: where it stands is looked at, unless it moves.
    if (!ended && timer === undefined) atRest();
  };
  const tell = (session: OpenSession, at: Position, found: StepCheck) => {
    if (checkAt(session, at) === found) return;
    const { sampleIndex: sample, callIndex: call, step } = at;
    store.dispatch({ type: 'checked', checked: { sample, call, step, check: found } });
  };
  // A run that is being computed changes the session all the time: it is the cursor that rests.
  let place: unknown[] = [];
  const wait = () => {
    const session = store.get();
    const here = session.status === 'open' ? [session.cursor, session.subject] : [];
    if (here.some((part, at) => part !== place[at])) clearTimeout(timer);
    else if (timer !== undefined) return;
    place = here;
    timer = setTimeout(atRest, REST);
  };
  const unsubscribe = store.subscribe(wait);
  wait();
  return () => {
    ended = true;
    unsubscribe();
    clearTimeout(timer);
  };
}
