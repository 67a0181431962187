import { axisFrom } from './axes.ts';
import { type Building, cannot } from './building.ts';
import type { Dim } from './dim.ts';
import { wholeList } from './known.ts';
import type { NodeProto } from './model-proto.ts';
import type { Value } from './value.ts';

/* How operators say what they do: since opset 10, 11 or 13 in inputs, before in attributes. */

export function intsOf({ attributes }: NodeProto, name: string): readonly number[] | undefined {
  return attributes.get(name)?.ints;
}

export function intOf({ attributes }: NodeProto, name: string, otherwise: number): number {
  return attributes.get(name)?.i ?? otherwise;
}

export function floatOf({ attributes }: NodeProto, name: string, otherwise: number): number {
  return attributes.get(name)?.f ?? otherwise;
}

export function stringOf({ attributes }: NodeProto, name: string, otherwise: string): string {
  return attributes.get(name)?.s ?? otherwise;
}

/** The axes of Squeeze, Unsqueeze and the reductions, as the file counts them. Undefined where none are said. */
export function axesInput(
  _: Building,
  node: NodeProto,
  inputs: readonly (Value | null)[],
): readonly number[] | undefined {
  if (inputs[1]) return wholeList(inputs[1], 'axes');
  return intsOf(node, 'axes');
}

export interface Range {
  readonly start: number;
  /** Null: to the end, however long it is. */
  readonly stop: number | null;
  readonly step: number;
  /** How many it takes; null where the length is not known. */
  readonly count: number | null;
}

/** Slice's ranges by axis. A start or stop that is counted from an end that is not known stays as it is. */
export function sliceRanges<D extends Dim>(
  { opset }: Building,
  node: NodeProto,
  inputs: readonly (Value | null)[],
  shape: readonly D[],
): Map<number, Range & (D extends number ? { readonly count: number } : unknown)> {
  const given = (at: number, name: string) =>
    opset < 10 ? intsOf(node, name) : inputs[at] ? wholeList(inputs[at], name) : undefined;
  const [starts, ends] = [given(1, 'starts') ?? [], given(2, 'ends') ?? []];
  const axes = given(3, 'axes') ?? starts.map((_, axis) => axis);
  const steps = (opset < 10 ? undefined : given(4, 'steps')) ?? starts.map(() => 1);
  if ([ends, axes, steps].some((list) => list.length !== starts.length))
    throw cannot('its starts and ends do not fit.');
  const ranges = new Map<number, Range>();
  starts.forEach((start, n) => {
    const axis = axisFrom(axes[n], shape.length);
    ranges.set(axis, range(start, ends[n], steps[n], shape[axis]));
  });
  return ranges as ReturnType<typeof sliceRanges<D>>;
}

/** As large as exporters write for "to the end". */
const ENDLESS = 2 ** 31 - 1;

function range(start: number, end: number, step: number, length: Dim): Range {
  if (step === 0) throw cannot('it steps by 0.');
  if (typeof length !== 'number') {
    const all = step > 0 ? end >= ENDLESS : end <= -ENDLESS;
    // Backwards, −1 is the last and anything as large as "the end" is too.
    return { start: step < 0 && start >= ENDLESS ? -1 : start, stop: all ? null : end, step, count: null };
  }
  const from = (at: number) => (at < 0 ? at + length : at);
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const clamp = (at: number) => Math.max(low, Math.min(high, at));
  const first = clamp(from(start));
  const last = clamp(from(end));
  const count = Math.max(0, Math.ceil((last - first) / step));
  return { start: Math.max(0, first), stop: last < 0 ? null : last, step, count };
}
