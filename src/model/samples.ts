import { kindOf } from '../layers/kinds.ts';
import type { Shape } from '../layers/layer.ts';
import { LabError } from '../math/lab-error.ts';
import { moveAxis, shapeText, sizeOf, type Tensor, tensor } from '../math/tensor.ts';
import { callName, isStateful, type Model } from './graph.ts';

/**
 * A batch, one tensor [batch, …] for each input of the model, as samples: one tensor […] for each input.
 * A tensor without the batch axis is one sample. Throws a LabError that says which shape is wanted.
 */
export function samplesOf(model: Model, batch: readonly Tensor[]): Tensor[][] {
  const shapes = model.inputs.map((call) => model.calls[call].outputShapes[0]);
  if (batch.length !== shapes.length) {
    throw new LabError({
      path: 'input',
      problem: `the model has ${shapes.length} input${shapes.length === 1 ? '' : 's'}: ${model.inputs.map((call) => model.calls[call].layer.name).join(', ')}.`,
      received: `${batch.length}`,
    });
  }
  const batched = batch.map((given, at) => {
    const wanted = shapes[at];
    const { layer } = model.calls[model.inputs[at]];
    const axis = (layer.kind === 'input' && layer.batchAxis) || 0;
    const withBatch =
      given.shape.length === wanted.length
        ? tensor([1, ...given.shape], given.data)
        : moveAxis(given, axis < given.shape.length ? axis : 0, 0);
    const fits =
      withBatch.shape.length === wanted.length + 1 &&
      wanted.every((length, axis) => length === null || length === withBatch.shape[axis + 1]);
    if (!fits || withBatch.data.length === 0) {
      throw new LabError({
        path: batch.length > 1 ? `input ${model.calls[model.inputs[at]].layer.name}` : 'input',
        problem: `the model takes ${shapeText([null, ...wanted])}.`,
        received: shapeText(given.shape),
        hint: 'the first axis counts the samples; one sample may come without it.',
      });
    }
    return withBatch;
  });
  const sizes = new Set(batched.map(({ shape }) => shape[0]));
  if (sizes.size > 1) {
    throw new LabError({
      path: 'input',
      problem: 'all inputs need the same number of samples.',
      received: [...sizes].join(' and '),
    });
  }
  return Array.from({ length: batched[0].shape[0] }, (_, sample) =>
    batched.map(({ shape, data }) => {
      const size = sizeOf(shape.slice(1));
      return tensor(shape.slice(1), data.subarray(sample * size, (sample + 1) * size));
    }),
  );
}

/**
 * What every call returns for one sample whose inputs have these shapes: no length is open any more. Throws a LabError that names the layer where
 * one cannot take such an input, such as a window longer than the sequence.
 */
export function shapesOfSample(model: Model, inputs: readonly Shape[]): (readonly Shape[])[] {
  const shapes: (readonly Shape[])[] = [];
  for (const [at, { layer, inputs: sources, ...call }] of model.calls.entries()) {
    const input = model.inputs.indexOf(at);
    try {
      shapes.push(
        input >= 0
          ? [inputs[input]]
          : kindOf(layer).outputShapes(layer, ...sources.map((ref) => shapes[ref.call][ref.output])),
      );
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      const path = [callName({ ...call, layer }), error.fields.path].filter(Boolean).join('.');
      throw new LabError({ ...error.fields, path });
    }
  }
  return shapes;
}

/**
 * Refuses a batch of another size than a stateful model was built for: Keras carries the state of sample i to sample i, so that all batches must
 * have as many samples. Source: keras/src/layers/rnn/rnn.py.
 */
export function checkBatchSize(model: Model, batches: readonly (readonly Tensor[])[]): void {
  if (!model.layers.some(isStateful)) return;
  for (const batch of batches) {
    batch.forEach(({ shape }, at) => {
      const { layer } = model.calls[model.inputs[at]];
      if (layer.kind !== 'input' || layer.batch === null) return;
      const samples = shape.length === layer.shape.length ? 1 : shape[0];
      if (samples === layer.batch) return;
      throw new LabError({
        path: 'input',
        problem: `the model is stateful and was built for batches of ${layer.batch} samples (batch_shape of ${layer.name}).`,
        received: `${samples}`,
        hint: `give ${layer.batch} samples, or set batch_shape to ${shapeText([null, ...layer.shape])}.`,
      });
    });
  }
}
