import { LabError } from '../../../math/lab-error.ts';
import { picked } from '../axes.ts';
import { add, type Building, cannot, freeName, layerName } from '../building.ts';
import { type Dim, lengthOf, same } from '../dim.ts';
import { initialStates } from '../initial-state.ts';
import type { NodeProto } from '../model-proto.ts';
import type { ReadExternal } from '../tensor-proto.ts';
import { type Live, live, type Value } from '../value.ts';
import { type Body, bodyOf, type Carried } from './body.ts';
import { type Cell, cellOf } from './cell.ts';
import { specOf, weightsOf } from './layers.ts';
import { operatorCellOf } from './operator-cell.ts';
import { maskRef, type Read, readOf } from './reads.ts';
import { type Scan, type State, scanOf, statesOf } from './states.ts';
import { tripCount } from './trips.ts';

/*
 * A Loop whose body is one timestep of LSTM, GRU or SimpleRNN cells: what tf2onnx makes of Keras's layers where they have masks or functions that ONNX's
 * own operators do not have, and PyTorch of a scripted loop. Each cell becomes a layer; a loop that does anything else is left out.
 */

/** A loop as far as it is understood. */
interface Understood {
  readonly body: Body;
  readonly trips: Dim;
  readonly states: readonly State[];
  /** In the order in which a timestep computes them. */
  readonly cells: readonly Cell[];
  readonly condition: string | null;
  readonly scans: readonly Scan[];
}

/** A cell as a layer. */
interface Made {
  readonly ref: string;
  readonly returnsState: boolean;
  /** What it gives at every timestep, where something asks for it. */
  readonly sequence: Live;
  readonly samples: Live['axes'][number];
}

/** The layers of a Loop; null where the node is none. Throws a LabError that says why it cannot. */
export function loop(building: Building, node: NodeProto, readExternal: ReadExternal): Value[] | null {
  if (node.opType !== 'Loop' || node.domain !== '') return null;
  try {
    return layersOf(building, node, readExternal);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    const why = error.fields.problem.replace(/\.$/, '');
    throw cannot(
      `a Loop node that is no layer of the lab: ${why}; the Keras or PyTorch file that it was made of opens.`,
    );
  }
}

function layersOf(building: Building, node: NodeProto, readExternal: ReadExternal): Value[] {
  const understood = understand(building, node, readExternal);
  const made = new Map<Cell, Made>();
  let read: Read | null = null;
  for (const cell of understood.cells) {
    const below = understood.cells.find(({ h }) => h.next === cell.x);
    const from: Read = below
      ? readBelow(made.get(below) as Made, read as Read)
      : readOf(building, node, understood.body, cell.x);
    read ??= from;
    made.set(cell, layerOf(building, node, understood, cell, from, read));
  }
  return node.outputs.map((_, at) => outputOf(building, node, understood, made, at));
}

function understand(building: Building, node: NodeProto, readExternal: ReadExternal): Understood {
  const body = bodyOf(building, node, readExternal);
  const trips = tripCount(building, node, body);
  const states = statesOf(body);
  const own = states.map((state) => state.own);
  const found = own.flatMap((state) => cellOf(body.view, state, own) ?? operatorCellOf(body.view, state, own) ?? []);
  const cells = inOrder(found);
  if (cells.length < found.length) throw cannot('its cells read each other in a circle.');
  if (cells.length === 0) throw cannot('what it does in a timestep is not what an LSTM, GRU or SimpleRNN does.');
  const scans = body.scans.map(({ name }) => scanOf(building, body, name, cells, states));
  const conditions = new Set([...states, ...scans].map(({ condition }) => condition));
  if (conditions.size > 1) throw cannot('not all of its states and outputs skip the same timesteps.');
  const skips = new Set(scans.map(({ skipped }) => skipped));
  if (skips.size > 1) throw cannot('its outputs differ in what they give for a timestep that is skipped.');
  const ofCells = new Set(cells.flatMap(({ h, c }) => [h, c]));
  const repeats = (state: State) =>
    body.scans.some(({ name }) => name === state.whole.next) && cells.some(({ h }) => h.next === state.own.next);
  const other = states.find((state) => !ofCells.has(state.own) && !repeats(state));
  if (other) throw cannot('beside LSTM, GRU or SimpleRNN it computes something of its own in a timestep.');
  const [condition = null] = conditions;
  return { body, trips, states, cells, condition, scans };
}

/** Cells after those whose h they read. */
function inOrder(cells: readonly Cell[]): Cell[] {
  const done: Cell[] = [];
  for (let round = 0; round < cells.length; round++)
    for (const cell of cells) {
      const below = cells.find(({ h }) => h.next === cell.x);
      if (!done.includes(cell) && (below === undefined || done.includes(below))) done.push(cell);
    }
  return done;
}

function readBelow({ ref, sequence, samples }: Made, { isReversed }: Read): Read {
  return { ref, sequence, samples, isReversed };
}

