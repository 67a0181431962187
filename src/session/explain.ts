import type { LstmLayer } from '../layers/layer.ts';
import { row, shapeText, widthOf } from '../math/tensor.ts';
import { type Call, callName, type Model } from '../model/graph.ts';
import { isUsed } from '../trace/timeline.ts';
import { isBackward, type Recording } from '../trace/trace.ts';
import { dotParts } from './dot-parts.ts';
import { type Position, position, positionAt, samples, tokenAt } from './selectors.ts';
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
  switch (layer.kind) {
    case 'input':
      return explainInput(subject, at);
    case 'embedding': {
      const index = at.callTrace.input.data[at.timestep];
      const word = tokenAt({ subject }, at, at.timestep);
      const name = word === null ? `index ${index}` : `word ${index} “${word}”`;
      if (layer.maskZero && index === 0)
        return 'index 0 is padding: row 0 is looked up all the same, and the layers after it skip this timestep.';
      return `${name} is row ${index} of the matrix: ${layer.outputDim} numbers, copied.`;
    }
    case 'lstm':
      return explainLstm(subject.recording, at, layer);
    case 'dense': {
      const { z, y } = at.callTrace.quantities;
      const inputs = widthOf(at.callTrace.input);
      const sum = `unit ${at.unit} sums ${inputs} product${inputs === 1 ? '' : 's'}${layer.useBias ? ' and its bias' : ''} to ${signed(row(z, at.step)[at.unit])}`;
      if (at.equations[at.stage].symbol === 'z') return `${sum}.`;
      const value = row(y, at.step)[at.unit];
      return layer.activation === 'linear'
        ? `${sum}; that is its output.`
        : `${sum}; ${layer.activation} makes it ${plain(value)}.`;
    }
    case 'dropout':
      return `all ${at.units} numbers are passed on: ${layer.name} drops ${percent(layer.rate)} of them only while training.`;
    case 'activation': {
      const [x, y] = [row(at.callTrace.input, at.step)[at.unit], row(at.callTrace.quantities.y, at.step)[at.unit]];
      return `${layer.activation} makes ${plain(y)} of ${signed(x)}.`;
    }
    case 'flatten':
      return `number ${at.unit} of ${at.units} is ${place(at.unit, at.callTrace.input.shape)} of the input ${shapeText(at.callTrace.input.shape)}: nothing is computed.`;
    case 'masking':
      return row(at.callTrace.quantities.m, at.step)[0] === 1
        ? `a feature differs from mask_value ${layer.maskValue}: the timestep is used.`
        : `all features equal mask_value ${layer.maskValue}: the layers after it skip this timestep.`;
    default:
      return '';
  }
}

function explainInput(subject: Subject, at: Position): string {
  const word = tokenAt({ subject }, at, at.timestep);
  const { input } = at.callTrace;
  if (word !== null) return `timestep ${at.timestep} is word ${input.data[at.timestep]}, “${word}”.`;
  if (input.shape.length < 2) return `number ${at.timestep} of the input is ${plain(input.data[at.timestep])}.`;
  const features = row(input, at.timestep);
  return features.length === 1
    ? `the input at timestep ${at.timestep} is ${plain(features[0])}.`
    : `timestep ${at.timestep} brings ${features.length} features; number ${at.unit} is ${plain(features[at.unit])}.`;
}

