import { isRecurrent, type Layer, type Quantities, type TimeDistributedLayer } from '../layers/layer.ts';
import { timestepOf } from '../layers/time-distributed.ts';
import { windowCount } from '../layers/windows.ts';
import { rowsOf, type Tensor, tensor } from '../math/tensor.ts';
import { isTimewise, timesteps, timewiseInputs } from '../trace/timewise.ts';
import {
  type Computed,
  computeLayer,
  distributedTrace,
  type Given,
  type Prepared,
  pointQuantities,
  pointTrace,
  seenBy,
} from './compute-layer.ts';

/** A piece should take between these times, in milliseconds: the next is made larger or smaller. Whatever their sizes, the numbers are the same. */
const [SHORT_MS, LONG_MS] = [3, 10];

/** How a layer is cut: how many rows there are to compute, and what it is given to compute some of them. */
interface Cut {
  readonly rows: number;
  given(from: number, to: number): Given;
}

/**
 * One call of a layer that is not recurrent, to the last bit as `computeLayer` has it, in pieces: timesteps, rows of an attention's query, or windows of
 * a convolution or pooling. Yields how much is done, from 0 to 1. A layer that needs all its input for any of its numbers is computed at once.
 */
export function* layerInPieces(prepared: Prepared, layer: Layer, given: Given): Generator<number, Computed> {
  if (layer.kind === 'time_distributed') return yield* distributedInPieces(prepared, layer, given);
  const cut = isRecurrent(layer) ? null : cutOf(layer, { ...given, inputs: seenBy(layer, given.inputs) });
  if (cut === null || cut.rows < 2) return computeLayer(prepared, layer, given);
  const { rows } = cut;
  let all: Quantities | null = null;
  for (let from = 0, size = 1; from < rows; ) {
    const to = Math.min(rows, from + size);
    const start = performance.now();
    const quantities = pointQuantities(prepared, layer, cut.given(from, to));
    all ??= roomFor(quantities, rows, to - from);
    for (const [symbol, { data }] of Object.entries(quantities))
      all[symbol].data.set(data, (from * data.length) / (to - from));
    const took = performance.now() - start;
    from = to;
    size = took < SHORT_MS ? 2 * size : took > LONG_MS ? Math.max(1, size >> 1) : size;
    if (from < rows) yield from / rows;
  }
  return pointTrace(prepared, layer, given, all as Quantities);
}

function* distributedInPieces(
  prepared: Prepared,
  layer: TimeDistributedLayer,
  given: Given,
): Generator<number, Computed> {
  const inside = prepared.inner.get(layer) as Layer;
  const [count] = given.inputs[0].shape;
  const slices: Computed[] = [];
  for (let t = 0; t < count; t++) {
    const pieces = layerInPieces(prepared, inside, { ...timestepOf(given, t), initialState: null });
    let next = pieces.next();
    for (; !next.done; next = pieces.next()) yield (t + next.value) / count;
    slices.push(next.value);
    if (t + 1 < count) yield (t + 1) / count;
  }
  return distributedTrace(prepared, layer, given, slices);
}

/** Null for a layer that cannot be cut. */
function cutOf(layer: Layer, given: Given): Cut | null {
  const { inputs, masks } = given;
  const [first] = inputs;
  const made = new Map<string, unknown>();
  const piece = (from: number, to: number) => ({
    from,
    to,
    shared<T>(name: string, make: () => T): T {
      if (!made.has(name)) made.set(name, make());
      return made.get(name) as T;
    },
  });
  switch (layer.kind) {
    case 'attention':
    case 'multi_head_attention': {
      const [mask, ...others] = masks;
      return {
        rows: rowsOf(first),
        given: (from, to) => ({
          ...given,
          // The value stays the key where no key is given.
          inputs: [timesteps(first, from, to), ...inputs.slice(1)],
          masks: [mask?.subarray(from, to) ?? null, ...others],
          piece: piece(from, to),
        }),
      };
    }
    case 'conv1d':
    case 'depthwise_conv1d':
    case 'pooling1d': {
      const size = layer.kind === 'pooling1d' ? layer.poolSize : layer.kernelSize;
      const length = layer.dataFormat === 'channels_first' ? first.shape[1] : first.shape[0];
      const rows = windowCount('', { ...layer, size }, length) as number;
      return { rows, given: (from, to) => ({ ...given, piece: piece(from, to) }) };
    }
    case 'bidirectional':
      return null;
  }
  if (!isTimewise(layer, inputs)) return null;
  const [rows] = first.shape;
  return {
    rows,
    given: (from, to) => ({
      ...given,
      inputs: timewiseInputs(layer, inputs, from, to),
      masks: masks.map((mask) => {
        const each = (mask?.length ?? 0) / rows;
        return mask?.subarray(from * each, to * each) ?? null;
      }),
    }),
  };
}

/** Quantities like these, which are of `part` rows, for `all` rows. */
function roomFor(quantities: Quantities, all: number, part: number): Quantities {
  return Object.fromEntries(
    Object.entries(quantities).map(([symbol, t]): [string, Tensor] => {
      const size = (t.data.length / part) * all;
      const room = t.data instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
      return [symbol, tensor([(t.shape[0] / part) * all, ...t.shape.slice(1)], room)];
    }),
  );
}
