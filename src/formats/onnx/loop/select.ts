import type { Building } from '../building.ts';
import type { NodeProto } from '../model-proto.ts';
import { numberOf } from '../patterns.ts';
import { made, orders } from '../unrolled/cells.ts';

/** condition ? yes : no, number by number; '' is 0. */
interface Select {
  readonly condition: string;
  readonly yes: string;
  readonly no: string;
}

/** Where, or what tf2onnx writes in its place: cast(c) · yes + cast(not c) · no. */
export function selectOf(view: Building, node: NodeProto | undefined): Select | null {
  if (node?.domain !== '') return null;
  if (node.opType === 'Where') {
    const [condition, yes, no] = node.inputs;
    return { condition, yes, no };
  }
  if (node.opType === 'Mul') {
    for (const [gate, yes] of orders(node)) {
      const condition = truthOf(view, gate);
      if (condition?.isTrue) return { condition: condition.name, yes, no: '' };
    }
    return null;
  }
  if (node.opType !== 'Add') return null;
  for (const [a, b] of orders(node))
    for (const [gate, yes] of orders(made(view, a, 'Mul')))
      for (const [other, no] of orders(made(view, b, 'Mul'))) {
        const [is, isNot] = [truthOf(view, gate), truthOf(view, other)];
        if (is?.isTrue && isNot?.isTrue === false && is.name === isNot.name)
          return { condition: is.name, yes, no: numberOf(view, no) === 0 ? '' : no };
      }
  return null;
}

/** A truth value as 1 or 0: of what, and whether that is true or not where it is 1. */
function truthOf(view: Building, name: string): { name: string; isTrue: boolean } | null {
  const cast = made(view, name, 'Cast');
  if (cast === null) return null;
  const not = made(view, cast.inputs[0], 'Not');
  return not ? { name: not.inputs[0], isTrue: false } : { name: cast.inputs[0], isTrue: true };
}
