import { embeddingIndices, embeddingMask } from '../layers/embedding.ts';
import { kindOf } from '../layers/kinds.ts';
import type { Layer, LstmLayer, LstmState, Mask, Quantities } from '../layers/layer.ts';
import { lstmReturns, reversed } from '../layers/lstm.ts';
import { maskingMask } from '../layers/masking.ts';
import { LabError } from '../math/lab-error.ts';
import { row, rowsOf, sizeOf, type Tensor, tensor } from '../math/tensor.ts';
import type { Call, Model } from '../model/graph.ts';
import type { CallTrace, Trace } from '../trace/trace.ts';
import type { CarriedStates, Compute, Engine, Recorder } from './engine.ts';

/** The forward pass, shared by all engines: it walks the calls in order and hands on tensors, masks and states. It returns everything it saw. */
export function graphEngine(name: Engine['name'], prepareLayers: (layers: readonly Layer[]) => Compute): Engine {
  return {
    name,
    prepare(model): Recorder {
      const compute = prepareLayers(model.layers);
      return { record: (inputs, carried = new Map()) => runGraph(model, compute, inputs, carried) };
    },
  };
}

function runGraph(
  model: Model,
  compute: Compute,
  inputs: readonly Tensor[],
  carried: CarriedStates,
): { trace: Trace; carried: CarriedStates } {
  const done: CallTrace[] = [];
  const states = new Map(carried);
  for (const [at, call] of model.calls.entries()) {
    const sources = call.inputs.map((ref) => ({
      tensor: done[ref.call].returns[ref.output],
      // States carry no mask: compute_mask gives None for them.
      mask: ref.output === 0 ? done[ref.call].outputMask : null,
    }));
    const trace =
      call.layer.kind === 'input'
        ? inputTrace(call, inputs[model.inputs.indexOf(at)])
        : callTrace(
            call,
            sources[0].tensor,
            sources[0].mask,
            startState(call, sources.slice(1), states),
            compute,
            model.keras,
          );
    done.push(trace);
    if (call.layer.kind === 'lstm' && call.layer.stateful) states.set(call.layer.name, lastState(trace.quantities));
  }
  return {
    trace: { inputs, calls: done, outputs: model.outputs.map((ref) => done[ref.call].returns[ref.output]) },
    carried: states,
  };
}

function inputTrace(call: Call, input: Tensor): CallTrace {
  return { call, input, mask: null, initialState: null, quantities: {}, returns: [input], outputMask: null };
}

function callTrace(
  call: Call,
  given: Tensor,
  mask: Mask,
  initialState: LstmState | null,
  compute: Compute,
  keras: Model['keras'],
): CallTrace {
  const { layer } = call;
  const input = layer.kind === 'embedding' ? embeddingIndices(layer, given) : given;
  if (layer.kind === 'lstm') {
    const backward = layer.goBackwards;
    const context = { mask: backward ? reversed(mask) : mask, initialState };
    const quantities = compute(layer, backward ? reversed(input) : input, context);
    // Keras hands the input's mask on as it came, also where go_backwards turned the sequence around.
    const outputMask = layer.returnSequences ? mask : null;
    return {
      call,
      input,
      mask,
      initialState,
      quantities,
      returns: lstmReturns(layer, quantities, context),
      outputMask,
    };
  }
  const rows = kindOf(layer).wholeInput ? input : asSteps(layer, input);
  const quantities = compute(layer, rows, { mask: null, initialState: null });
  const { y } = quantities;
  const shape = kindOf(layer).outputShapes(layer, input.shape)[0] as readonly number[];
  return {
    call,
    input,
    mask,
    initialState: null,
    quantities,
    returns: [tensor(shape, y.data)],
    outputMask: nextMask(layer, input, mask, keras),
  };
}

/** [steps, width]: an Embedding looks up number by number, every other layer sees row by row. */
function asSteps(layer: Layer, input: Tensor): Tensor {
  const width = layer.kind === 'embedding' ? 1 : sizeOf(input.shape.slice(-1));
  return tensor([input.data.length / width, width], input.data);
}

function nextMask(layer: Exclude<Layer, LstmLayer>, input: Tensor, mask: Mask, keras: Model['keras']): Mask {
  if (layer.kind === 'embedding') return embeddingMask(layer, input);
  if (layer.kind === 'masking') return maskingMask(layer, input);
  if (layer.kind !== 'flatten' || mask === null) return mask;
  if (keras === 1) {
    throw new LabError({
      path: layer.name,
      problem: 'Flatten does not support masking in Keras 1, and a mask arrives from the layers before it.',
      hint: 'remove mask_zero or Masking, or set "keras": 3, where Flatten drops the mask.',
    });
  }
  return null;
}

/** Keras's order of precedence: an initial_state that is given or wired, then what a stateful layer carried, then zeros (null). */
function startState(
  { layer, initialState }: Call,
  wired: readonly { tensor: Tensor }[],
  carried: CarriedStates,
): LstmState | null {
  if (layer.kind !== 'lstm') return null;
  if (wired.length === 2)
    return { h: Float64Array.from(wired[0].tensor.data), c: Float64Array.from(wired[1].tensor.data) };
  return initialState ?? (layer.stateful ? carried.get(layer.name) : undefined) ?? null;
}

function lastState({ h, c }: Quantities): LstmState {
  const last = (t: Tensor) => Float64Array.from(row(t, rowsOf(t) - 1));
  return { h: last(h), c: last(c) };
}
