/*
 * A run of which not all is kept: the states of recurrent calls at the beginning of every window of timesteps, and overviews (the smallest and the
 * largest of blocks of rows). A window is computed again, by the same engine from the same numbers, when it is looked at: to the last bit what it was.
 */
import { isRecurrent, type RecurrentLayer, type Shape } from '../../layers/layer.ts';
import { stateLength, stateNames } from '../../layers/recurrent.ts';
import { rowsOf, type Tensor, tensor, widthOf } from '../../math/tensor.ts';
import { type Call, callName, isStateful } from '../../model/graph.ts';
import { shapesOfSample } from '../../model/samples.ts';
import { isTimewise, timesteps } from '../../trace/timewise.ts';
import { callNumbers, callSeconds } from '../choose.ts';
import { type Computed, computeLayer } from '../compute-layer.ts';
import type { CarriedStates, GivenStates, WindowedRun } from '../engine.ts';
import { isDone, type Part, type Run } from './part.ts';
import { recurrentPart } from './recurrent-part.ts';
import { sizesFor, type Windowed } from './sizes.ts';
import { timewisePart } from './timewise-part.ts';
import { inputPart, wholePart } from './whole-part.ts';

export function runWindowed(
  run: Run,
  inputs: readonly Tensor[],
  carried: () => CarriedStates,
  given: GivenStates,
): WindowedRun {
  const { model, engine } = run;
  const inputShapes = inputs.map(({ shape }) => shape);
  const shapes = shapesOfSample(model, inputShapes);
  const seconds = callSeconds(engine, model, inputShapes);
  const numbers = callNumbers(model, inputShapes);
  const probes = probesOf(run, inputs, shapes);
  const sizes = sizesFor(
    probes.flatMap((one, at) => (one ? [sizeOfCall(model.calls[at], one, shapes, seconds[at])] : [])),
    run.memory,
    run.samples,
  );

  const parts: Part[] = [];
  const sample = { ...run, parts, sizes, carried, given };
  for (const [at, call] of model.calls.entries()) {
    const one = probes[at];
    const { layer } = call;
    if (layer.kind === 'input') parts.push(inputPart(call, inputs[model.inputs.indexOf(at)]));
    else if (!one) parts.push(wholePart(sample, call, shapes[at], numbers[at]));
    else if (isRecurrent(layer)) parts.push(recurrentPart(sample, call as Call & { layer: RecurrentLayer }, one));
    else parts.push(timewisePart(sample, call, one));
  }

  const all = seconds.reduce((sum, each) => sum + each, 0) || 1;
  return {
    trace: {
      inputs,
      get calls() {
        return parts.map(({ trace }) => trace);
      },
      get outputs() {
        return model.outputs.map((ref) => (ref === null ? null : parts[ref.call].trace.returns[ref.output]));
      },
    },
    get fraction() {
      return parts.reduce((sum, { done, total }, at) => sum + (seconds[at] * done) / total, 0) / all;
    },
    get isDone() {
      return parts.every(isDone);
    },
    get carried() {
      const states = new Map(carried());
      for (const { call, finalState } of parts)
        if (isStateful(call.layer) && finalState) states.set(call.layer.name, finalState);
      return states;
    },
    advance() {
      // What stands last goes first: it finds the windows that it needs at hand.
      const next = parts.findLast((part) => part.isReady());
      if (!next) throw new Error('no call of the model can be computed next');
      next.advance();
    },
  };
}

/** One timestep of each call that is computed window by window, for shapes and types; null for calls that are computed at once. */
function probesOf(run: Run, inputs: readonly Tensor[], shapes: readonly (readonly Shape[])[]): (Computed | null)[] {
  const { model } = run;
  const probes: (Computed | null)[] = [];
  // One timestep of what each call returns.
  const samples: (readonly Tensor[])[] = [];
  for (const [at, { layer, inputs: sources }] of model.calls.entries()) {
    if (layer.kind === 'input') {
      const input = inputs[model.inputs.indexOf(at)];
      probes.push(null);
      samples.push([input.shape.length === 0 ? input : timesteps(input, 0, 1)]);
      continue;
    }
    const seen = sources.map((ref) => ({ shape: shapes[ref.call][ref.output] as readonly number[] }));
    const isWindowed = isRecurrent(layer) || isTimewise(layer, seen);
    const one = isWindowed
      ? computeLayer(run, layer, {
          inputs: sources.map((ref) => samples[ref.call][ref.output]),
          masks: sources.map(() => null),
          initialState: null,
        })
      : null;
    probes.push(one);
    samples.push(
      shapes[at].map((shape, n) => {
        const known = one && !isRecurrent(layer) ? one.returns[n] : null;
        if (known) return known;
        const type = run.engine === 'simd' ? Float32Array : Float64Array;
        const part = [1, ...shape.slice(1)] as number[];
        const size = part.reduce((product, length) => product * length, 1);
        return tensor(part, new type(size));
      }),
    );
  }
  return probes;
}

function sizeOfCall(call: Call, one: Computed, shapes: readonly (readonly Shape[])[], seconds: number): Windowed {
  const { layer } = call;
  const [{ call: source, output }] = call.inputs;
  const steps = shapes[source][output][0] as number;
  const { data } = Object.values(one.quantities)[0];
  return {
    name: callName(call),
    timesteps: steps,
    state: isRecurrent(layer) ? stateNames(layer).reduce((sum, state) => sum + stateLength(layer, state), 0) : 0,
    quantities: Object.values(one.quantities).map((t) => [steps * rowsOf(t), widthOf(t)]),
    bytes: data.BYTES_PER_ELEMENT,
    seconds: seconds / steps,
  };
}
