import { add, type Building, cannot } from './building.ts';
import type { NodeProto } from './model-proto.ts';
import type { Live, Value } from './value.ts';

/** What sequence_lens makes of the sequence. */
export interface Masks {
  readonly lengths: string;
  /** The mask of the sequence as it is. */
  mask(): string;
  /** The sequence with its last timestep at the end, and its mask: what a reversed reading starts with. */
  aligned(): { ref: string; mask: string };
}

/** Null where every sequence is as long as the tensor. */
export function lengthsOf(
  building: Building,
  node: NodeProto,
  sequence: Live,
  lens: Value,
  samples: Live['axes'][number],
): Masks | null {
  const [time] = sequence.shape;
  if (lens.kind === 'constant') {
    if (typeof time === 'number' && lens.data.every((length) => length === time)) return null;
    throw cannot('its sequence_lens are numbers of the file, for a batch of a certain size.');
  }
  if (lens.kind === 'lengths' && lens.items.every((item) => JSON.stringify(item) === JSON.stringify(time))) return null;
  if (lens.kind !== 'live' || lens.axes.length !== 1 || samples.length === 0 || lens.axes[0].join() !== 'batch')
    throw cannot('its sequence_lens are computed in a way that the lab does not follow.');
  const lengths = lens.ref();
  const made = (part: 'mask' | 'mask_at_end' | 'to_end') =>
    once(() =>
      add(building, node, { kind: 'sequence_lengths', operation: part }, [sequence.ref(), lengths], { suffix: part }),
    );
  const [mask, maskAtEnd, toEnd] = [made('mask'), made('mask_at_end'), made('to_end')];
  return { lengths, mask, aligned: () => ({ ref: toEnd(), mask: maskAtEnd() }) };
}

/** What a direction returns at each timestep, in the order of time, zeros past the length of a sequence. */
export function inTime(
  building: Building,
  node: NodeProto,
  ref: string,
  backwards: boolean,
  masks: Masks | null,
): string {
  if (masks === null && !backwards) return ref;
  if (masks === null) return add(building, node, { kind: 'slice', axis: 1, step: -1 }, [ref], { suffix: 'in_time' });
  return add(
    building,
    node,
    { kind: 'sequence_lengths', operation: backwards ? 'reverse' : 'keep' },
    [ref, masks.lengths],
    {
      suffix: backwards ? 'in_time' : 'output',
    },
  );
}

/** A layer that is made when it is first asked for. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
