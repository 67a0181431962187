import { kindOf } from '../layers/kinds.ts';
import { isRecurrent, type Shape } from '../layers/layer.ts';
import { shapeText, sizeOf, type Tensor } from '../math/tensor.ts';
import type { Model, Ref } from '../model/graph.ts';
import { samplesOf, shapesOfSample } from '../model/samples.ts';
import type { EngineName } from '../trace/trace.ts';

/** What a mathjs equation costs besides its arithmetic, and what one multiplication costs, in seconds; `npm run bench` measures both. */
const SECONDS_PER_EQUATION = 20e-6;
const SECONDS_PER_MULTIPLICATION = 25e-9;

/** What `--engine` says: an engine, or auto, which chooses one. */
export type EngineChoice = EngineName | 'auto';

/** As long as a person who opens the lab may wait for the reference engine, in seconds. */
const PATIENCE = 0.3;

/** How much faster than reference the others are, roughly. */
const SPEEDUP: Readonly<Record<EngineName, number>> = { reference: 1, kernel: 4, simd: 60 };

/** How long an engine would take for these batches, roughly, in seconds. */
export function engineSeconds(engine: EngineName, model: Model, batches: readonly (readonly Tensor[])[]): number {
  return referenceSeconds(model, batches) / SPEEDUP[engine];
}

/** How long the reference engine would take for these batches, roughly, in seconds. */
export function referenceSeconds(model: Model, batches: readonly (readonly Tensor[])[]): number {
  return work(model, batches).reduce((sum, call) => sum + secondsOf(call), 0);
}

/** How long an engine takes for each call of one sample whose inputs have these shapes, roughly, in seconds. */
export function callSeconds(engine: EngineName, model: Model, inputShapes: readonly Shape[]): number[] {
  return workOfSample(model, inputShapes).map((call) => secondsOf(call) / SPEEDUP[engine]);
}

/** How many numbers each call of such a sample computes. */
export function callNumbers(model: Model, inputShapes: readonly Shape[]): number[] {
  return workOfSample(model, inputShapes).map(({ steps, numbers }) => steps * numbers);
}

/** With the reference engine. */
function secondsOf({ steps, equations, multiplications }: CallWork): number {
  return steps * (equations * SECONDS_PER_EQUATION + multiplications * SECONDS_PER_MULTIPLICATION);
}

/** How many numbers the recording would hold. Throws a LabError, with the layer, where a layer cannot take an input of this length. */
export function recordingSize(model: Model, batches: readonly (readonly Tensor[])[]): number {
  return work(model, batches).reduce((sum, { steps, numbers }) => sum + steps * numbers, 0);
}

/**
 * The engine that a choice means. Auto is the equations themselves (reference) where numbers are shown to be read and nobody waits for it, which is
 * to say for presets and other small models in the lab; else simd, float32 as every framework computes. What simd computed is held against the
 * equations all the same: timestep by timestep where the cursor rests, and all of it by `lstm-lab check`.
 */
export function chooseEngine(
  choice: EngineChoice,
  model: Model,
  batches: readonly (readonly Tensor[])[],
  shown: boolean,
): EngineName {
  if (choice !== 'auto') return choice;
  return shown && referenceSeconds(model, batches) < PATIENCE ? 'reference' : 'simd';
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
