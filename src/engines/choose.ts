import { kindOf } from '../layers/kinds.ts';
import { isRecurrent } from '../layers/layer.ts';
import { rowsOf, sizeOf, type Tensor, widthOf } from '../math/tensor.ts';
import type { Model } from '../model/graph.ts';
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

/** How many numbers the recording would hold. */
export function recordingSize(model: Model, batches: readonly (readonly Tensor[])[]): number {
  return work(model, batches).reduce((sum, { steps, numbers }) => sum + steps * numbers, 0);
}

/** The reference engine, unless it would take over two seconds. */
export function chooseEngine(model: Model, batches: readonly (readonly Tensor[])[]): EngineName {
  return referenceSeconds(model, batches) > 2 ? 'kernel' : 'reference';
}

/** For each call of each sample: its steps, and what each step takes. */
function work(model: Model, batches: readonly (readonly Tensor[])[]) {
  return batches.flatMap((batch) => {
    const samples =
      batch[0]?.shape.length === model.calls[model.inputs[0]].outputShapes[0].length ? 1 : (batch[0]?.shape[0] ?? 1);
    const longest = Math.max(
      1,
      ...batch.map((t) => Math.ceil(rowsOf(t) / samples), ...batch.map((t) => (t.shape.length === 2 ? widthOf(t) : 1))),
    );
    return model.calls.map(({ layer, inputs, outputShapes }) => {
      const input = inputs.length > 0 ? model.calls[inputs[0].call].outputShapes[inputs[0].output] : [];
      const known = (shape: readonly (number | null)[]) => sizeOf(shape.map((length) => length ?? longest));
      const width = known(outputShapes[0].slice(-1));
      const rows = isRecurrent(layer)
        ? known(input.slice(0, 1))
        : kindOf(layer).wholeInput
          ? 1
          : known(outputShapes[0].slice(0, -1));
      const weights =
        'weights' in layer && layer.kind !== 'embedding'
          ? Object.values(layer.weights).reduce((sum, t) => sum + (t?.data.length ?? 0), 0)
          : 0;
      const equations = kindOf(layer).equations(layer).length;
      return {
        steps: samples * rows,
        equations,
        multiplications: weights + equations * width,
        numbers: (equations + 1) * width,
      };
    });
  });
}
