import type { Action } from '../session/action.ts';
import { currentAddress, currentValue, position } from '../session/selectors.ts';
import type { Session, Subject } from '../session/session.ts';
import type { Store } from '../session/store.ts';
import type { Task } from '../session/work.ts';
import { followComputing } from './computing.ts';
import { goingToSamples } from './going-to-samples.ts';
import type { Outcome } from './press.ts';
import { printableSubject } from './printable-session.ts';
import { createWorker, errorActions } from './working.ts';

interface World {
  readonly store: Store<Session, Action>;
  readonly stdout: { write(text: string): unknown };
  readonly screen: { redraw(): void };
  readonly guard: { suspend(): void };
  openPreset(name: string, task: Task): Promise<Subject>;
  exportTrace?(subject: Subject, task: Task): Promise<string>;
  quit(code: number): void;
}

interface Performer {
  /** Does what follows from a key: changes the session, and what lies outside it. */
  perform(outcome: Outcome): void;
  /** Gives up whatever is under way. */
  stop(): void;
}

export function performer(world: World): Performer {
  const { store } = world;
  const worker = createWorker(store);
  const computing = followComputing(store, worker.isBusy);
  const goToSample = goingToSamples(store, worker);

  const open = (name: string) => {
    const before = store.get();
    // The list has been chosen from; Escape is for cancelling now.
    if (before.overlay?.kind === 'presets') store.dispatch({ type: 'escaped' });
    const still = before.status === 'open' ? `, ${nameOf(before.subject)} is still open` : '';
    return worker.run({
      text: `opening ${name}`,
      cancelled: `opening ${name} was cancelled${still}`,
      does: async (task) => [{ type: 'subject-opened', subject: printableSubject(await world.openPreset(name, task)) }],
      failed: (error) => errorActions(`${name} cannot be opened`, error),
    });
  };

  const exportTrace = async () => {
    const session = store.get();
    if (session.status !== 'open') return;
    const { subject } = session;
    const { exportTrace } = world;
    const { progress } = subject.recording;
    if (progress && !progress.isDone) {
      store.dispatch({ type: 'told', message: 'not all of the run is computed: the whole is written, or nothing' });
      return;
    }
    if (!exportTrace) {
      store.dispatch({ type: 'told', message: `to export, run: lstm-lab trace ${nameOf(subject)}` });
      return;
    }
    await worker.run({
      text: `writing the trace of ${nameOf(subject)}`,
      cancelled: 'the trace is not written',
      does: async (task) => [{ type: 'told', message: await exportTrace(subject, task) }],
      failed: (error) => errorActions('the trace cannot be written', error),
    });
  };

  const perform = ({ actions, effect, open: name }: Outcome) => {
    for (const action of actions) {
      if (action.type === 'sample-moved' || action.type === 'sample-chosen') goToSample(action);
      else store.dispatch(action);
    }
    if (name !== undefined) void open(name);
    switch (effect) {
      case 'quit':
        return world.quit(0);
      case 'suspend':
        return world.guard.suspend();
      case 'redraw':
        return world.screen.redraw();
      case 'copy':
        return copy(world);
      case 'cancel':
        if (!worker.cancel()) computing.cancel();
        return;
      case 'export':
        return void exportTrace();
    }
  };
  return {
    perform,
    stop() {
      worker.cancel();
      computing.stop();
    },
  };
}

function nameOf({ about, origin, recording }: Subject): string {
  return about?.name ?? origin?.file.split(/[\\/]/).pop() ?? recording.model.name;
}

/** OSC 52 puts text into the clipboard of the terminal, also through ssh; terminals that do not know it ignore it. */
function copy({ store, stdout }: World): void {
  const session = store.get();
  if (session.status !== 'open') return;
  const at = position(session);
  const text = `${currentAddress(at)} = ${currentValue(at)}`;
  stdout.write(`\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`);
  store.dispatch({ type: 'told', message: `copied ${text}` });
}
