import { axisFrom, labAxis, settledAxis } from './axes.ts';
import { add, type Building, cannot } from './building.ts';
import { computedInput } from './computed.ts';
import { listOf } from './known.ts';
import type { NodeProto } from './model-proto.ts';
import { intOf } from './node.ts';
import { type Live, live, type Value } from './value.ts';

type Operation = 'max' | 'min' | 'argmax' | 'argmin';

/** ArgMax and ArgMin along an axis other than the batch: class indices. The first place is meant where several are the largest. */
export function argMax(building: Building, node: NodeProto, inputs: readonly (Value | null)[]): Value[] {
  if (intOf(node, 'select_last_index', 0) !== 0) throw cannot('of several largest numbers it takes the last.');
  const axis = intOf(node, 'axis', 0);
  const operation = node.opType === 'ArgMax' ? 'argmax' : 'argmin';
  const x = computedInput(building, node, inputs[0]);
  return [reduced(building, node, x, axis, operation, intOf(node, 'keepdims', 1) !== 0)];
}

/** TopK of one: the largest number, and at which place it is. */
export function topK(building: Building, node: NodeProto, inputs: readonly (Value | null)[]): Value[] {
  const [count] = inputs[1] ? (listOf(inputs[1]) ?? []) : [intOf(node, 'k', 1)];
  if (count !== 1)
    throw cannot(`it takes ${typeof count === 'number' ? count : 'several'} numbers, and the lab has only the first.`);
  const axis = intOf(node, 'axis', -1);
  const isLargest = intOf(node, 'largest', 1) !== 0;
  const x = computedInput(building, node, inputs[0]);
  const operations: Operation[] = isLargest ? ['max', 'argmax'] : ['min', 'argmin'];
  return operations.map((operation) => reduced(building, node, x, axis, operation, true));
}

function reduced(
  building: Building,
  node: NodeProto,
  given: Live,
  at: number,
  operation: Operation,
  keeps: boolean,
): Live {
  const axis = axisFrom(at, given.axes.length);
  const x = settledAxis(building, node, given, axis);
  const own = labAxis(x, axis);
  const ref = add(building, node, { kind: 'reduction', operation, axis: [own + 1], keepdims: false }, [x.ref()]);
  const axes = x.axes
    .with(axis, [])
    .map((atoms) => atoms.map((atom) => (typeof atom === 'number' && atom > own ? atom - 1 : atom)));
  return live(ref, x.shape.toSpliced(own, 1), keeps ? axes : axes.toSpliced(axis, 1));
}
