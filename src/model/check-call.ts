import { kindOf, weightKey } from '../layers/kinds.ts';
import { isRecurrent, type Layer, type RecurrentState, type Shape } from '../layers/layer.ts';
import { stateLength, stateNames } from '../layers/recurrent.ts';
import { LabError } from '../math/lab-error.ts';
import { shapeText, type Tensor } from '../math/tensor.ts';

/** Refuses another number of inputs than the layer takes. */
export function checkInputs(layer: Layer, shapes: readonly Shape[]): void {
  const [least, most] = layer.kind === 'input' ? [0, 0] : (kindOf(layer).inputCount ?? [1, 1]);
  if (shapes.length >= least && shapes.length <= most) return;
  const wanted =
    least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} to ${most}`;
  throw new LabError({
    path: 'inputs',
    problem: `${kindOf(layer).className(layer)} takes ${wanted === '1' ? 'one input' : `${wanted} inputs`}.`,
    received: `${shapes.length}`,
    hint: isRecurrent(layer)
      ? 'its states go into initial_state; a second use of the layer is another entry of calls.'
      : least === 1 && most === 1
        ? 'a second use of the layer is another entry of calls.'
        : undefined,
  });
}

/** Refuses states that a layer does not start from: `wired` by shape, or `given` as numbers. */
export function checkStates(layer: Layer, wired: readonly Shape[], given: RecurrentState | null): void {
  if (wired.length === 0 && given === null) return;
  if (!isRecurrent(layer)) {
    throw new LabError({
      path: 'initial_state',
      problem: 'only recurrent layers have a state to start from.',
      received: kindOf(layer).className(layer),
    });
  }
  const names = stateNames(layer);
  const lengths = given ? names.map((name) => [given[name]?.length ?? 0]) : wired;
  const wanted = names.map((name) => stateLength(layer, name));
  if (
    lengths.length === wanted.length &&
    lengths.every((shape, at) => shape.length === 1 && (shape[0] === wanted[at] || shape[0] === null))
  )
    return;
  throw new LabError({
    path: 'initial_state',
    problem: `${names.length === 2 ? 'an' : 'a'} ${kindOf(layer).className(layer)} of ${layer.units} units starts from [${names.join(', ')}], ${statesText(wanted)}.`,
    received: lengths.map(shapeText).join(' and '),
    hint: `the states of a recurrent layer are its outputs :1${names.length === 2 ? ' and :2' : ''}, if it has return_state=True.`,
  });
}

/** `of shape (4,)`; an LSTM that projects h has another c. */
function statesText(lengths: readonly number[]): string {
  if (new Set(lengths).size > 1) return `of shapes ${lengths.map((length) => shapeText([length])).join(' and ')}`;
  return `${lengths.length > 1 ? 'each ' : ''}of shape ${shapeText(lengths.slice(0, 1))}`;
}

/** Refuses another use of a shared layer, where its weights do not fit. */
export function checkShared(layer: Layer, inputs: readonly Shape[]): void {
  const weights = 'weights' in layer ? (layer.weights as unknown as Record<string, Tensor>) : {};
  for (const [name, shape] of Object.entries(kindOf(layer).weightShapes(layer, ...inputs))) {
    const held = weights[weightKey(name)];
    if (shapeText(held.shape) === shapeText(shape)) continue;
    throw new LabError({
      problem: `the layer is shared, and its ${name} ${shapeText(held.shape)} does not fit this call's input ${shapeText(inputs[0])}.`,
      hint: 'all calls of a shared layer take the same number of features.',
    });
  }
}
