import type { Tensor } from '../math/tensor.ts';
import { dense } from './dense.ts';
import { embedding } from './embedding.ts';
import type { Layer, LayerKind } from './layer.ts';
import { lstm } from './lstm.ts';
import { masking } from './masking.ts';
import { activation, dropout, flatten, input } from './pointwise.ts';

type Kinds = { readonly [K in Layer['kind']]: LayerKind<Extract<Layer, { kind: K }>> };

const kinds: Kinds = { input, embedding, lstm, dense, dropout, activation, flatten, masking };

/** What the lab knows of this layer's kind. */
export function kindOf<L extends Layer>(layer: L): LayerKind<L> {
  return kinds[layer.kind] as unknown as LayerKind<L>;
}

/** The layer's weights by Keras's names, in Keras's order; empty for a layer without. */
export function weightsOf(layer: Layer): [name: string, weights: Tensor][] {
  if (!('weights' in layer)) return [];
  return Object.entries(layer.weights).map(([key, value]) => [
    key === 'recurrentKernel' ? 'recurrent_kernel' : key,
    value,
  ]);
}
