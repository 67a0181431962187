import { kindOf } from '../layers/kinds.ts';
import { isRecurrent, type Shape } from '../layers/layer.ts';
import { shapeText, sizeOf, type Tensor } from '../math/tensor.ts';
import type { Model, Ref } from '../model/graph.ts';
import { samplesOf, shapesOfSample } from '../model/samples.ts';
import type { EngineName } from '../trace/trace.ts';

/** What a mathjs equation costs besides its arithmetic, and what one multiplication costs, in seconds; `npm run bench` measures both. */
const SECONDS_PER_EQUATION = 10e-6;
const SECONDS_PER_MULTIPLICATION = 20e-9;

/** How long the reference engine would take for these batches, roughly, in seconds. */
export function referenceSeconds(model: Model, batches: readonly (readonly Tensor[])[]): number {
  return work(model, batches).reduce((sum, { steps, equations, multiplications }) => {
    return sum + steps * (equations * SECONDS_PER_EQUATION + multiplications * SECONDS_PER_MULTIPLICATION);
  }, 0);
}

/** How many numbers the recording would hold. Throws a LabError, with the layer, where a layer cannot take an input of this length. */
export function recordingSize(model: Model, batches: readonly (readonly Tensor[])[]): number {
  return work(model, batches).reduce((sum, { steps, numbers }) => sum + steps * numbers, 0);
}

/** The reference engine, unless it would take over two seconds. */
export function chooseEngine(model: Model, batches: readonly (readonly Tensor[])[]): EngineName {
  return referenceSeconds(model, batches) > 2 ? 'kernel' : 'reference';
}

/** For each call of each batch: its steps in all samples, and what each step takes. */
function work(model: Model, batches: readonly (readonly Tensor[])[]) {
  const perSample = new Map<string, readonly CallWork[]>();
  return batches.flatMap((batch) => {
    const samples = samplesOf(model, batch);
    const shapes = samples[0].map(({ shape }) => shape);
    const key = shapes.map(shapeText).join();
    const calls = perSample.get(key) ?? workOfSample(model, shapes);
    perSample.set(key, calls);
    return calls.map((call) => ({ ...call, steps: samples.length * call.steps }));
  });
}

interface CallWork {
  readonly steps: number;
  readonly equations: number;
  readonly multiplications: number;
  readonly numbers: number;
}

function workOfSample(model: Model, inputShapes: readonly Shape[]): CallWork[] {
  const shapes = shapesOfSample(model, inputShapes);
  return model.calls.map(({ layer, inputs }, at) => {
    const shapeOf = (ref: Ref | undefined) => (ref ? shapes[ref.call][ref.output] : []) as readonly number[];
    const output = shapes[at][0] as readonly number[];
    const steps = isRecurrent(layer) ? shapeOf(inputs[0])[0] : sizeOf(output.slice(0, -1));
    const width = output.length === 0 ? 1 : output[output.length - 1];
    const equations = kindOf(layer).equations(layer).length;
    const weights =
      'weights' in layer && layer.kind !== 'embedding'
        ? Object.values(layer.weights).reduce((sum, t) => sum + (t?.data.length ?? 0), 0)
        : 0;
    // Each timestep asks all timesteps of the value: a score and what softmax makes of it.
    const asked = layer.kind === 'attention' || layer.kind === 'multi_head_attention' ? shapeOf(inputs[1])[0] : 0;
    const scores = 2 * asked * (layer.kind === 'multi_head_attention' ? layer.numHeads : 1);
    return {
      steps,
      // A layer that takes the whole input at once evaluates each equation once.
      equations: kindOf(layer).wholeInput ? equations / Math.max(1, steps) : equations,
      multiplications: weights + (equations + asked) * width,
      numbers: (equations + 1) * width + scores,
    };
  });
}
