import type { RecurrentLayer } from '../layers/layer.ts';
import { stateLength, stateNames } from '../layers/recurrent.ts';
import { shapeText } from '../math/tensor.ts';
import { callName, type Model } from '../model/graph.ts';
import { isBackward } from '../trace/trace.ts';
import { dotParts } from './dot-parts.ts';
import { counted, signed } from './explain-words.ts';
import type { Position } from './selectors.ts';

/** What a gate's sum is made of: `x adds +0.3, h₋₁ −0.1, the bias +0.5`. */
export function sumText(at: Position, gate: string | null): string {
  const { fromInput, fromState, bias } = dotParts(at, gate);
  const parts = [`x adds ${signed(fromInput)}`, `h₋₁ ${signed(fromState)}`];
  return [...parts, ...(bias === null ? [] : [`the bias ${signed(bias)}`])].join(', ');
}

/** What a recurrent layer's first step starts from, where that is not zero. */
export function startsFrom({ callTrace, run }: Position): string {
  const { call, initialState } = callTrace;
  const states = call.layer.kind === 'lstm' ? 'h and c' : 'h';
  if (initialState === null) return isBackward(call) ? 'the input is read from its end: ' : '';
  if (call.states.length > 0) return `starting from the ${states} that are wired in, `;
  return call.initialState ? `starting from the given ${states}, ` : `starting from the ${states} of batch ${run}, `;
}

/** Who gets what a recurrent layer returns after its last step, and what is thrown away. */
export function whereItGoes(model: Model, runs: number, at: Position, layer: RecurrentLayer): string {
  const { call } = at.callTrace;
  const to = (output: number) => receiversText(model, model.calls.indexOf(call), output);
  const length = stateLength(layer, 'h');
  const what = layer.returnSequences
    ? `Every h ${shapeText(call.outputShapes[0])}${isBackward(call) ? ', last first,' : ''}`
    : `h (${counted(length, 'number')})`;
  const both = layer.kind === 'lstm' ? 'h and c' : 'h';
  const carried =
    layer.stateful && at.run + 1 < runs
      ? `; ${both} start${layer.kind === 'lstm' ? '' : 's'} batch ${at.run + 2}, because stateful is True`
      : '';
  const names = stateNames(layer);
  const states = names.map((_, n) => to(n + 1));
  const sameStates = states.every((text) => text === states[0]);
  const state = stateText();
  const together = layer.returnState && sameStates && to(0) === states[0];
  const stateWords = names.length > 1 ? 'the states h and c' : 'the state h';
  const all = together ? `${what} and ${stateWords} go to ${to(0)}` : `${what} goes to ${to(0)}${state}`;
  return `${all}${carried}.`.replaceAll('goes to nowhere', 'goes nowhere').replaceAll('go to nowhere', 'go nowhere');

  function stateText(): string {
    if (!layer.returnState) {
      // A layer with one state throws nothing away that it does not return.
      if (names.length === 1 || (layer.stateful && carried !== '')) return '';
      return '; c is thrown away (return_state=False)';
    }
    if (names.length === 1) return `; state h goes to ${states[0]}`;
    return sameStates
      ? `; the states h and c go to ${states[0]}`
      : `; state h goes to ${states[0]}, state c to ${states[1]}`;
  }
}

/** `dense_1 and attention_1`; of more than two, how many. */
function receiversText(model: Model, index: number, output: number): string {
  const isIt = (ref: { call: number; output: number } | null) => ref?.call === index && ref.output === output;
  const names = [
    ...model.calls
      .filter(({ inputs, states }) => [...inputs, ...states].some(isIt))
      .map((receiver) => callName(receiver)),
    ...(model.outputs.some(isIt) ? ['the model’s output'] : []),
  ];
  if (names.length > 2) return `${names.length} layers`;
  return names.join(' and ') || 'nowhere';
}
