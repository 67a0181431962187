import { embeddingIndices } from '../layers/embedding.ts';
import { kindOf } from '../layers/kinds.ts';
import {
  isRecurrent,
  type Layer,
  type Mask,
  type Quantities,
  type RecurrentLayer,
  type RecurrentState,
  type TimeDistributedLayer,
} from '../layers/layer.ts';
import { lastState, recurrentReturns, reversed } from '../layers/recurrent.ts';
import { distributedMask, innerLayer, timestepOf } from '../layers/time-distributed.ts';
import { sizeOf, stacked, type Tensor, tensor, whole } from '../math/tensor.ts';
import { type Call, callName, carriesMask, isStateful, type Model } from '../model/graph.ts';
import type { CallTrace, Trace } from '../trace/trace.ts';
import type { CarriedStates, Compute, Engine, GivenStates, Recorder } from './engine.ts';

/** A model as it runs: with how its layers are computed, and the layers inside TimeDistributed ones as layers of their own. */
interface Prepared {
  readonly model: Model;
  readonly compute: Compute;
  readonly inner: ReadonlyMap<TimeDistributedLayer, Layer>;
}

/** What a layer gets. */
interface Given {
  readonly inputs: readonly Tensor[];
  readonly masks: readonly Mask[];
  readonly initialState: RecurrentState | null;
  /** Whether the mask is handed on without being used. */
  readonly maskUnused?: boolean;
}

/** A call's trace as it is when it has just been computed: all in memory. */
interface Computed extends Omit<CallTrace, 'call'> {
  readonly quantities: Quantities;
  readonly returns: readonly Tensor[];
}

/** The forward pass, shared by all engines: it walks the calls in order and hands on tensors, masks and states. It returns everything it saw. */
export function graphEngine(name: Engine['name'], prepareLayers: (layers: readonly Layer[]) => Compute): Engine {
  return {
    name,
    prepare(model): Recorder {
      const inner = innerLayers(model.layers);
      const compute = prepareLayers([
        ...model.layers.filter((layer) => layer.kind !== 'time_distributed'),
        ...inner.values(),
      ]);
      return {
        record: (inputs, carried = new Map(), given = new Map()) =>
          runGraph({ model, compute, inner }, inputs, carried, given),
      };
    },
  };
}

