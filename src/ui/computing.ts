import type { Action } from '../session/action.ts';
import type { Session } from '../session/session.ts';
import type { Store } from '../session/store.ts';
import { meter } from '../session/work.ts';
import type { RecordingProgress } from '../trace/trace.ts';

export interface Computing {
  /** Gives the run up; what is computed stays. False where none is being computed. */
  cancel(): boolean;
  /** Gives it up and looks no longer. */
  stop(): void;
}

/** Says how far a run is that is looked at while it is being computed, and gives it up where another one is opened. `isBusy`: something else is told. */
export function followComputing(store: Store<Session, Action>, isBusy: () => boolean): Computing {
  let followed: RecordingProgress | undefined;
  let leave = () => {};
  const givenUp = new WeakSet<RecordingProgress>();

  const follow = (progress: RecordingProgress) => {
    const measure = meter('timesteps', () => performance.now());
    const tell = () => {
      const { isDone, error, timesteps } = progress;
      const { done, total } = timesteps;
      if (!isDone && error === null) {
        const work = { text: 'computing', progress: measure(done, total), isBehind: true };
        if (!isBusy()) store.dispatch({ type: 'worked', work });
        return;
      }
      end();
      if (error !== null) store.dispatch({ type: 'told', message: `computing has failed: ${messageOf(error)}` });
    };
    leave = progress.onChange(tell);
    tell();
  };
  const end = () => {
    leave();
    leave = () => {};
    followed = undefined;
    if (!isBusy()) store.dispatch({ type: 'worked', work: null });
  };
  const cancel = () => {
    if (!followed) return false;
    const { timesteps } = followed;
    givenUp.add(followed);
    followed.cancel();
    end();
    const message = `cancelled: the first ${timesteps.done.toLocaleString('en')} timesteps are computed, and no more`;
    store.dispatch({ type: 'told', message });
    return true;
  };

  const look = () => {
    const session = store.get();
    const progress = session.status === 'open' ? session.subject.recording.progress : undefined;
    if (progress === followed) return;
    followed?.cancel();
    leave();
    followed = undefined;
    if (!progress || progress.isDone || progress.error !== null || givenUp.has(progress)) return;
    followed = progress;
    follow(progress);
  };
  const unsubscribe = store.subscribe(look);
  look();
  return {
    cancel,
    stop() {
      unsubscribe();
      followed?.cancel();
      leave();
    },
  };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
