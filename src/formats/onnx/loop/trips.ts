import { type Building, cannot } from '../building.ts';
import { type Dim, same } from '../dim.ts';
import { listOf } from '../known.ts';
import type { NodeProto } from '../model-proto.ts';
import { numberOf } from '../patterns.ts';
import type { Body } from './body.ts';

/** A condition: as often as this many times, plus a number, a loop runs. */
interface Limit {
  readonly count: Dim;
  readonly plus: number;
}

/** From this on a number is "as often as the condition says". */
const ENDLESS = 2 ** 31 - 1;
/** As many conditions as are joined. */
const MAX_CONDITIONS = 8;

/** Whether a name in the body counts the timesteps from 0: the number of the iteration, or a counter of the graph's own. */
export function isCounter(body: Body, name: string): boolean {
  return counted(body, name) === 0;
}

/** What a name is in the first timestep, where it grows by 1 with each. */
function counted(body: Body, name: string, depth = 0): number | null {
  const { view, iteration, carried } = body;
  if (depth > 4) return null;
  if (name === iteration) return 0;
  const own = carried.find((one) => one?.self === name);
  // A counter that is a list of one picks a sequence of one.
  if (own) return isNext(view, own) && rankOf(view, own.start) === 0 ? numberOf(view, own.start) : null;
  const node = view.producers.get(name);
  if (node?.domain !== '') return null;
  if (node.opType === 'Cast') return counted(body, node.inputs[0], depth + 1);
  if (node.opType !== 'Add') return null;
  for (const [a, b] of [node.inputs, node.inputs.toReversed()]) {
    const [before, more] = [counted(body, a, depth + 1), numberOf(view, b ?? '')];
    if (before !== null && more !== null) return before + more;
  }
  return null;
}

function rankOf({ values }: Building, name: string): number | null {
  const value = values.get(name);
  return value?.kind === 'constant' ? value.shape.length : null;
}

function isNext(view: Building, { self, next }: { self: string; next: string }): boolean {
  const node = view.producers.get(next);
  const [a, b] = node?.inputs ?? [];
  if (node?.opType !== 'Add' || node.domain !== '') return false;
  return (a === self && numberOf(view, b) === 1) || (b === self && numberOf(view, a) === 1);
}

/** How often a Loop runs: a number of the file, or a length of what it reads. Throws a LabError where that is not certain. */
export function tripCount(building: Building, node: NodeProto, body: Body): Dim {
  const [most = '', first = ''] = node.inputs;
  const limits = conditions(building, body.view, body.condition, (name) => counted(body, name), body.conditionBefore);
  if (most !== '') {
    const count = lengthOf(building, building, most);
    if (count === null) throw cannot('how often it runs depends on numbers of the input.');
    if (typeof count !== 'number' || count < ENDLESS) limits.push({ count, plus: 0 });
  }
  // Before the first timestep the same is asked; a sequence has one at least.
  if (first !== '') conditions(building, building, first, (name) => numberOf(building, strip(building, name)), '');
  const numbers = limits.flatMap(({ count, plus }) => (typeof count === 'number' ? [count + plus] : []));
  if (limits.length === 0) throw cannot('it has no end.');
  if (numbers.length === limits.length) return Math.max(0, Math.min(...numbers));
  const [{ count }] = limits;
  const least = Math.min(...limits.map(({ plus }) => plus));
  if (least !== 0 || !limits.every((one) => same(one.count, count)))
    throw cannot('how often it runs is computed in a way that the lab does not follow.');
  return count;
}

/** The conditions under which it goes on, all of which must hold. */
function conditions(
  building: Building,
  view: Building,
  name: string,
  start: (name: string) => number | null,
  always: string,
): Limit[] {
  const limits: Limit[] = [];
  const waiting = [name];
  for (let steps = 0; waiting.length > 0; steps++) {
    const one = waiting.pop() as string;
    const number = numberOf(view, one);
    if (one === always || (number !== null && number !== 0)) continue;
    const node = view.producers.get(one);
    if (steps === MAX_CONDITIONS || node?.domain !== '') throw unclear();
    if (node.opType === 'And') waiting.push(...new Set(node.inputs));
    else if (node.opType === 'Identity' || node.opType === 'Cast') waiting.push(node.inputs[0]);
    else if (node.opType === 'Less' || node.opType === 'Greater') {
      const [a, b] = node.opType === 'Less' ? node.inputs : node.inputs.toReversed();
      const [from, count] = [start(a), lengthOf(building, view, b)];
      if (from === null || count === null) throw unclear();
      limits.push({ count, plus: 1 - from });
    } else throw unclear();
  }
  return limits;
}

const unclear = () => cannot('when it ends is computed in a way that the lab does not follow.');

function strip(view: Building, name: string): string {
  let at = name;
  for (let steps = 0; steps < 4 && numberOf(view, at) === null; steps++) {
    const node = view.producers.get(at);
    if (node?.opType !== 'Cast' && node?.opType !== 'Identity') break;
    at = node.inputs[0];
  }
  return at;
}

/** A number of the file, or a length that Shape gave, of the body or outside. */
function lengthOf(building: Building, view: Building, name: string): Dim | null {
  let at = name;
  for (let steps = 0; steps < 6; steps++) {
    const list = listOf(view.values.get(at) ?? building.values.get(at) ?? null);
    if (list?.length === 1) return list[0];
    const node = view.producers.get(at) ?? building.producers.get(at);
    if (node?.opType !== 'Cast' && node?.opType !== 'Identity') return null;
    at = node.inputs[0];
  }
  return null;
}
