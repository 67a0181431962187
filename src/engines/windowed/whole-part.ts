import { kindOf } from '../../layers/kinds.ts';
import { isRecurrent, type Layer, type RecurrentLayer, type RecurrentState, type Shape } from '../../layers/layer.ts';
import { lastState } from '../../layers/recurrent.ts';
import { LabError } from '../../math/lab-error.ts';
import { type LazyRows, type Rows, rowsOf, sizeOf, type Tensor, whole, widthOf } from '../../math/tensor.ts';
import { type Call, callName, carriesMask } from '../../model/graph.ts';
import { timesteps } from '../../trace/timewise.ts';
import type { CallTrace } from '../../trace/trace.ts';
import type { Computed } from '../compute-layer.ts';
import { layerInPieces } from '../layer-in-pieces.ts';
import { maskOf, startState } from '../wiring.ts';
import { carriedInto, isDone, type Part, type SampleRun } from './part.ts';

/** What an Input is given. */
export function inputPart(call: Call, input: Tensor): Part {
  const trace: CallTrace = {
    call,
    inputs: [],
    input,
    mask: null,
    initialState: null,
    quantities: {},
    returns: [input],
    outputMask: null,
  };
  return {
    call,
    trace,
    total: 1,
    done: 1,
    outputMask: null,
    finalState: null,
    isReady: () => false,
    advance: () => {},
  };
}

/** A call that is computed as a whole, in pieces that nobody sees before all are there, when all that it needs is there: short ones, and layers that see their whole input. `shapes`: what it returns. */
export function wholePart(run: SampleRun, call: Call, shapes: readonly Shape[], numbers: number): Part {
  const { layer } = call;
  const sources = [...call.inputs, ...call.states, ...(call.mask ? [call.mask] : [])].map((ref) => run.parts[ref.call]);
  const inputs = () => call.inputs.map((ref) => run.parts[ref.call].trace.returns[ref.output]);
  const carried = carriedInto(run, call);
  const pending = pendingTrace(call, shapes, inputs);
  let trace = pending;
  let finalState: RecurrentState | null = null;
  let pieces: Generator<number, Computed> | undefined;
  let fraction = 0;
  const begun = (): Generator<number, Computed> => {
    const seen = inputs().map((input) => needed(layer, input));
    takeRoom(run, call, seen, numbers);
    const masks = call.inputs.map((ref) =>
      carriesMask(run.parts[ref.call].call, ref.output) ? run.parts[ref.call].outputMask : null,
    );
    if (call.mask) masks[0] = maskOf(run.parts[call.mask.call].trace.returns[call.mask.output]);
    return layerInPieces(run, layer, {
      inputs: seen.map(whole),
      masks,
      initialState: startState(
        call,
        run.parts.map((part) => part.trace),
        run.given,
        carried.states(),
      ),
      maskUnused: !call.usesMask && call.mask === null,
    });
  };
  return {
    call,
    get trace() {
      return trace;
    },
    total: 1,
    get done() {
      return trace === pending ? fraction : 1;
    },
    get outputMask() {
      return trace.outputMask;
    },
    get finalState() {
      return finalState;
    },
    isReady: () => trace === pending && carried.isThere() && sources.every(isDone),
    advance() {
      pieces ??= begun();
      const next = pieces.next();
      if (!next.done) {
        fraction = next.value;
        return;
      }
      pieces = undefined;
      const computed = next.value;
      // Inputs that are not in memory stay where they are.
      const kept = inputs().map((input, at) => ('data' in input ? computed.inputs[at] : input));
      trace = { call, ...computed, inputs: kept, input: kept[0] };
      if (isRecurrent(layer)) finalState = lastState(layer as RecurrentLayer, computed.quantities);
    },
  };
}

/** Of what is not in memory, what the layer needs: one timestep that is picked is enough. */
function needed(layer: Layer, input: Rows): Rows {
  if ('data' in input || layer.kind !== 'slice' || layer.index === undefined) return input;
  const rank = input.shape.length;
  if ((layer.axis < 0 ? layer.axis + rank + 1 : layer.axis) !== 1) return input;
  const { index } = layer;
  // The index means the same timestep of what is left.
  return index < 0
    ? timesteps(input, input.shape[0] + index, input.shape[0])
    : timesteps(input, 0, Math.min(input.shape[0], index + 1));
}

/** A layer may need more than there is room for, beside what all samples have kept of such layers. */
function takeRoom({ memory, engine, room }: SampleRun, call: Call, inputs: readonly Rows[], numbers: number): void {
  const bytes = engine === 'simd' ? 4 : 8;
  const lazy = inputs.filter((input) => !('data' in input));
  const wanted = room.taken + bytes * (numbers + lazy.reduce((sum, { shape }) => sum + sizeOf(shape), 0));
  if (wanted > memory)
    throw new LabError({
      path: callName(call),
      problem: `${kindOf(call.layer).className(call.layer)} needs its whole input at once, and that is more than the run may take.`,
      received: `${Math.ceil(wanted / 2 ** 20)} MB`,
      hint: 'give more with --memory (MB), or fewer timesteps.',
    });
  room.taken += bytes * numbers;
}

/** What stands there until the call is computed. */
function pendingTrace(call: Call, shapes: readonly Shape[], inputs: () => readonly Rows[]): CallTrace {
  const returns = shapes.map((shape) => nothing(shape as readonly number[]));
  const [first] = returns;
  const rows = nothing([rowsOf(first), widthOf(first)]);
  const symbols = kindOf(call.layer)
    .equations(call.layer, call.inputs.length)
    .map(({ symbol }) => symbol);
  return {
    call,
    get inputs() {
      return inputs();
    },
    get input() {
      return inputs()[0];
    },
    mask: null,
    initialState: null,
    quantities: Object.fromEntries(symbols.map((symbol) => [symbol, rows])),
    returns,
    outputMask: null,
  };
}

function nothing(shape: readonly number[]): LazyRows {
  const width = widthOf({ shape });
  const none = () => new Float64Array(width).fill(Number.NaN);
  return {
    shape,
    computed: 0,
    read: (from, to) => new Float64Array((to - from) * width).fill(Number.NaN),
    extremes: () => ({ minimum: none(), maximum: none() }),
  };
}
