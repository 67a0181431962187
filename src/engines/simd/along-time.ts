import type { Quantities, RecurrentState, StepContext } from '../../layers/layer.ts';
import { stateNames } from '../../layers/recurrent.ts';
import { rowsOf, type Tensor, widthOf } from '../../math/tensor.ts';
import type { Cell } from './cell.ts';
import { writePart } from './part.ts';
import type { Space } from './space.ts';

/** Numbers of all quantities of a block of timesteps: a quarter of a second-level cache. */
const BLOCK = 65_536;

/** Timesteps of a block at least, so that the input's weights are read for many at once. */
const LEAST = 16;

/**
 * Runs x [steps, features] through a cell, block by block: the products of a block's inputs first, all at once, then step by step. Where blocks begin
 * makes no difference to any bit of the result: steps run from a recorded state are those of the whole run.
 */
export function alongTime(space: Space, { layer, symbols, parts }: Cell, x: Tensor, context: StepContext): Quantities {
  const { units } = layer;
  const steps = rowsOf(x);
  const features = widthOf(x);
  const out = symbols.map(() => new Float32Array(steps * units));
  space.during(() => {
    const block = Math.min(steps, Math.max(LEAST, Math.floor(BLOCK / (symbols.length * units))));
    const row = 4 * units;
    // Behind each quantity's last row are four numbers that the kernels may write.
    const stride = 64 * Math.ceil(((block + 1) * row + 16) / 64);
    const quantities = space.allocate((symbols.length * stride) / 4);
    const input = space.allocate(block * features);
    const mask = context.mask ? space.allocate(Math.ceil(block / 4)) : 0;
    for (const { place, columns } of parts) {
      // Gates are read from where they begin, in whole panels: up to one panel behind the last.
      const projected = space.allocate(block * columns + 16);
      writePart(space, place, { quantities, stride, input, projected, mask });
    }
    const states = stateNames(layer).map((name) => ({ name, place: quantities + symbols.indexOf(name) * stride }));
    for (const { name, place } of states) start(space.at(place, units), context.initialState?.[name]);
    const [first, second = 0] = parts.map(({ place }) => place);
    const { kernel, recurrentKernel } = layer.weights;
    const multiplications = kernel.data.length + recurrentKernel.data.length;
    for (let from = 0; from < steps; from += block) {
      const count = Math.min(block, steps - from);
      if (from > 0) for (const { place } of states) space.at(place, units).set(space.at(place + block * row, units));
      space.at(input, count * features).set(x.data.subarray(from * features, (from + count) * features));
      if (context.mask) space.bytesAt(mask, count).set(context.mask.subarray(from, from + count));
      for (const { place } of parts) writePart(space, place, { steps: count });
      if (second && space.team) space.team.run(first, second, count * multiplications);
      else space.kernels.run(first, second, 0);
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
