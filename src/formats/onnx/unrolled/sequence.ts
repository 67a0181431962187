import { axisFrom } from '../axes.ts';
import type { Building } from '../building.ts';
import { wholeList } from '../known.ts';
import type { NodeProto } from '../model-proto.ts';
import { intOf, intsOf } from '../node.ts';
import type { Value } from '../value.ts';
import { attempt } from './attempt.ts';
import type { Chain } from './chains.ts';

/** Attributes of a node that is made here. */
export type Given = Readonly<Record<string, number | readonly number[] | readonly string[]>>;

/** Adds a node, and gives its first output. */
type Put = (opType: string, inputs: readonly string[], outputs: readonly string[], attributes?: Given) => string;
/** Adds numbers, and gives their name. */
type Numbers = (suffix: string, shape: readonly number[], data: ArrayLike<number>, whole?: boolean) => string;

/** What the timesteps read as one tensor [timesteps, batch, features]. */
export function sequenceOf(building: Building, { inputs }: Chain, prefix: string, put: Put, number: Numbers): string {
  const name = `${prefix}/X`;
  const taken = inputs.map((input) => attempt(() => takenFrom(building, input)));
  const [first, second] = taken;
  const step = first && second ? second.index - first.index : 0;
  const isRow =
    first !== null &&
    Math.abs(step) === 1 &&
    taken.every(
      (one, at) => one?.source === first.source && one.axis === first.axis && one.index === first.index + at * step,
    );
  if (!isRow) {
    const apart = inputs.map((input, at) => put('Unsqueeze', [input], [`${prefix}/x_${at}`], { axes: [0] }));
    return put('Concat', apart, [name], { axis: 0 });
  }
  const last = first.index + inputs.length * step;
  const [starts, ends, axes, steps] = [first.index, last < 0 ? -(2 ** 31) : last, first.axis, step].map((value, at) =>
    number(['from', 'to', 'axis', 'step'][at], [1], [value], true),
  );
  const rows = put('Slice', [first.source, starts, ends, axes, steps], [`${prefix}/rows`]);
  return put('Transpose', [rows], [name], { perm: first.axis === 0 ? [0, 1, 2] : [1, 0, 2] });
}

/** A timestep of a tensor [timesteps, batch, features] or [batch, timesteps, features]: which. */
function takenFrom(building: Building, name: string): { source: string; axis: number; index: number } | null {
  const { producers, values } = building;
  let node = producers.get(name);
  let squeezed: number | null = null;
  let inner = name;
  if (node?.opType === 'Squeeze') {
    const [axis, ...others] = axesOf(values, node);
    if (axis === undefined || others.length > 0) return null;
    squeezed = axis;
    inner = node.inputs[0];
    node = producers.get(inner);
  }
  if (node === undefined || node.domain !== '') return null;
  const [source] = node.inputs;
  const at = (axis: number, index: number | undefined, isGone: boolean) => {
    const own = axisFrom(axis, 3);
    const gone = squeezed === null ? isGone : !isGone && axisFrom(squeezed, 3) === own;
    return own < 2 && gone && index !== undefined && index >= 0 ? { source, axis: own, index } : null;
  };
  if (node.opType === 'Gather') {
    const index = values.get(node.inputs[1]);
    if (index?.kind !== 'constant' || index.data.length !== 1) return null;
    return at(intOf(node, 'axis', 0), index.data[0], index.shape.length === 0);
  }
  if (node.opType === 'Split') {
    const sizes = node.inputs[1]
      ? listed(values.get(node.inputs[1]))
      : (intsOf(node, 'split') ?? node.outputs.map(() => 1));
    return sizes?.every((size) => size === 1) ? at(intOf(node, 'axis', 0), node.outputs.indexOf(inner), false) : null;
  }
  if (node.opType === 'Slice') {
    const [start, end, axis] = [1, 2, 3].map((input) => listed(values.get(node.inputs[input] ?? '')));
    if (start?.length !== 1 || axis?.length !== 1 || end?.[0] !== start[0] + 1) return null;
    return at(axis[0], start[0], false);
  }
  return null;
}

function listed(value: Value | undefined): readonly number[] | null {
  return value?.kind === 'constant' ? wholeList(value, 'places') : null;
}

function axesOf(values: Building['values'], node: NodeProto): readonly number[] {
  return listed(values.get(node.inputs[1] ?? '')) ?? intsOf(node, 'axes') ?? [];
}

/** Where all h are stacked in the order of time, or against it: torch.stack. */
export function stacksOf({ producers, values }: Building, { steps }: Chain, nodes: readonly NodeProto[]) {
  const stack = (node: NodeProto) => {
    if (node.opType !== 'Concat' || node.inputs.length !== steps.length) return [];
    const axis = axisFrom(intOf(node, 'axis', 1), 3);
    const hs = node.inputs.map((input) => {
      const inner = producers.get(input);
      const [own, ...others] = inner?.opType === 'Unsqueeze' ? axesOf(values, inner) : [];
      return own !== undefined && others.length === 0 && axisFrom(own, 3) === axis ? inner?.inputs[0] : undefined;
    });
    const isAll = (list: readonly (string | undefined)[]) => list.every((h, at) => h === steps[at].h);
    const [isForward, isReversed] = [isAll(hs), isAll(hs.toReversed())];
    return (isForward || isReversed) && axis < 2 ? [{ output: node.outputs[0], axis, isReversed: !isForward }] : [];
  };
  return nodes.flatMap((node) => attempt(() => stack(node)) ?? []);
}
