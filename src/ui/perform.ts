import type { Action } from '../session/action.ts';
import { currentAddress, currentValue, position } from '../session/selectors.ts';
import type { Session, Subject } from '../session/session.ts';
import type { Store } from '../session/store.ts';
import type { Outcome } from './press.ts';
import { printableSubject } from './printable-session.ts';

interface World {
  readonly store: Store<Session, Action>;
  readonly stdout: { write(text: string): unknown };
  readonly screen: { redraw(): void };
  readonly guard: { suspend(): void };
  openPreset(name: string): Promise<Subject>;
  exportTrace?(subject: Subject): Promise<string>;
  quit(code: number): void;
}

/** Does what follows from a key: changes the session, and what lies outside it. */
export function performer(world: World): (outcome: Outcome) => void {
  const { store } = world;
  let opening = 0;

  const open = async (name: string) => {
    const turn = ++opening;
    store.dispatch({ type: 'told', message: `opening ${name} …` });
    try {
      const subject = await world.openPreset(name);
      // Another one may have been chosen meanwhile.
      if (turn === opening) store.dispatch({ type: 'subject-opened', subject: printableSubject(subject) });
    } catch (error) {
      if (turn === opening) tellError(store, `${name} cannot be opened`, error);
    }
  };

  const exportTrace = async () => {
    const session = store.get();
    if (session.status !== 'open') return;
    const name = session.subject.about?.name ?? 'the model';
    if (!world.exportTrace) {
      store.dispatch({ type: 'told', message: `to export, run: lstm-lab trace ${name}` });
      return;
    }
    try {
      store.dispatch({ type: 'told', message: await world.exportTrace(session.subject) });
    } catch (error) {
      tellError(store, 'the trace cannot be written', error);
    }
  };

  return ({ actions, effect, open: name }) => {
    for (const action of actions) store.dispatch(action);
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
      case 'export':
        return void exportTrace();
    }
  };
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

function tellError(store: Store<Session, Action>, title: string, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  store.dispatch({ type: 'told', message: title });
  store.dispatch({ type: 'overlay-opened', overlay: { kind: 'error', title, text } });
}
