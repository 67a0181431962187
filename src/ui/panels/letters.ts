import { activationParts } from '../../math/activations.ts';
import type { Position } from '../../session/selectors.ts';
import { type Letters, LSTM_LETTERS } from '../notation.ts';

/** What the symbols of the layer at the cursor are called. */
export function lettersOf(at: Position): Letters {
  const { layer } = at.callTrace.call;
  if (layer.kind === 'gru') return { ...LSTM_LETTERS, candidate: 'h̃' };
  if (layer.kind !== 'lstm') return LSTM_LETTERS;
  return { ...LSTM_LETTERS, squash: activationParts(layer.outputActivation ?? layer.activation).name };
}
