import type { Session, Subject } from '../session/session.ts';
import { printable } from './terminal/printable.ts';

/** The session with the words that came from files made safe to draw and to measure. */
export function printableSession<S extends Session>(session: S): S {
  return session.status === 'open' ? { ...session, subject: printableSubject(session.subject) } : session;
}

export function printableSubject(subject: Subject): Subject {
  const { words, notes } = subject;
  return {
    ...subject,
    words: words && Object.fromEntries(Object.entries(words).map(([index, word]) => [index, printable(word)])),
    notes: notes.map(printable),
  };
}
