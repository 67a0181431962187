import type { RecurrentLayer } from '../../layers/layer.ts';

/** How a recurrent layer is shown: its gates, and the state that it carries and changes. */
export interface CellParts {
  readonly gates: readonly string[];
  readonly long: Readonly<Record<string, string>>;
  readonly short: Readonly<Record<string, string>>;
  /** The state that is drawn as `before → after`. */
  readonly carried: 'c' | 'h';
  /** A state of its own beside it: an LSTM's h. */
  readonly shown: 'h' | null;
  /** What its heatmaps show. */
  readonly heat: readonly string[];
}

const PARTS: Readonly<Record<RecurrentLayer['kind'], CellParts>> = {
  lstm: {
    gates: ['i', 'f', 'g', 'o'],
    long: { i: 'i input gate', f: 'f forget gate', g: 'c̃ candidate', o: 'o output gate' },
    short: { i: 'i input', f: 'f forget', g: 'c̃ cand.', o: 'o output' },
    carried: 'c',
    shown: 'h',
    heat: ['i', 'f', 'g', 'o', 'c', 'h'],
  },
  gru: {
    gates: ['z', 'r', 'g'],
    long: { z: 'z update gate', r: 'r reset gate', g: 'h̃ candidate' },
    short: { z: 'z update', r: 'r reset', g: 'h̃ cand.' },
    carried: 'h',
    shown: null,
    heat: ['z', 'r', 'g', 'h'],
  },
  simple_rnn: {
    gates: ['z_h'],
    long: { z_h: 'z_h before the activation' },
    short: { z_h: 'z_h sum' },
    carried: 'h',
    shown: null,
    heat: ['z_h', 'h'],
  },
};

export function cellParts({ kind }: Pick<RecurrentLayer, 'kind'>): CellParts {
  return PARTS[kind];
}