function explainLstm(recording: Recording, at: Position, layer: LstmLayer): string {
  const { callTrace, step, unit, timestep } = at;
  const last = step === at.steps - 1 ? ` ${whereItGoes(recording.model, recording.runs.length, at, layer)}` : '';
  if (!isUsed(callTrace, timestep)) {
    const output = layer.zeroOutputForMask ? ', and the output is 0 (zero_output_for_mask)' : '';
    return `padding: timestep ${timestep} is skipped, h and c stay${output}.${last}`;
  }
  const value = (symbol: string) => row(callTrace.quantities[symbol], step)[unit];
  const before = step === 0 ? (callTrace.initialState?.c?.[unit] ?? 0) : row(callTrace.quantities.c, step - 1)[unit];
  const { symbol, meaning } = at.equations[at.stage];
  const kept =
    before === 0
      ? 'had nothing to keep'
      : isShare(value('f'))
        ? `kept ${percent(value('f'))} of ${signed(before)}`
        : `multiplied ${signed(before)} by ${plain(value('f'))}`;
  const written = signed(value('i') * value('g'));
  const memory = Math.abs(value('c')) < 0.005 ? 'about zero' : signed(value('c'));
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
      return `${layer.activation} squashes unit ${unit}’s memory ${signed(value('c'))} to ${signed(value('tanh_c'))}.`;
    case 'h': {
      const shows = `; it shows ${share(value('o'))} of ${layer.activation} c, h = ${signed(value('h'))}`;
      return `${start}unit ${unit} ${kept} and wrote ${written}: its memory is now ${memory}${last === '' ? shows : ''}.${last}`;
    }
    default: {
      const { fromInput, fromState, bias } = dotParts(at, symbol.slice(2));
      const parts = [
        `x adds ${signed(fromInput)}`,
        `h₋₁ ${signed(fromState)}`,
        ...(bias === null ? [] : [`the bias ${signed(bias)}`]),
      ];
      return `unit ${unit}’s ${meaning} is ${signed(value(symbol))}: ${parts.join(', ')}.`;
    }
  }
}

/** What an LSTM's first step starts from, where that is not zero. */
function startsFrom({ callTrace, run }: Position): string {
  const { call, initialState } = callTrace;
  if (initialState === null) return isBackward(call) ? 'the input is read from its end: ' : '';
  if (call.states.length > 0) return 'starting from the h and c that are wired in, ';
  return call.initialState ? 'starting from the given h and c, ' : `starting from the h and c of batch ${run}, `;
}

/** Who gets what an LSTM returns after its last step, and what is thrown away. */
function whereItGoes(model: Model, runs: number, at: Position, layer: LstmLayer): string {
  const { call } = at.callTrace;
  const index = model.calls.indexOf(call);
  const receivers = (output: number) => [
    ...model.calls
      .filter(({ inputs, states }) => [...inputs, ...states].some((ref) => ref.call === index && ref.output === output))
      .map((receiver: Call) => callName(receiver)),
    ...(model.outputs.some((ref) => ref?.call === index && ref.output === output) ? ['the model’s output'] : []),
  ];
  const to = (output: number) => receivers(output).join(' and ') || 'nowhere';
  const what = layer.returnSequences
    ? `Every h ${shapeText(call.outputShapes[0])}${isBackward(call) ? ', last first,' : ''}`
    : `h (${layer.units} number${layer.units === 1 ? '' : 's'})`;
  const carried =
    layer.stateful && at.run + 1 < runs ? `; h and c start batch ${at.run + 2}, because stateful is True` : '';
  const state = !layer.returnState
    ? layer.stateful && carried !== ''
      ? ''
      : '; c is thrown away (return_state=False)'
    : to(1) === to(2)
      ? `; the states h and c go to ${to(1)}`
      : `; state h goes to ${to(1)}, state c to ${to(2)}`;
  const together = layer.returnState && to(0) === to(1) && to(1) === to(2);
  const all = together ? `${what} and the states h and c go to ${to(0)}` : `${what} goes to ${to(0)}${state}`;
  return `${all}${carried}.`.replaceAll('goes to nowhere', 'goes nowhere').replaceAll('go to nowhere', 'go nowhere');
}

function place(index: number, shape: readonly number[]): string {
  const places: number[] = [];
  let rest = index;
  for (const length of [...shape].reverse()) {
    places.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return `[${places.join(', ')}]`;
}

const isShare = (value: number) => value >= 0 && value <= 1;
const percent = (value: number) => `${(value * 100).toFixed(value > 0 && value < 0.01 ? 1 : 0)} %`;
const share = (value: number) => (isShare(value) ? percent(value) : `${plain(value)} times`);

function plain(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const digits =
    size !== 0 && (size < 0.0005 || size >= 1e6)
      ? size.toExponential(1).replace('e-', 'e−').replace('e+', 'e')
      : String(Number(size.toFixed(3)));
  return value < 0 ? `−${digits}` : digits;
}

function signed(value: number): string {
  return value > 0 ? `+${plain(value)}` : plain(value);
}
