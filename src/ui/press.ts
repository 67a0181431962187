import { nearest } from '../model/nearest.ts';
import type { Action } from '../session/action.ts';
import type { Session } from '../session/session.ts';
import type { Effect } from './binding.ts';
import { commandAt, commandsFor } from './commands.ts';
import { bindingOf } from './keymap.ts';
import { textOfKey } from './keys.ts';

/** What follows from a key: actions for the session, then something outside it, or a preset to open. */
export interface Outcome {
  readonly actions: readonly Action[];
  readonly effect?: Exclude<Effect, 'open-selected' | 'run-typed' | 'complete'>;
  readonly open?: string;
}

const NOTHING: Outcome = { actions: [] };

/** What a key does where the session stands. Pure: tests press thousands of random keys without a terminal. */
export function press(session: Session, key: string): Outcome {
  const binding = bindingOf(session, key);
  if (!binding) {
    const text = textOfKey(key);
    const isTyping = session.overlay?.kind === 'command' || session.overlay?.kind === 'search';
    return text !== null && isTyping ? { actions: [{ type: 'typed', text }] } : NOTHING;
  }
  return outcomeOf(session, binding.action);
}

function outcomeOf(session: Session, action: Action | Effect): Outcome {
  if (typeof action === 'object') return { actions: [action] };
  switch (action) {
    case 'open-selected': {
      const selected =
        session.overlay?.kind === 'presets'
          ? session.overlay.selected
          : session.status === 'choosing'
            ? session.selected
            : -1;
      const entry = session.presets[selected];
      return entry ? { actions: [], open: entry.name } : NOTHING;
    }
    case 'run-typed':
      return runTyped(session);
    case 'complete': {
      if (session.overlay?.kind !== 'command') return NOTHING;
      const command = commandAt(commandsFor(session, session.overlay.text), session.overlay.selected);
      return command ? { actions: [{ type: 'completed', text: command.text }] } : NOTHING;
    }
    default:
      return { actions: [], effect: action };
  }
}

function runTyped(session: Session): Outcome {
  const close: Action = { type: 'escaped' };
  if (session.overlay?.kind === 'search') {
    return {
      actions: [
        close,
        ...(session.overlay.text === '' ? [] : [{ type: 'searched', text: session.overlay.text } as const]),
      ],
    };
  }
  if (session.overlay?.kind !== 'command') return NOTHING;
  const { text, selected } = session.overlay;
  if (text.trim() === '' && selected === 0) return { actions: [close] };
  const command = commandAt(commandsFor(session, text), selected);
  if (!command) {
    const near = nearest(
      text.trim(),
      commandsFor(session, '').map((other) => other.text),
    );
    const hint = near ? `, did you mean “${near}”?` : '';
    return { actions: [close, { type: 'told', message: `there is no command “${text.trim()}”${hint}` }] };
  }
  const { does } = command;
  if (typeof does === 'object' && 'open' in does) return { actions: [close], open: does.open };
  const outcome = outcomeOf(session, does);
  return { ...outcome, actions: [close, ...outcome.actions] };
}
