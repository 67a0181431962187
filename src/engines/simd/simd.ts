import { kindOf } from '../../layers/kinds.ts';
import { isRecurrent, type Layer, type Quantities, type RecurrentLayer, type StepContext } from '../../layers/layer.ts';
import { lastState } from '../../layers/recurrent.ts';
import { row, rowsOf, type Tensor, tensor, widthOf } from '../../math/tensor.ts';
import type { Compute, Engine } from '../engine.ts';
import { graphEngine } from '../run-graph.ts';
import { alongTime } from './along-time.ts';
import { type Cell, WIDE } from './cell.ts';
import { gruCell, lstmCell, simpleRnnCell } from './recurrent.ts';
import { type Run, runConv1d, runDense, runEmbedding } from './row-by-row.ts';
import { makeSpace, type Space } from './space.ts';
import { availableThreads, WorkerLost } from './team.ts';

/**
 * Float32 by WebAssembly's vector instructions: what is heavy runs in assembly/, with weights packed once; what is light runs in float64 and is rounded.
 * Wide recurrent layers are computed by two threads where there can be two, with the same results bit for bit.
 */
export const simd: Engine = simdEngine(availableThreads() > 1 ? 2 : 1);

export function simdEngine(threads: 1 | 2): Engine {
  return graphEngine('simd', (layers) => prepareLayers(layers, threads));
}

/** A window of a run, from a recorded state, is the same bit for bit as in the whole run; so are rows of a layer without states. */
export function prepareLayers(layers: readonly Layer[], threads: 1 | 2): Compute {
  let space = layers.some(isWide) ? sharedSpace(threads) : makeSpace();
  const all = () => new Map(layers.map((layer) => [layer, prepare(space, layer)]));
  let runs = all();
  return (layer, x, context) => {
    try {
      return (runs.get(layer) as Run)(x, context);
    } catch (error) {
      if (!(error instanceof WorkerLost)) throw error;
      // Whatever the worker still does, it does in a memory that nobody uses any more.
      space.team?.end();
      space = makeSpace();
      runs = all();
      return (runs.get(layer) as Run)(x, context);
    }
  };
}

function isWide(layer: Layer): boolean {
  return isRecurrent(layer) && layer.units >= WIDE;
}

function sharedSpace(threads: 1 | 2): Space {
  try {
    return makeSpace(threads);
  } catch {
    return makeSpace();
  }
}

function prepare(space: Space, layer: Layer): Run {
  switch (layer.kind) {
    case 'lstm':
      return layer.usePeepholes || layer.projectionUnits || layer.inputForget || layer.clip !== undefined
        ? rounded(layer)
        : recurrent(space, lstmCell(space, layer));
    case 'gru':
      return layer.clip !== undefined ? rounded(layer) : recurrent(space, gruCell(space, layer));
    case 'simple_rnn':
      return layer.clip !== undefined ? rounded(layer) : recurrent(space, simpleRnnCell(space, layer));
    case 'dense':
      return runDense(space, layer);
    case 'conv1d':
      return runConv1d(space, layer);
    case 'embedding':
      return runEmbedding(layer);
    default:
      return rounded(layer);
  }
}

const recurrent =
  (space: Space, cell: Cell): Run =>
  (x, context) =>
    alongTime(space, cell, x, context);

/** The layer's own loops in float64, their results in float32. A recurrent layer goes on from its states as they are recorded. */
function rounded(layer: Layer): Run {
  if (isRecurrent(layer)) return (x, context) => roundedSteps(layer, x, context);
  return (x, context) =>
    Object.fromEntries(
      Object.entries(kindOf(layer).forward(layer, x, context)).map(([symbol, { shape, data }]) => [
        symbol,
        { shape, data: Float32Array.from(data) },
      ]),
    );
}

function roundedSteps(layer: RecurrentLayer, x: Tensor, { mask, initialState, ...context }: StepContext): Quantities {
  const steps = rowsOf(x);
  const out = new Map<string, Tensor>();
  let state = initialState;
  for (let t = 0; t < steps; t++) {
    const step = kindOf(layer).forward(layer, tensor([1, widthOf(x)], row(x, t)), {
      ...context,
      mask: mask ? mask.subarray(t, t + 1) : null,
      initialState: state,
    });
    const recorded: Record<string, Tensor> = {};
    for (const [symbol, { shape, data }] of Object.entries(step)) {
      const all = out.get(symbol) ?? tensor([steps, ...shape.slice(1)], new Float32Array(steps * data.length));
      out.set(symbol, all);
      row(all, t).set(data);
      recorded[symbol] = { shape, data: row(all, t) };
    }
    state = lastState(layer, recorded);
  }
  return Object.fromEntries(out);
}