function layerOf(
  building: Building,
  node: NodeProto,
  understood: Understood,
  cell: Cell,
  from: Read,
  first: Read,
): Made {
  const { body, trips, cells, condition, scans } = understood;
  const weights = weightsOf(building, body.view, cell);
  const units = cell.parts[0].added.length;
  const [time, features] = from.sequence.shape;
  const width = lengthOf(features);
  if (weights.recurrent_kernel.shape[0] !== units || (width !== null && weights.kernel.shape[0] !== width))
    throw cannot('its weights do not fit what it reads.');
  if (!same(time, trips)) throw cannot('it does not run over all timesteps of what it reads, as far as the file says.');
  const isUsed = (name: string | undefined) => name !== undefined && name !== '' && building.uses.has(name);
  const usedState = (carried: Carried | null) =>
    carried !== null && isUsed(node.outputs[body.carried.findIndex((one) => one?.self === carried.self)]);
  const returnSequences =
    cells.some(({ x }) => x === cell.h.next) ||
    scans.some(
      (scan, at) =>
        scan.cell === cell &&
        (isUsed(node.outputs[body.scans[at].place]) ||
          isRepeated(body, at).some((place) => isUsed(node.outputs[place]))),
    );
  const returnState = usedState(cell.c) || (usedState(cell.h) && (returnSequences || condition !== null));
  const skipped = scans.find((scan) => scan.cell === cell)?.skipped;
  const isBelow = cells.some(({ h }) => h.next === cell.x);
  const name = freeName(building, loopName(node, cells.indexOf(cell), cells.length));
  const doing = specOf(cell, {
    goBackwards: from.isReversed && !isBelow,
    ...(from.isReversed && isBelow && condition !== null && { maskBackwards: true as const }),
    returnSequences,
    returnState,
    zeroOutputForMask: skipped === 'zeros',
    maskedStart: skipped === 'state first' ? 'state' : 'zeros',
  });
  const start = startOf(building, node, cell, name, units);
  const mask = condition === null ? undefined : maskRef(building, node, body, condition, first);
  const ref = add(building, { ...node, name, outputs: [name] }, doing, [from.ref], {
    weights,
    ...(start && { initialState: start }),
    ...(mask !== undefined && { mask }),
  });
  const sequence = live(ref, [time, units], [[0], from.samples, [1]]);
  return { ref, returnsState: returnState, sequence, samples: from.samples };
}

/** Where the Loop gives the last output of this sequence by itself. */
function isRepeated({ carried, scans }: Body, scan: number): number[] {
  return carried.flatMap((one, at) => (one?.next === scans[scan].name ? [at] : []));
}

/** Called as the Keras layer is: tf2onnx's names have the model before it and the loop behind. */
function loopName(node: NodeProto, at: number, count: number): string {
  const plain = layerName(node)
    .replace(/(\/PartitionedCall)?\/while(_loop)?$/, '')
    .replace(/^(model|functional|sequential)(_\d+)?\/(?=.)/, '');
  return count > 1 ? `${plain}/cell_${at}` : plain;
}

function startOf(building: Building, node: NodeProto, { operator, h, c }: Cell, name: string, units: number) {
  const state = (carried: Carried | null): Value | null => {
    const value = carried && building.values.get(carried.start);
    if (value?.kind === 'constant' && value.shape.length === 2) return { ...value, shape: [1, ...value.shape] };
    if (value?.kind === 'live' && value.axes.length === 2) return live(value.ref, value.shape, [[], ...value.axes]);
    if (value?.kind === 'filled') return value;
    if (carried !== null) throw cannot('what its states start from is computed in a way that the lab does not follow.');
    return null;
  };
  const place = { at: 0, count: 1, units, layout: 0, operator, name };
  return initialStates(building, node, { initialH: state(h), initialC: state(c) }, place);
}

function outputOf(
  building: Building,
  node: NodeProto,
  { body, cells, scans }: Understood,
  made: ReadonlyMap<Cell, Made>,
  at: number,
): Value {
  const lost: Value = { kind: 'lost', ref: layerName(node) };
  const { carried, constants } = body;
  const scan = scans[body.scans.findIndex(({ place }) => place === at)];
  if (scan || at >= carried.length) return (scan && made.get(scan.cell)?.sequence) ?? lost;
  const one = carried[at];
  if (one === null) return building.values.get(constants[at]) ?? lost;
  const cell = cells.find(({ h, c }) => h.self === one.self || c?.self === one.self);
  if (cell) {
    const { ref, returnsState, samples } = made.get(cell) as Made;
    const state = returnsState ? `${ref}:${cell.h.self === one.self ? 1 : 2}` : ref;
    return live(state, [cell.parts[0].added.length], [samples, [0]]);
  }
  const last = scans[body.scans.findIndex(({ name }) => name === one.next)];
  const sequence = last && made.get(last.cell)?.sequence;
  if (!sequence || !building.uses.has(node.outputs[at])) return lost;
  return picked(building, node, sequence, 0, -1);
}
