import type { Quantities } from '../../layers/layer.ts';
import { type LazyRows, rowsOf, type Tensor, widthOf } from '../../math/tensor.ts';
import type { Window } from './cache.ts';
import { lazyRows } from './lazy-rows.ts';
import { makeOverview } from './overview.ts';
import type { Run } from './part.ts';
import type { Sizes } from './sizes.ts';

/** What a call computes along its timesteps, window by window. */
export interface Windows {
  readonly quantities: Readonly<Record<string, LazyRows>>;
  /** Timesteps that are done. */
  readonly done: number;
  /** Window number `at`, computed again if it is not at hand. */
  at(at: number): Window;
  /** Computes the next window for the first time. */
  next(): Window;
  /** Another array of the call: `one` timestep of it, and where its rows are in a window. */
  rows(one: Tensor, pick: (window: Window) => Tensor['data'], like?: string): LazyRows;
}

/** `one`: the quantities of one timestep, for their shapes and types. */
export function makeWindows(
  { cache, sizes }: Pick<Run, 'cache'> & { readonly sizes: Sizes },
  one: Quantities,
  steps: number,
  compute: (at: number) => Window,
  isBackward = false,
): Windows {
  const { window, block } = sizes;
  const owner = {};
  let done = 0;
  // Seen from the input's beginning, blocks of both directions are the same timesteps.
  const length = block * window;
  const shift = isBackward ? (length - (steps % length)) % length : 0;
  // What comes for the first time is needed by the call after it at once, and then perhaps never again: it does not drive others out.
  let latest: { readonly number: number; readonly window: Window } | null = null;
  const overviews = new Map(
    Object.entries(one).map(([symbol, { shape, data }]) => {
      const each = rowsOf({ shape });
      const rows = length * each;
      const norms = symbol === 'h' || symbol === 'y';
      return [symbol, makeOverview(steps * each, widthOf({ shape }), rows, shift * each, typeOf(data), norms)] as const;
    }),
  );
  const at = (number: number): Window => {
    const known = latest?.number === number ? latest.window : cache.get(owner, number);
    if (known) return known;
    const found = compute(number);
    cache.set(owner, number, found);
    return found;
  };
  const rows: Windows['rows'] = ({ shape, data }, pick, like) => {
    const each = rowsOf({ shape });
    return lazyRows({
      shape: [steps * shape[0], ...shape.slice(1)],
      type: typeOf(data),
      window: window * each,
      overview: (like !== undefined && overviews.get(like)) || null,
      computed: () => done * each,
      compute: (number) => pick(at(number)),
    });
  };
  return {
    quantities: Object.fromEntries(
      Object.entries(one).map(([symbol, t]) => [symbol, rows(t, ({ quantities }) => quantities[symbol].data, symbol)]),
    ),
    get done() {
      return done;
    },
    at,
    next() {
      const number = Math.floor(done / window);
      const found = compute(number);
      latest = { number, window: found };
      for (const [symbol, overview] of overviews) overview.add(found.quantities[symbol].data);
      done = Math.min(steps, done + window);
      if (done === steps) latest = null;
      return found;
    },
    rows,
  };
}

function typeOf(data: Tensor['data']): Float32ArrayConstructor | Float64ArrayConstructor {
  return data instanceof Float32Array ? Float32Array : Float64Array;
}
