import { type Building, cannot } from './building.ts';
import type { NodeProto } from './model-proto.ts';
import { asLive } from './shaping.ts';
import type { Live, Stack, Value } from './value.ts';

/** A tensor that the model computes; a stack as one tensor. */
export function computedInput(building: Building, node: NodeProto, value: Value | null | undefined): Live {
  if (value?.kind === 'live' || value?.kind === 'stack') return asLive(building, node, value);
  throw cannot('what it works on is not a tensor that the layers before it compute.');
}

export function isComputed(value: Value | null | undefined): value is Live | Stack {
  return value?.kind === 'live' || value?.kind === 'stack';
}
