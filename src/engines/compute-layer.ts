import { embeddingIndices } from '../layers/embedding.ts';
import { kindOf } from '../layers/kinds.ts';
import {
  isRecurrent,
  type Layer,
  type Mask,
  type Piece,
  type Quantities,
  type RecurrentLayer,
  type RecurrentState,
  type TimeDistributedLayer,
} from '../layers/layer.ts';
import { recurrentReturns, reversed } from '../layers/recurrent.ts';
import { distributedMask, innerLayer, timestepOf } from '../layers/time-distributed.ts';
import { sizeOf, stacked, type Tensor, tensor } from '../math/tensor.ts';
import type { Model } from '../model/graph.ts';
import type { CallTrace } from '../trace/trace.ts';
import type { Compute } from './engine.ts';

/** A model as it runs: with how its layers are computed, and the layers inside TimeDistributed ones as layers of their own. */
export interface Prepared {
  readonly model: Model;
  readonly compute: Compute;
  readonly inner: ReadonlyMap<TimeDistributedLayer, Layer>;
}

/** What a layer gets. */
export interface Given {
  readonly inputs: readonly Tensor[];
  readonly masks: readonly Mask[];
  readonly initialState: RecurrentState | null;
  /** Whether the mask is handed on without being used. */
  readonly maskUnused?: boolean;
  /** Where only a piece of it is wanted. */
  readonly piece?: Piece;
}

/** A call's trace as it is when it has just been computed: all in memory. */
export interface Computed extends Omit<CallTrace, 'call'> {
  readonly inputs: readonly Tensor[];
  readonly quantities: Quantities;
  readonly returns: readonly Tensor[];
}

/** The layers inside TimeDistributed ones, with their weights. */
export function innerLayers(layers: readonly Layer[]): Map<TimeDistributedLayer, Layer> {
  const found = new Map<TimeDistributedLayer, Layer>();
  for (let layer of layers) {
    while (layer.kind === 'time_distributed') {
      const inside = innerLayer(layer);
      found.set(layer, inside);
      layer = inside;
    }
  }
  return found;
}

/** One call of a layer, all of it. */
export function computeLayer(prepared: Prepared, layer: Layer, given: Given): Computed {
  if (layer.kind === 'time_distributed') return distributed(prepared, layer, given);
  if (isRecurrent(layer)) return recurrent(prepared, layer, given);
  const seen = seenBy(layer, given.inputs);
  return pointTrace(prepared, layer, given, pointQuantities(prepared, layer, { ...given, inputs: seen }));
}

/** What a layer that is not recurrent sees of its inputs. */
export function seenBy(layer: Layer, inputs: readonly Tensor[]): readonly Tensor[] {
  return layer.kind === 'embedding' ? [embeddingIndices(layer, inputs[0])] : inputs;
}

/** What such a layer computes, or a piece of it. */
export function pointQuantities(prepared: Prepared, layer: Layer, { inputs, masks, piece }: Given): Quantities {
  const kind = kindOf(layer);
  const context = { mask: masks[0], initialState: null, inputs, masks, keras: prepared.model.keras, piece };
  return prepared.compute(layer, kind.wholeInput || kind.rows ? inputs[0] : asSteps(layer, inputs[0]), context);
}

/** The trace of such a layer around its quantities. */
export function pointTrace(prepared: Prepared, layer: Layer, given: Given, quantities: Quantities): Computed {
  const { masks } = given;
  const kind = kindOf(layer);
  const seen = seenBy(layer, given.inputs);
  const context = { mask: masks[0], initialState: null, inputs: seen, masks, keras: prepared.model.keras };
  return {
    inputs: seen,
    input: seen[0],
    mask: masks[0],
    initialState: null,
    quantities,
    returns: kind.returns?.(layer, quantities, context) ?? [
      tensor(kind.outputShapes(layer, ...seen.map(({ shape }) => shape))[0] as number[], quantities.y.data),
    ],
    outputMask: layer.endsMask
      ? null
      : kind.outputMask
        ? kind.outputMask(layer, context, prepared.model.keras)
        : masks[0],
  };
}

