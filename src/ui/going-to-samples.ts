import type { Action } from '../session/action.ts';
import { samples } from '../session/selectors.ts';
import type { Session } from '../session/session.ts';
import type { Store } from '../session/store.ts';
import { meter } from '../session/work.ts';
import type { Recording } from '../trace/trace.ts';
import { errorActions, type Piece, type Worker } from './working.ts';

/**
 * Returns what goes to another sample. One that takes long to compute is computed first, told as it goes on; until it is done, and where it is given up,
 * the session stays at the sample it shows.
 */
export function goingToSamples(store: Store<Session, Action>, worker: Worker): (action: SampleAction) => void {
  let begun: { readonly piece: Piece; readonly number: number } | null = null;

  return (action) => {
    const session = store.get();
    const under = begun && worker.isRunning(begun.piece) ? begun : null;
    const recording = session.status === 'open' ? session.subject.recording : null;
    // What else is under way is not given up for it.
    if (session.status !== 'open' || !recording?.prepare || (!under && worker.isBusy())) return store.dispatch(action);
    const last = recording.runs.flat().length - 1;
    const within = (number: number) => Math.max(0, Math.min(number, last));
    const here = within(session.cursor.sample);
    // Pressed twice, it goes two samples on.
    const wanted = action.type === 'sample-chosen' ? action.sample : (under?.number ?? here) + action.by;
    const number = within(wanted);
    if (number === under?.number) return;
    const chosen: Action = { type: 'sample-chosen', sample: number };
    const preparation = recording.prepare(number);
    if (!preparation) {
      if (under) worker.cancel();
      return store.dispatch(chosen);
    }
    const name = sampleName(recording, number);
    const piece: Piece = {
      text: `computing ${name}`,
      cancelled: `still at ${sampleName(recording, here)}`,
      async does({ signal, onWork }) {
        const measure = meter('timesteps', () => performance.now());
        const onProgress = (done: number, total: number) =>
          onWork({ text: `computing ${name}:`, progress: measure(done, total) });
        await preparation({ signal, onProgress });
        return [chosen];
      },
      failed: (error) => errorActions(`${name} cannot be computed`, error),
    };
    begun = { piece, number };
    void worker.run(piece);
  };
}

type SampleAction = Extract<Action, { readonly type: 'sample-moved' | 'sample-chosen' }>;

/** As the title counts: from 1, and within its batch where there are several. */
function sampleName(recording: Recording, number: number): string {
  const { run, sample } = samples(recording)[number];
  return recording.runs.length > 1 ? `sample ${sample + 1} of batch ${run + 1}` : `sample ${sample + 1}`;
}
