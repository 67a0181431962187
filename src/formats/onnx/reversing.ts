import { arranged, labAxis, settledAxis } from './axes.ts';
import { add, type Building, cannot } from './building.ts';
import { computedInput } from './computed.ts';
import { lengthOf, same } from './dim.ts';
import type { NodeProto } from './model-proto.ts';
import { intOf } from './node.ts';
import { live, type Value } from './value.ts';

/** ReverseSequence: all of a sequence, which is how tf2onnx writes tf.reverse, or as many timesteps as an input says. */
export function reverseSequence(building: Building, node: NodeProto, inputs: readonly (Value | null)[]): Value[] {
  const given = computedInput(building, node, inputs[0]);
  const [timeAxis, batchAxis] = [intOf(node, 'time_axis', 0), intOf(node, 'batch_axis', 1)];
  const whole = settledAxis(building, node, given, timeAxis);
  if (whole.axes[batchAxis]?.join() !== 'batch') throw cannot('its samples are not those of the batch.');
  const at = labAxis(whole, timeAxis);
  const lengths = inputs[1] ?? null;
  if (isAll(lengths, whole.shape[at])) {
    const ref = add(building, node, { kind: 'slice', axis: at + 1, step: -1 }, [whole.ref()]);
    return [live(ref, whole.shape, whole.axes)];
  }
  if (lengths?.kind !== 'live' || lengths.axes.length !== 1 || whole.shape.length !== 2)
    throw cannot('its lengths are computed in a way that the lab does not follow.');
  const x = arranged(building, node, whole, [at, 1 - at]);
  const ref = add(building, node, { kind: 'sequence_lengths', operation: 'reverse' }, [x.ref(), lengths.ref()]);
  return [live(ref, x.shape, x.axes)];
}

/** Whether every sample is reversed as a whole. */
export function isAll(lengths: Value | null, time: Parameters<typeof lengthOf>[0]): boolean {
  switch (lengths?.kind) {
    case 'constant':
      return lengths.data.every((length) => length === lengthOf(time));
    case 'filled':
      return lengths.value === lengthOf(time);
    case 'lengths':
      return lengths.items.every((length) => same(length, time));
    default:
      return false;
  }
}
