import type { Action } from '../session/action.ts';
import type { Session } from '../session/session.ts';
import type { Store } from '../session/store.ts';

/** Steps on by itself while the session plays. Where drawing is slower than playing, timesteps are skipped, not delayed. Returns what ends it. */
export function startPlayback(store: Store<Session, Action>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let last = 0;
  const speed = () => {
    const session = store.get();
    return session.status === 'open' && session.playing ? session.speed : null;
  };
  const tick = () => {
    timer = undefined;
    const now = performance.now();
    const due = Math.round(((now - last) * (speed() ?? 0)) / 1000);
    last = now;
    if (due > 0) store.dispatch({ type: 'played', by: due });
    schedule();
  };
  const schedule = () => {
    const perSecond = speed();
    if (perSecond !== null && timer === undefined) timer = setTimeout(tick, 1000 / perSecond);
  };
  const unsubscribe = store.subscribe(() => {
    if (timer === undefined && speed() !== null) last = performance.now();
    schedule();
  });
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}
