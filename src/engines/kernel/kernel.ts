import { kindOf } from '../../layers/kinds.ts';
import type { Engine } from '../engine.ts';
import { graphEngine } from '../run-graph.ts';

/** Loops over typed arrays, float64: each layer's own `forward`. */
export const kernel: Engine = graphEngine(
  'kernel',
  () => (layer, x, context) => kindOf(layer).forward(layer, x, context),
);
