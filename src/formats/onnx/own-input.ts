import { add, type Building, layerName } from './building.ts';
import { unknownDim } from './dim.ts';
import type { NodeProto } from './model-proto.ts';
import { intOf } from './node.ts';
import { live, type Value } from './value.ts';

const CELLS = ['LSTM', 'GRU', 'RNN'];

/** Whether a graph has recurrent operators and none of them became a layer, as what stands before them is left out: a network for pictures, mostly. */
export function isWithoutCells({ drafts, producers }: Building): boolean {
  const kinds = ['lstm', 'gru', 'simple_rnn'];
  return (
    [...producers.values()].some(({ opType }) => CELLS.includes(opType)) &&
    !drafts.some(({ spec }) => kinds.includes(spec.kind))
  );
}

/**
 * The inputs of a recurrent operator with an input of the model in place of what it reads, where that is left out and all else is known. Null: it needs
 * none.
 */
export function withOwnInput(
  building: Building,
  node: NodeProto,
  [x, W, ...rest]: readonly (Value | null)[],
): readonly (Value | null)[] | null {
  const { cut, drafts, names } = building;
  if (cut === null || !CELLS.includes(node.opType) || x?.kind !== 'lost') return null;
  // Zeros of a shape that only what is left out tells are zeros.
  const others = rest.map((value, at) =>
    value?.kind === 'lost' && isZeros(building, node.inputs[at + 2]) ? null : value,
  );
  if (W?.kind !== 'constant' || W.shape.length !== 3 || others.some((value) => value?.kind === 'lost')) return null;
  // The first that is left out on the way here says why.
  let root = names.get(x.ref);
  for (let steps = 0; steps < drafts.length; steps++) {
    const before = root?.call.inputs.map((ref) => names.get(ref)).find((draft) => draft?.spec.kind === 'unknown');
    if (before === undefined) break;
    root = before;
  }
  if (root) cut.add(root.spec.name);
  const [, , features] = W.shape;
  const layer = layerName(node);
  const doing = { kind: 'input', shape: [null, features], batch: building.batch } as const;
  const ref = add(building, { ...node, name: `${layer}_input` }, doing, []);
  building.notes.add(
    `what ${layer} reads is left out: it has an input of its own here, [batch, timesteps, ${features}], in place of ${root?.spec.name ?? x.ref}`,
  );
  const isTimeFirst = intOf(node, 'layout', 0) === 0;
  const own = live(ref, [unknownDim(), features], isTimeFirst ? [[0], ['batch'], [1]] : [['batch'], [0], [1]]);
  return [own, W, ...others];
}

/** What ConstantOfShape or Expand makes of 0, wherever it is moved. */
function isZeros({ producers, values }: Building, name: string): boolean {
  let at = name;
  for (let steps = 0; steps < 6; steps++) {
    const node = producers.get(at);
    const [first] = node?.inputs ?? [];
    if (node?.opType === 'ConstantOfShape') return isZero(node);
    const value = values.get(first ?? '');
    if (node?.opType === 'Expand' && value?.kind === 'constant') return value.data.every((number) => number === 0);
    at = first ?? '';
  }
  return false;
}

/** The value that a ConstantOfShape repeats. */
function isZero({ attributes }: NodeProto): boolean {
  const tensor = attributes.get('value')?.t;
  return [...(tensor?.raw ?? []), ...(tensor?.numbers ?? [])].every((part) => part === 0);
}
