import { picked, settledAxis } from './axes.ts';
import { type Building, cannot } from './building.ts';
import type { NodeProto } from './model-proto.ts';
import { asLive, shapeOf, stackOf } from './shaping.ts';
import { type Live, live, type Stack } from './value.ts';

/** As many heads as are computed one by one. */
const MAX_HEADS = 32;

/**
 * What `one` makes of tensors [batch, rows, columns], for tensors that may have heads too: as an axis of their own after the batch, or as one axis with
 * it, [batch · heads, rows, columns], as nn.MultiheadAttention has them. The lab's layers know no heads: each is computed by itself.
 */
export function byHead(
  building: Building,
  node: NodeProto,
  all: readonly Live[],
  one: (parts: readonly Live[]) => Live,
): Live | Stack {
  const [{ axes }] = all;
  if (!all.every((part) => part.axes.length === axes.length)) throw cannot('tensors of different numbers of axes.');
  if (!all.every((part) => part.axes[0]?.[0] === 'batch')) throw cannot('tensors whose first axis is not the batch.');
  const isJoined = all.map((part) => part.axes[0].length > 1);
  if (axes.length === 4 && !isJoined.includes(true)) return apart(building, node, all, one);
  if (axes.length !== 3 || isJoined.includes(true) !== isJoined.every(Boolean))
    throw cannot('tensors that are not [batch, rows, columns], with or without heads.');
  if (!isJoined[0]) return one(all);
  const split = all.map(({ ref, shape, axes: [first, ...rest] }) =>
    live(ref, shape, [[first[0]], first.slice(1), ...rest]),
  );
  const whole = asLive(building, node, apart(building, node, split, one));
  const [samples, heads, ...rest] = whole.axes;
  return live(whole.ref, whole.shape, [[...samples, ...heads], ...rest]);
}

function apart(building: Building, node: NodeProto, all: readonly Live[], one: (parts: readonly Live[]) => Live) {
  const parts = all.map((part) => settledAxis(building, node, part, 1));
  const counts = parts.map((part) => shapeOf(building, part)[1]);
  const [heads] = counts;
  if (typeof heads !== 'number' || heads > MAX_HEADS || counts.some((count) => count !== heads))
    throw cannot(`a product with more than ${MAX_HEADS} heads, or with other numbers of them on both sides.`);
  const made = Array.from({ length: heads }, (_, head) =>
    one(parts.map((part) => picked(building, node, part, 1, head))),
  );
  return stackOf(building, node, 1, made);
}
