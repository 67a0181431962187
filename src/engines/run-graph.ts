import { isRecurrent, type Layer, type Quantities, type RecurrentLayer, type RecurrentState } from '../layers/layer.ts';
import { lastState } from '../layers/recurrent.ts';
import { type Tensor, tensor, widthOf } from '../math/tensor.ts';
import { type Call, carriesMask, isStateful, type Model } from '../model/graph.ts';
import { timesteps } from '../trace/timewise.ts';
import type { CallTrace } from '../trace/trace.ts';
import { callSeconds } from './choose.ts';
import {
  type Computed,
  computeLayer,
  type Given,
  innerLayers,
  type Prepared,
  recurrentSteps,
  recurrentTrace,
  usedMask,
} from './compute-layer.ts';
import type { CarriedStates, Compute, Engine, GivenStates, Recorded, Recorder } from './engine.ts';
import { layerInPieces } from './layer-in-pieces.ts';
import { makeCache } from './windowed/cache.ts';
import { runWindowed } from './windowed/run-windowed.ts';
import { CACHE_SHARE } from './windowed/sizes.ts';
import { maskOf, startState } from './wiring.ts';

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
      const prepared = { model, compute, inner };
      return {
        record(inputs, carried = new Map(), given = new Map()) {
          const run = runGraph(prepared, name, inputs, carried, given, false);
          let next = run.next();
          while (!next.done) next = run.next();
          return next.value;
        },
        recordInPieces: (inputs, carried = new Map(), given = new Map()) =>
          runGraph(prepared, name, inputs, carried, given, true),
        windowed(memory, samples) {
          const shared = { memory, samples, cache: makeCache(memory * CACHE_SHARE), room: { taken: 0 } };
          return (inputs, carried = () => new Map(), given = new Map()) =>
            runWindowed({ ...prepared, engine: name, ...shared }, inputs, carried, given);
        },
      };
    },
  };
}

/** Yields how much of the work is done, from 0 to 1, after every call; `inPieces`: also within calls. */
function* runGraph(
  prepared: Prepared,
  engine: Engine['name'],
  inputs: readonly Tensor[],
  carried: CarriedStates,
  given: GivenStates,
  inPieces: boolean,
): Generator<number, Recorded> {
  const { model } = prepared;
  const done: (CallTrace & Computed)[] = [];
  const states = new Map(carried);
  const shapes = inputs.map(({ shape }) => shape);
  const seconds = inPieces ? callSeconds(engine, model, shapes) : model.calls.map(() => 0);
  const all = seconds.reduce((sum, each) => sum + each, 0) || 1;
  let passed = 0;
  for (const [at, call] of model.calls.entries()) {
    const { layer } = call;
    const fetched = layer.kind === 'input' ? null : received(model, call, done, startState(call, done, given, states));
    const computed =
      fetched === null
        ? inputTrace(inputs[model.inputs.indexOf(at)])
        : isRecurrent(layer) && inPieces
          ? yield* recurrentInPieces(prepared, layer, fetched, seconds[at], (part) => (passed + part) / all)
          : inPieces
            ? yield* layerPart(prepared, layer, fetched, (part) => (passed + part * seconds[at]) / all)
            : computeLayer(prepared, layer, fetched);
    done.push({ call, ...computed });
    if (isStateful(layer)) states.set(layer.name, lastState(layer as RecurrentLayer, computed.quantities));
    passed += seconds[at];
    yield passed / all;
  }
  const outputs = model.outputs.map((ref) => (ref === null ? null : done[ref.call].returns[ref.output]));
  return { trace: { inputs, calls: done, outputs }, carried: states };
}

function* layerPart(
  prepared: Prepared,
  layer: Layer,
  given: Given,
  fraction: (done: number) => number,
): Generator<number, Computed> {
  const pieces = layerInPieces(prepared, layer, given);
  for (;;) {
    const next = pieces.next();
    if (next.done) return next.value;
    yield fraction(next.value);
  }
}

/** As long as a piece of a recurrent layer takes, roughly, in seconds. */
const PIECE_SECONDS = 0.008;

function* recurrentInPieces(
  prepared: Prepared,
  layer: RecurrentLayer,
  given: Given,
  seconds: number,
  fraction: (secondsDone: number) => number,
): Generator<number, Computed> {
  const [input] = given.inputs;
  const steps = input.shape[0];
  const piece = Math.max(1, Math.min(steps, Math.floor((PIECE_SECONDS * steps) / seconds)));
  let all: Quantities | null = null;
  let state = given.initialState;
  const mask = usedMask(layer, given);
  for (let from = 0; from < steps; from += piece) {
    const to = Math.min(steps, from + piece);
    const [first, last] = layer.goBackwards ? [steps - to, steps - from] : [from, to];
    const used = mask?.subarray(first, last) ?? null;
    const quantities = recurrentSteps(prepared, layer, timesteps(input, first, last), used, state);
    all ??= roomFor(quantities, steps);
    for (const [symbol, { data }] of Object.entries(quantities))
      all[symbol].data.set(data, from * widthOf(all[symbol]));
    state = lastState(layer, quantities);
    yield fraction((seconds * to) / steps);
  }
  return recurrentTrace(layer, given, () => all as Quantities);
}

/** Quantities like these, of so many steps. */
function roomFor(quantities: Quantities, steps: number): Quantities {
  return Object.fromEntries(
    Object.entries(quantities).map(([symbol, { shape, data }]) => {
      const size = steps * widthOf({ shape });
      const room = data instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
      return [symbol, tensor([steps, ...shape.slice(1)], room)];
    }),
  );
}

function inputTrace(input: Tensor): Computed {
  return { inputs: [], input, mask: null, initialState: null, quantities: {}, returns: [input], outputMask: null };
}

/** What a call gets from the calls before it. */
function received(model: Model, call: Call, done: readonly Computed[], initialState: RecurrentState | null): Given {
  const tensors = call.inputs.map((ref) => done[ref.call].returns[ref.output]);
  const masks = call.inputs.map((ref) =>
    carriesMask(model.calls[ref.call], ref.output) ? done[ref.call].outputMask : null,
  );
  if (call.mask !== null) masks[0] = maskOf(done[call.mask.call].returns[call.mask.output]);
  return { inputs: tensors, masks, initialState, maskUnused: !call.usesMask && call.mask === null };
}
