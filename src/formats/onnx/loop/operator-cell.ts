import { recurrentActivations } from '../activation.ts';
import { type Building, cannot } from '../building.ts';
import { listOf } from '../known.ts';
import type { NodeProto } from '../model-proto.ts';
import { intOf, intsOf, stringOf } from '../node.ts';
import { made } from '../unrolled/cells.ts';
import { constantOf, type Term } from '../unrolled/linear.ts';
import type { Constant } from '../value.ts';
import type { Carried } from './body.ts';
import type { Cell, Part } from './cell.ts';

/** The blocks of W in the order that a cell has here: i o f c → i f g o. */
const ORDER = { LSTM: [0, 2, 3, 1], GRU: [0, 1, 2], RNN: [0] };

/** A cell that is one of ONNX's own operators over a single timestep: PyTorch's LSTMCell in a scripted loop. */
export function operatorCellOf(view: Building, h: Carried, states: readonly Carried[]): Cell | null {
  const last = made(view, h.next, 'Squeeze');
  const node = view.producers.get(last?.inputs[0] ?? '');
  const operator = node?.opType;
  if (!last || !node || node.domain !== '' || !isFirstAxis(view, last) || node.outputs[1] !== last.inputs[0])
    return null;
  if (operator !== 'LSTM' && operator !== 'GRU' && operator !== 'RNN') return null;
  const [given, w, r, b, lens, initialH, initialC, peepholes] = node.inputs;
  const [x, before, cellBefore] = [given, initialH, initialC].map((name) => widened(view, name ?? ''));
  const c = operator === 'LSTM' ? states.find((state) => narrowed(view, state.next) === node.outputs[2]) : null;
  const isOther =
    Boolean(lens) || Boolean(peepholes) || node.attributes.has('clip') || intOf(node, 'input_forget', 0) !== 0;
  if (isOther || intOf(node, 'layout', 0) !== 0 || stringOf(node, 'direction', 'forward') !== 'forward') return null;
  if (x === null || before !== h.self || c === undefined || (c !== null && cellBefore !== c.self)) return null;
  const parts = partsOf(view, node, operator, [w, r, b ?? ''], { x, h: h.self });
  const [[first, second = first, third = second]] = recurrentActivations(node, operator, 1);
  return {
    operator,
    h,
    c,
    x,
    parts,
    activation: operator === 'RNN' ? first : second,
    recurrentActivation: first,
    outputActivation: third,
    resetAfter: intOf(node, 'linear_before_reset', 0) !== 0,
  };
}

function isFirstAxis(view: Building, node: NodeProto): boolean {
  const axes = listOf(view.values.get(node.inputs[1] ?? '') ?? null) ?? intsOf(node, 'axes') ?? [];
  return axes.length === 1 && axes[0] === 0;
}

/** What Unsqueeze gave an axis of one timestep, or of one direction. */
function widened(view: Building, name: string): string | null {
  const node = made(view, name, 'Unsqueeze');
  return node && isFirstAxis(view, node) ? node.inputs[0] : null;
}

function narrowed(view: Building, name: string): string | null {
  const node = made(view, name, 'Squeeze');
  return node && isFirstAxis(view, node) ? node.inputs[0] : null;
}

function partsOf(
  view: Building,
  node: NodeProto,
  operator: 'LSTM' | 'GRU' | 'RNN',
  [w, r, b]: readonly string[],
  { x, h }: { x: string; h: string },
): Part[] {
  const gates = ORDER[operator].length;
  const [W, R, B] = [w, r, b].map((name) => constantOf(view, name));
  const units = R?.shape[2] ?? 0;
  const rows = gates * units;
  const fits = W?.shape[1] === rows && R?.shape[1] === rows && W.shape[0] === 1 && R.shape[0] === 1;
  if (!W || !R || !fits || (b !== '' && B?.data.length !== 2 * rows) || units < 1)
    throw cannot('the weights of its cell do not fit, or are not in the file.');
  const [fromX, fromH] = [flat(view, w, W), flat(view, r, R)];
  const term = (input: string, weight: string, block: number): Term => {
    return { input, weight, isTurned: false, from: block * units, to: (block + 1) * units };
  };
  const added = (block: number, which: readonly number[]) =>
    Float64Array.from({ length: units }, (_, at) =>
      which.reduce((sum, half) => sum + (B?.data[half * rows + block * units + at] ?? 0), 0),
    );
  const part = (block: number, halves = [0, 1]): Part => ({
    x: halves.includes(0) ? term(x, fromX, block) : null,
    h: halves.includes(1) ? term(h, fromH, block) : null,
    added: added(block, halves),
    hasBias: B !== null,
  });
  if (operator === 'GRU' && intOf(node, 'linear_before_reset', 0) !== 0)
    return [part(0), part(1), part(2, [0]), part(2, [1])];
  return ORDER[operator].map((block) => part(block));
}

/** W of the one direction that there is, by a name that no file has. */
function flat({ values }: Building, name: string, whole: Constant): string {
  const own = `\0${name}`;
  values.set(own, { ...whole, shape: whole.shape.slice(1) });
  return own;
}
