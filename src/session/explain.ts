import { explainGru, explainSimpleRnn } from './explain-gru.ts';
import { explainLayer } from './explain-layers.ts';
import { explainLstm } from './explain-lstm.ts';
import { type Position, position, positionAt, samples } from './selectors.ts';
import type { OpenSession, Subject } from './session.ts';

/** One sentence about what just happened, made from the numbers at the cursor. */
export function explain(session: OpenSession): string {
  return sentence(session.subject, position(session));
}

/** The sentence about a whole timestep of one call, for the walk as text. Everything is counted from 0, `step` in processing order. */
export function explainAt(subject: Subject, run: number, sample: number, call: number, step: number): string {
  const index = samples(subject.recording).findIndex((entry) => entry.run === run && entry.sample === sample);
  return sentence(subject, positionAt(subject.recording, { call, step, stagesLeft: 0, unit: 0, sample: index }));
}

function sentence(subject: Subject, at: Position): string {
  const { layer } = at.callTrace.call;
  if (at.step >= at.computed) return `${at.name} is still to be computed: not all that it needs is there yet.`;
  switch (layer.kind) {
    case 'lstm':
      return explainLstm(subject.recording, at, layer);
    case 'gru':
      return explainGru(subject.recording, at, layer);
    case 'simple_rnn':
      return explainSimpleRnn(subject.recording, at, layer);
    default:
      return explainLayer(subject, at, layer);
  }
}
