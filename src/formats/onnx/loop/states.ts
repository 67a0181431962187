import { type Building, cannot } from '../building.ts';
import type { NodeProto } from '../model-proto.ts';
import { numberOf } from '../patterns.ts';
import type { Body, Carried } from './body.ts';
import type { Cell } from './cell.ts';
import { selectOf } from './select.ts';
import { isCounter } from './trips.ts';

/** A state, without what keeps it where a timestep is skipped. */
export interface State {
  /** As the body hands it on. */
  readonly whole: Carried;
  /** As the cell computes it. */
  readonly own: Carried;
  /** What says whether the timestep counts; null: they all do. */
  readonly condition: string | null;
}

export function statesOf(body: Body): State[] {
  const carried = body.carried.filter((one) => one !== null);
  const nodes = new Set(body.view.producers.values());
  const read = new Set([...nodes].flatMap(({ inputs }) => inputs));
  // The last output, which Keras carries along to repeat it, is not read where zeros are given instead: it is no state.
  const isState = ({ self, next }: Carried) => read.has(self) || !body.scans.some(({ name }) => name === next);
  return carried
    .filter((one) => !isCounter(body, one.self) && isState(one))
    .map((whole): State => {
      const select = selectOf(body.view, body.view.producers.get(whole.next));
      return select?.no === whole.self
        ? { whole, own: { ...whole, next: select.yes }, condition: select.condition }
        : { whole, own: whole, condition: null };
    });
}

/** What a cell gives at a timestep that is skipped: what it gave before (from zeros on, or from its state on), or zeros. */
type Skipped = 'zeros first' | 'state first' | 'zeros';

/** What each timestep adds to a sequence: the h of a cell. */
export interface Scan {
  readonly cell: Cell;
  readonly condition: string | null;
  readonly skipped: Skipped;
}

/** Throws a LabError where it is anything else. */
export function scanOf(
  building: Building,
  body: Body,
  name: string,
  cells: readonly Cell[],
  states: readonly State[],
): Scan {
  const cellWith = (next: string) => cells.find(({ h }) => h.next === next);
  const own = cellWith(name);
  if (own) return { cell: own, condition: null, skipped: 'zeros first' };
  const state = states.find(({ whole }) => whole.next === name);
  const select = selectOf(body.view, body.view.producers.get(name));
  const cell = select === null ? undefined : cellWith(select.yes);
  if (select === null || cell === undefined)
    throw cannot('what it gives for each timestep is computed further than LSTM, GRU or SimpleRNN do.');
  const { condition } = select;
  if (state?.whole.self === cell.h.self) return { cell, condition, skipped: 'state first' };
  if (isZero(body.view, select.no) || isZero(building, select.no)) return { cell, condition, skipped: 'zeros' };
  const before = states.find(({ whole }) => whole.self === select.no && whole.next === name);
  if (before === undefined || !startsWithZeros(building, before.whole))
    throw cannot('what it gives for a timestep that is skipped is computed in a way that the lab does not follow.');
  return { cell, condition, skipped: 'zeros first' };
}

function isZero(view: Building, name: string): boolean {
  if (name === '' || numberOf(view, name) === 0) return true;
  const value = view.values.get(name);
  if (value?.kind === 'constant') return value.data.every((number) => number === 0);
  return isFilledWithZeros(view.producers.get(name));
}

function startsWithZeros({ values, producers }: Building, { start }: Carried): boolean {
  const value = values.get(start);
  if (value?.kind === 'constant') return value.data.every((number) => number === 0);
  return value?.kind === 'filled' ? value.value === 0 : isFilledWithZeros(producers.get(start));
}

/** ConstantOfShape without a value, or with 0: whatever the shape is. */
function isFilledWithZeros(node: NodeProto | undefined): boolean {
  if (node?.opType !== 'ConstantOfShape' || node.domain !== '') return false;
  const tensor = node.attributes.get('value')?.t;
  return [...(tensor?.raw ?? []), ...(tensor?.numbers ?? [])].every((part) => part === 0);
}
