import type { Quantities, RecurrentLayer, RecurrentState, StepContext } from '../../layers/layer.ts';
import { stateNames } from '../../layers/recurrent.ts';
import { rowsOf, type Tensor, widthOf } from '../../math/tensor.ts';
import type { Pointer } from './kernels.ts';
import type { Packed } from './packed.ts';
import type { Space } from './space.ts';

/** Numbers of all quantities of a block of timesteps: a quarter of a second-level cache. */
const BLOCK = 65_536;

/** Timesteps of a block at least, so that the input's weights are read for many at once. */
const LEAST = 16;

/** A recurrent layer, ready to run. */
export interface Cell {
  readonly layer: RecurrentLayer;
  /** Its quantities in their order, [steps, units] each. */
  readonly symbols: readonly string[];
  readonly kernel: Packed;
  readonly bias: Pointer;
  /** Computes `count` steps from where the block begins. */
  steps(block: Block, count: number): void;
}

/** Where a block of timesteps stands in the memory. */
interface Block {
  /** Of the first quantity; the next is `stride` bytes behind. Row 0 of each is the step before the block. */
  readonly quantities: Pointer;
  readonly stride: number;
  /** x · W + b of each step */
  readonly projected: Pointer;
  /** A byte for each step, or 0. */
  readonly mask: Pointer;
}

/** Runs x [steps, features] through a cell, block by block: the products of a block's inputs first, all at once, then step by step. */
export function alongTime(space: Space, cell: Cell, x: Tensor, context: StepContext): Quantities {
  const { layer, symbols } = cell;
  const { units } = layer;
  const steps = rowsOf(x);
  const out = symbols.map(() => new Float32Array(steps * units));
  space.during(() => {
    const block = Math.min(steps, Math.max(LEAST, Math.floor(BLOCK / (symbols.length * units))));
    const row = 4 * units;
    // Behind each quantity's last row are four numbers that the kernels may write.
    const stride = 16 * Math.ceil(((block + 1) * row) / 16) + 16;
    const quantities = space.allocate((symbols.length * stride) / 4);
    const input = space.allocate(block * widthOf(x));
    // Gates are read from where they begin, in whole panels: up to one panel behind the last.
    const projected = space.allocate(block * cell.kernel.columns + 16);
    const mask = context.mask ? space.allocate(block / 4) : 0;
    const states = stateNames(layer).map((name) => ({ name, place: quantities + symbols.indexOf(name) * stride }));
    for (const { name, place } of states) start(space.at(place, units), context.initialState?.[name]);
    for (let from = 0; from < steps; from += block) {
      const count = Math.min(block, steps - from);
      if (from > 0) for (const { place } of states) space.at(place, units).set(space.at(place + block * row, units));
      project(space, cell, x.data.subarray(from * widthOf(x), (from + count) * widthOf(x)), input, projected);
      if (context.mask) space.bytesAt(mask, count).set(context.mask.subarray(from, from + count));
      cell.steps({ quantities, stride, projected, mask }, count);
      out.forEach((numbers, at) => {
        numbers.set(space.at(quantities + at * stride + row, count * units), from * units);
      });
    }
  });
  return Object.fromEntries(symbols.map((symbol, at) => [symbol, { shape: [steps, units], data: out[at] }]));
}

function start(state: Float32Array, given: RecurrentState['h'] | undefined): void {
  if (given) state.set(given);
  else state.fill(0);
}

function project(space: Space, { kernel, bias }: Cell, x: ArrayLike<number>, input: Pointer, projected: Pointer): void {
  space.at(input, x.length).set(x);
  const rows = x.length / kernel.depth;
  space.kernels.products(projected, bias, input, 4 * kernel.depth, rows, kernel.depth, kernel.place, kernel.panels);
}
