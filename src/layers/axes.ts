import { LabError } from '../math/lab-error.ts';
import { shapeText } from '../math/tensor.ts';
import type { Layer, LayerKind, Mask, Shape } from './layer.ts';

/** A shape as Keras prints it, with the batch axis in front. */
export function batchShape(shape: Shape): string {
  return shapeText([null, ...shape]);
}

/** An axis as Keras counts it (the batch is 0, negative from the end), counted from 0 without the batch. Throws a LabError outside the shape. */
export function axisIndex(axis: number, shape: Shape): number {
  const index = axis < 0 ? axis + shape.length : axis - 1;
  if (Number.isInteger(index) && index >= 0 && index < shape.length && axis !== 0) return index;
  throw new LabError({
    problem: `Axis ${axis} is out of bounds for input shape ${batchShape(shape)}.`,
    received: `axis=${axis}`,
    hint: axis === 0 ? 'axis 0 is the batch.' : `the input has the axes 1 to ${shape.length}; -1 is the last.`,
  });
}

/** Refuses an input of another number of axes, in the words of Keras's input_spec. */
export function wantAxes(className: string, input: Shape, axes: number, meaning: string): void {
  if (input.length === axes) return;
  throw new LabError({
    problem: `${className} wants ${meaning}: expected ndim=${axes + 1}, found ndim=${input.length + 1}.`,
    received: batchShape(input),
    hint:
      input.length < axes
        ? 'the layer before it returns fewer axes: set return_sequences=True there.'
        : 'flatten or reshape the input first.',
  });
}

/** A layer that does not know masks: Keras 3 and tf.keras go on without the mask, Keras 1 refuses. Source: keras/src/layers/layer.py. */
export function dropsMask(className: string): NonNullable<LayerKind<Layer>['outputMask']> {
  return (layer, { mask }, keras): Mask => {
    if (mask === null || keras > 1) return null;
    throw new LabError({
      path: layer.name,
      problem: `${className} does not support masking in Keras 1, and a mask arrives from the layers before it.`,
      hint: `remove mask_zero or Masking, or set "keras": 3, where ${className} drops the mask.`,
    });
  };
}

/** The shape that tensors broadcast to, as NumPy and Keras do: aligned at the last axis, lengths of 1 stretched. Throws a LabError. */
export function broadcastShape(shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, at) => {
    const lengths = shapes.flatMap((shape) => {
      const axis = at - (rank - shape.length);
      return axis < 0 ? [] : [shape[axis]];
    });
    const known = new Set(lengths.filter((length) => length !== 1 && length !== null));
    if (known.size > 1) {
      throw new LabError({
        problem: 'Inputs have incompatible shapes.',
        received: shapes.map(batchShape).join(' and '),
        hint: 'lengths of the same axis must be equal, or 1.',
      });
    }
    const [length] = known;
    return length ?? (lengths.includes(null) ? null : 1);
  });
}
