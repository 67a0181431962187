import type { GruLayer, SimpleRnnLayer } from '../layers/layer.ts';
import { activationParts } from '../math/activations.ts';
import { row } from '../math/tensor.ts';
import { isUsed } from '../trace/timeline.ts';
import type { Recording } from '../trace/trace.ts';
import { isShare, percent, plain, share, signed } from './explain-words.ts';
import { type Position, previousState } from './selectors.ts';
import { startsFrom, sumText, whereItGoes } from './state-words.ts';

export function explainGru(recording: Recording, at: Position, layer: GruLayer): string {
  const skipped = skippedText(recording, at, layer);
  if (skipped !== null) return skipped;
  const { unit } = at;
  const value = numberOf(at);
  const before = previousState(at, 'h')[unit];
  const { symbol, meaning } = at.equations[at.stage];
  switch (symbol) {
    case 'z':
      return `unit ${unit} keeps ${share(value('z'))} of its old state ${signed(before)}, and lets in ${share(1 - value('z'))} of the candidate.`;
    case 'r':
      return `the candidate of unit ${unit} sees ${share(value('r'))} of ${layer.resetAfter ? 'what the old state gives it' : 'this old state'}.`;
    case 'rec_g':
      return `the old state gives unit ${unit}’s candidate ${signed(value('rec_g'))}, of which the reset gate lets ${share(value('r'))} through.`;
    case 'g':
      return `unit ${unit} could become ${signed(value('g'))}: its candidate, of which 1 − z lets in ${share(1 - value('z'))}.`;
    case 'h': {
      const kept =
        before === 0
          ? 'had nothing to keep'
          : isShare(value('z'))
            ? `kept ${percent(value('z'))} of ${signed(before)}`
            : `multiplied ${signed(before)} by ${plain(value('z'))}`;
      const came = `took ${share(1 - value('z'))} of its candidate ${signed(value('g'))}`;
      return `${startsIfFirst(at)}unit ${unit} ${kept} and ${came}: h is now ${signed(value('h'))}.${lastText(recording, at, layer)}`;
    }
    default:
      return `unit ${unit}’s ${meaning} is ${signed(value(symbol))}: ${sumText(at, symbol.slice(2))}.`;
  }
}

export function explainSimpleRnn(recording: Recording, at: Position, layer: SimpleRnnLayer): string {
  const skipped = skippedText(recording, at, layer);
  if (skipped !== null) return skipped;
  const value = numberOf(at);
  const sum = `unit ${at.unit} sums to ${signed(value('z_h'))}: ${sumText(at, null)}`;
  if (at.equations[at.stage].symbol === 'z_h') return `${startsIfFirst(at)}${sum}.`;
  const { name } = activationParts(layer.activation);
  const made = `${name} makes ${signed(value('h'))} of ${signed(value('z_h'))}`;
  return `${startsIfFirst(at)}unit ${at.unit}: ${made}; nothing of the old h is kept as it was.${lastText(recording, at, layer)}`;
}

function numberOf({ callTrace, step, unit }: Position): (symbol: string) => number {
  return (symbol) => row(callTrace.quantities[symbol], step)[unit];
}

function startsIfFirst(at: Position): string {
  return at.step === 0 ? startsFrom(at) : '';
}

function lastText({ model, runs }: Recording, at: Position, layer: GruLayer | SimpleRnnLayer): string {
  return at.step === at.steps - 1 ? ` ${whereItGoes(model, runs.length, at, layer)}` : '';
}

function skippedText(recording: Recording, at: Position, layer: GruLayer | SimpleRnnLayer): string | null {
  if (isUsed(at.callTrace, at.timestep)) return null;
  const output = layer.zeroOutputForMask ? ', and the output is 0 (zero_output_for_mask)' : '';
  return `padding: timestep ${at.timestep} is skipped, h stays${output}.${lastText(recording, at, layer)}`;
}