/** The layers inside TimeDistributed ones, with their weights. */
function innerLayers(layers: readonly Layer[]): Map<TimeDistributedLayer, Layer> {
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

function runGraph(
  prepared: Prepared,
  inputs: readonly Tensor[],
  carried: CarriedStates,
  given: GivenStates,
): { trace: Trace; carried: CarriedStates } {
  const { model } = prepared;
  const done: CallTrace[] = [];
  const states = new Map(carried);
  for (const [at, call] of model.calls.entries()) {
    const { layer } = call;
    const computed =
      layer.kind === 'input'
        ? inputTrace(inputs[model.inputs.indexOf(at)])
        : compute(prepared, layer, received(model, call, done, startState(call, done, given, states)));
    done.push({ call, ...computed });
    if (isStateful(layer)) states.set(layer.name, lastState(layer as RecurrentLayer, computed.quantities));
  }
  const outputs = model.outputs.map((ref) => (ref === null ? null : done[ref.call].returns[ref.output]));
  return { trace: { inputs, calls: done, outputs }, carried: states };
}

function inputTrace(input: Tensor): Computed {
  return { inputs: [], input, mask: null, initialState: null, quantities: {}, returns: [input], outputMask: null };
}

function received(model: Model, call: Call, done: readonly CallTrace[], initialState: RecurrentState | null): Given {
  const tensors = call.inputs.map((ref) => whole(done[ref.call].returns[ref.output]));
  const masks = call.inputs.map((ref) =>
    carriesMask(model.calls[ref.call], ref.output) ? done[ref.call].outputMask : null,
  );
  if (call.mask !== null)
    masks[0] = Uint8Array.from(whole(done[call.mask.call].returns[call.mask.output]).data, (value) =>
      value === 0 ? 0 : 1,
    );
  return { inputs: tensors, masks, initialState, maskUnused: !call.usesMask && call.mask === null };
}

/** Keras's order of precedence: an initial_state that is wired or given (by a person, else by the model), then what a stateful layer carried, then zeros (null). */
function startState(
  call: Call,
  done: readonly CallTrace[],
  given: GivenStates,
  carried: CarriedStates,
): RecurrentState | null {
  const { layer, initialState, states } = call;
  if (!isRecurrent(layer)) return null;
  if (states.length > 0) {
    const [h, c] = states.map((ref) => Float64Array.from(whole(done[ref.call].returns[ref.output]).data));
    return layer.kind === 'lstm' ? { h, c } : { h };
  }
  return given.get(callName(call)) ?? initialState ?? (layer.stateful ? carried.get(layer.name) : undefined) ?? null;
}

function compute(prepared: Prepared, layer: Layer, given: Given): Computed {
  if (layer.kind === 'time_distributed') return distributed(prepared, layer, given);
  const { inputs, masks, initialState, maskUnused } = given;
  if (isRecurrent(layer)) {
    const mask = maskUnused ? null : layer.maskBackwards ? reversed(masks[0]) : masks[0];
    const computed = recurrent(prepared.compute, layer, inputs[0], mask, initialState);
    // Keras hands the input's mask on as it came, also where go_backwards turned the sequence around.
    return { ...computed, outputMask: layer.returnSequences ? masks[0] : null };
  }
  const kind = kindOf(layer);
  const seen = layer.kind === 'embedding' ? [embeddingIndices(layer, inputs[0])] : inputs;
  const context = { mask: masks[0], initialState: null, inputs: seen, masks, keras: prepared.model.keras };
  const rows = kind.wholeInput || kind.rows ? seen[0] : asSteps(layer, seen[0]);
  const quantities = prepared.compute(layer, rows, context);
  return {
    inputs: seen,
    input: seen[0],
    mask: masks[0],
    initialState: null,
    quantities,
    returns: kind.returns?.(layer, quantities, context) ?? [
      tensor(kind.outputShapes(layer, ...seen.map(({ shape }) => shape))[0] as number[], quantities.y.data),
    ],
    outputMask: kind.outputMask ? kind.outputMask(layer, context, prepared.model.keras) : masks[0],
  };
}

function recurrent(
  compute: Compute,
  layer: RecurrentLayer,
  input: Tensor,
  mask: Mask,
  initialState: RecurrentState | null,
): Omit<Computed, 'outputMask'> {
  const turned = <T extends Tensor | Mask>(value: T): T => (layer.goBackwards ? reversed(value) : value);
  const context = { mask: turned(mask), initialState, inputs: [input], masks: [mask] };
  const quantities = compute(layer, turned(input), context);
  return {
    inputs: [input],
    input,
    mask,
    initialState,
    quantities,
    returns: recurrentReturns(layer, quantities, context),
  };
}

/** Every timestep of the inputs goes through the layer inside, one after the other; what it computed there is kept one below the other. */
function distributed(prepared: Prepared, layer: TimeDistributedLayer, given: Given): Computed {
  const inside = prepared.inner.get(layer) as Layer;
  const { inputs, masks } = given;
  const slices = Array.from({ length: inputs[0].shape[0] }, (_, t) =>
    compute(prepared, inside, { ...timestepOf(given, t), initialState: null }),
  );
  const quantities: Quantities = Object.fromEntries(
    Object.keys(slices[0].quantities).map((symbol) => {
      const { shape, data } = stacked(slices.map((slice) => whole(slice.quantities[symbol])));
      return [symbol, tensor([shape[0] * shape[1], ...shape.slice(2)], data)];
    }),
  );
  return {
    inputs,
    input: inputs[0],
    mask: masks[0],
    initialState: null,
    quantities,
    returns: slices[0].returns.map((_, output) => stacked(slices.map(({ returns }) => whole(returns[output])))),
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
