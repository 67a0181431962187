import { kindOf } from '../../layers/kinds.ts';
import type { Layer } from '../../layers/layer.ts';
import type { Engine } from '../engine.ts';
import { graphEngine } from '../run-graph.ts';
import { alongTime, type Cell } from './along-time.ts';
import { gruCell, lstmCell, simpleRnnCell } from './recurrent.ts';
import { type Run, runConv1d, runDense, runEmbedding } from './row-by-row.ts';
import { makeSpace, type Space } from './space.ts';

/** Float32 by WebAssembly's vector instructions: what is heavy runs in assembly/, with weights packed once; what is light runs in float64 and is rounded. */
export const simd: Engine = graphEngine('simd', (layers) => {
  const space = makeSpace();
  const runs = new Map(layers.map((layer) => [layer, prepare(space, layer)]));
  return (layer, x, context) => (runs.get(layer) as Run)(x, context);
});

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

/** The layer's own loops in float64, their results in float32. */
function rounded(layer: Layer): Run {
  return (x, context) =>
    Object.fromEntries(
      Object.entries(kindOf(layer).forward(layer, x, context)).map(([symbol, { shape, data }]) => [
        symbol,
        { shape, data: Float32Array.from(data) },
      ]),
    );
}
