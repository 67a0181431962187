import type { Action } from '../session/action.ts';
import type { Session } from '../session/session.ts';
import type { Store } from '../session/store.ts';
import type { Task, Work } from '../session/work.ts';

/** Ten times a second is read as moving, and leaves the processor to the work. */
const BETWEEN_MS = 100;

export interface Worker {
  /** Runs what may take long, told in the session as it goes on. What was under way is given up for it. Resolves when it is done, failed or given up. */
  run(piece: Piece): Promise<void>;
  /** Gives up what is under way. False where nothing is. */
  cancel(): boolean;
  isBusy(): boolean;
  /** Whether this is what is under way. */
  isRunning(piece: Piece): boolean;
}

export interface Piece {
  /** `opening mine.keras` */
  readonly text: string;
  /** What to say where it is given up. */
  readonly cancelled: string;
  does(task: Task): Promise<readonly Action[]>;
  /** What follows where it fails. */
  failed(error: unknown): readonly Action[];
}

/** One long piece of work at a time. The actions of one that was given up are not heard. */
export function createWorker(store: Store<Session, Action>): Worker {
  let current: { readonly controller: AbortController; readonly piece: Piece } | null = null;

  const end = (actions: readonly Action[]) => {
    current = null;
    store.dispatch({ type: 'worked', work: null });
    for (const action of actions) store.dispatch(action);
  };

  return {
    async run(piece) {
      const { text, does, failed } = piece;
      current?.controller.abort();
      const mine = { controller: new AbortController(), piece };
      current = mine;
      let told = 0;
      const tell = (work: Work) => {
        if (current === mine) store.dispatch({ type: 'worked', work });
      };
      tell({ text, progress: null });
      const task: Task = {
        signal: mine.controller.signal,
        onWork(work) {
          const now = performance.now();
          if (now - told < BETWEEN_MS) return;
          told = now;
          tell(work);
        },
      };
      // What follows may keep the process busy: the words are drawn first.
      await new Promise((resolve) => setImmediate(resolve));
      try {
        if (current !== mine) return;
        const actions = await does(task);
        if (current === mine) end(actions);
      } catch (error) {
        if (current === mine) end(failed(error));
      }
    },
    cancel() {
      if (current === null) return false;
      const { controller, piece } = current;
      controller.abort();
      end([{ type: 'told', message: piece.cancelled }]);
      return true;
    },
    isBusy: () => current !== null,
    isRunning: (piece) => current?.piece === piece,
  };
}

/** What follows where something failed: its reason, over the view. */
export function errorActions(title: string, error: unknown): Action[] {
  const text = error instanceof Error ? error.message : String(error);
  return [{ type: 'overlay-opened', overlay: { kind: 'error', title, text } }];
}
