import type { PickleBytes } from './pickle-bytes.ts';
import { isKind, type PickleValue } from './pickle-value.ts';

/** What a pickle's opcodes work on. */
export interface Machine {
  readonly source: PickleBytes;
  readonly persistent: (id: PickleValue) => PickleValue;
  stack: PickleValue[];
  /** The stacks below each mark. */
  readonly marked: PickleValue[][];
  readonly memo: Map<number, PickleValue>;
  containers: number;
  /** How many values and letters calls may still look at: the same long one may be named again and again. */
  work: number;
}

export function push(machine: Machine, value: PickleValue): void {
  machine.containers++;
  machine.stack.push(value);
}

export function pop({ stack, source }: Machine): PickleValue {
  if (stack.length === 0) throw source.fail('the pickle is damaged: it takes a value where there is none');
  return stack.pop() as PickleValue;
}

export function top({ stack, source }: Machine): PickleValue {
  if (stack.length === 0) throw source.fail('the pickle is damaged: it takes a value where there is none');
  return stack[stack.length - 1];
}

export function popMany(machine: Machine, count: number): PickleValue[] {
  if (machine.stack.length < count)
    throw machine.source.fail('the pickle is damaged: it takes a value where there is none');
  return machine.stack.splice(machine.stack.length - count);
}

/** What stands above the last mark. */
export function popMark(machine: Machine): PickleValue[] {
  const above = machine.stack;
  const below = machine.marked.pop();
  if (!below) throw machine.source.fail('the pickle is damaged: a mark is missing');
  machine.stack = below;
  return above;
}

/** Counts what a call may go through: its arguments, and what is in them. */
export function weigh(machine: Machine, args: PickleValue): void {
  if (!Array.isArray(args)) return;
  machine.work -= args.length;
  for (const value of args.slice(0, 8))
    if (typeof value === 'string' || Array.isArray(value)) machine.work -= value.length;
  if (machine.work < 0) throw machine.source.fail('the pickle has more parts than the lab reads');
}

export function recall({ memo, stack, source }: Machine, at: number): void {
  const value = memo.get(at);
  if (value === undefined)
    throw source.fail('the pickle is damaged: it refers to a value that it has not given', `${at}`);
  stack.push(value);
}

export function append(machine: Machine, items: readonly PickleValue[]): void {
  const list = top(machine);
  const target = Array.isArray(list) ? list : isKind(list, 'object') ? list.items : undefined;
  if (!target) throw machine.source.fail('the pickle is damaged: it appends to what is no list');
  for (const item of items) target.push(item);
}

export function setItems(machine: Machine, target: PickleValue, items: readonly PickleValue[]): void {
  if (!isKind(target, 'map') && !isKind(target, 'object'))
    throw machine.source.fail('the pickle is damaged: it sets an item of what is no dictionary');
  if (items.length % 2 === 1) throw machine.source.fail('the pickle is damaged: a key has no value');
  for (let at = 0; at < items.length; at += 2) target.entries.set(items[at], items[at + 1]);
}