function recurrent(prepared: Prepared, layer: RecurrentLayer, given: Given): Computed {
  return recurrentTrace(layer, given, (mask) =>
    recurrentSteps(prepared, layer, given.inputs[0], mask, given.initialState),
  );
}

/** The mask that a recurrent layer uses, in the input's order. */
export function usedMask(layer: RecurrentLayer, { masks, maskUnused }: Pick<Given, 'masks' | 'maskUnused'>): Mask {
  return maskUnused ? null : layer.maskBackwards ? reversed(masks[0]) : masks[0];
}

/** The trace of a recurrent layer around its quantities, which `steps` computes. The mask is the one that it uses, in the input's order. */
export function recurrentTrace(layer: RecurrentLayer, given: Given, steps: (mask: Mask) => Quantities): Computed {
  const { inputs, masks, initialState } = given;
  const mask = usedMask(layer, given);
  const quantities = steps(mask);
  const context = { mask: layer.goBackwards ? reversed(mask) : mask, initialState };
  return {
    inputs: [inputs[0]],
    input: inputs[0],
    mask,
    initialState,
    quantities,
    returns: recurrentReturns(layer, quantities, context),
    // Keras hands the input's mask on as it came, also where go_backwards turned the sequence around.
    outputMask: layer.returnSequences ? masks[0] : null,
  };
}

/** A recurrent layer along these timesteps of its input, from this state. Input and mask are in the input's order, quantities in processing order. */
export function recurrentSteps(
  { compute }: Pick<Prepared, 'compute'>,
  layer: RecurrentLayer,
  input: Tensor,
  mask: Mask,
  initialState: RecurrentState | null,
): Quantities {
  const turned = <T extends Tensor | Mask>(value: T): T => (layer.goBackwards ? reversed(value) : value);
  return compute(layer, turned(input), { mask: turned(mask), initialState, inputs: [input], masks: [mask] });
}

/** Every timestep of the inputs goes through the layer inside, one after the other; what it computed there is kept one below the other. */
function distributed(prepared: Prepared, layer: TimeDistributedLayer, given: Given): Computed {
  const inside = prepared.inner.get(layer) as Layer;
  const slices = Array.from({ length: given.inputs[0].shape[0] }, (_, t) =>
    computeLayer(prepared, inside, { ...timestepOf(given, t), initialState: null }),
  );
  return distributedTrace(prepared, layer, given, slices);
}

/** The trace of a TimeDistributed layer from what it did at each timestep. */
export function distributedTrace(
  prepared: Prepared,
  layer: TimeDistributedLayer,
  { inputs, masks }: Given,
  slices: readonly Computed[],
): Computed {
  const quantities: Quantities = Object.fromEntries(
    Object.keys(slices[0].quantities).map((symbol) => {
      const { shape, data } = stacked(slices.map((slice) => slice.quantities[symbol]));
      return [symbol, tensor([shape[0] * shape[1], ...shape.slice(2)], data)];
    }),
  );
  return {
    inputs,
    input: inputs[0],
    mask: masks[0],
    initialState: null,
    quantities,
    returns: slices[0].returns.map((_, output) => stacked(slices.map(({ returns }) => returns[output]))),
    outputMask: distributedMask(
      layer,
      masks[0],
      slices.map(({ outputMask }) => outputMask),
      prepared.model.keras,
    ),
  };
}

/** [steps, width]: an Embedding looks up number by number, every other layer sees row by row. */
function asSteps(layer: Layer, input: Tensor): Tensor {
  const width = layer.kind === 'embedding' ? 1 : sizeOf(input.shape.slice(-1));
  return tensor([input.data.length / width, width], input.data);
}
