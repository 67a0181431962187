import { axisFrom } from '../axes.ts';
import { type Building, cannot } from '../building.ts';
import type { NodeProto } from '../model-proto.ts';
import { intOf } from '../node.ts';
import { live, type Value } from '../value.ts';

/** What a loop put into a list, [timesteps] of [batch, units], as one tensor: torch.stack or torch.cat of it. */
export function concatFromSequence(_: Building, node: NodeProto, [given]: readonly (Value | null)[]): Value[] {
  if (given?.kind !== 'live' || given.axes[0]?.join() !== '0') throw cannot('it joins a list that no loop made.');
  const [time, ...element] = given.axes;
  if (intOf(node, 'new_axis', 0) !== 0) {
    const axis = axisFrom(intOf(node, 'axis', 0), element.length + 1);
    return [live(given.ref, given.shape, element.toSpliced(axis, 0, time))];
  }
  const axis = axisFrom(intOf(node, 'axis', 0), element.length);
  if (element[axis].includes('batch')) throw cannot('it joins along the samples of a batch.');
  return [live(given.ref, given.shape, element.with(axis, [...time, ...element[axis]]))];
}
