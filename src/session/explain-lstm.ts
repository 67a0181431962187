import type { LstmLayer } from '../layers/layer.ts';
import { activationParts } from '../math/activations.ts';
import { row, widthOf } from '../math/tensor.ts';
import { isUsed } from '../trace/timeline.ts';
import type { Recording } from '../trace/trace.ts';
import { isShare, percent, plain, share, signed } from './explain-words.ts';
import { type Position, previousState } from './selectors.ts';
import { startsFrom, sumText, whereItGoes } from './state-words.ts';

export function explainLstm(recording: Recording, at: Position, layer: LstmLayer): string {
  const { callTrace, step, unit, timestep } = at;
  const last = step === at.steps - 1 ? ` ${whereItGoes(recording.model, recording.runs.length, at, layer)}` : '';
  if (!isUsed(callTrace, timestep)) {
    const output = layer.zeroOutputForMask ? ', and the output is 0 (zero_output_for_mask)' : '';
    return `padding: timestep ${timestep} is skipped, h and c stay${output}.${last}`;
  }
  const value = (symbol: string) => {
    const quantity = callTrace.quantities[symbol];
    return row(quantity, step)[Math.min(unit, widthOf(quantity) - 1)];
  };
  const squash = activationParts(layer.outputActivation ?? layer.activation).name;
  const before = previousState(at, 'c')[Math.min(unit, layer.units - 1)];
  const { symbol, meaning } = at.equations[at.stage];
  const kept =
    before === 0
      ? 'had nothing to keep'
      : isShare(value('f'))
        ? `kept ${percent(value('f'))} of ${signed(before)}`
        : `multiplied ${signed(before)} by ${plain(value('f'))}`;
  const write = value('i') * value('g');
  const written = signed(write);
  // Of a small memory that is all that was written, the number says more.
  const cancelled = Math.abs(value('c')) < 0.05 * Math.max(Math.abs(write), Math.abs(value('c') - write));
  const memory = cancelled && Math.abs(value('c')) < 0.005 ? 'about zero' : signed(value('c'));
  const start = step === 0 ? startsFrom(at) : '';
  switch (symbol) {
    case 'i':
      return `unit ${unit} lets in ${share(value('i'))} of its candidate.`;
    case 'f':
      return `unit ${unit} keeps ${share(value('f'))} of its memory, ${signed(before)}.`;
    case 'g':
      return `unit ${unit} could write ${signed(value('g'))}: its candidate, of which the input gate lets in ${share(value('i'))}.`;
    case 'o':
      return `unit ${unit} will show ${share(value('o'))} of its squashed memory.`;
    case 'c':
      return `${start}unit ${unit} ${kept} and wrote ${written}: its memory is now ${memory}.`;
    case 'tanh_c':
      return `${squash} squashes unit ${unit}’s memory ${signed(value('c'))} to ${signed(value('tanh_c'))}.`;
    case 'h': {
      const shows = `; it shows ${share(value('o'))} of ${squash} c, h = ${signed(value('h'))}`;
      return `${start}unit ${unit} ${kept} and wrote ${written}: its memory is now ${memory}${last === '' ? shows : ''}.${last}`;
    }
    case 'h_before_projection':
      return `unit ${unit} shows ${share(value('o'))} of ${squash} c, ${signed(value(symbol))}; the projection mixes all of them into h.`;
    default:
      return `unit ${unit}’s ${meaning} is ${signed(value(symbol))}: ${sumText(at, symbol.slice(2))}.`;
  }
}
