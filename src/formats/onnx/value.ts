import type { Dim } from './dim.ts';
import type { Numbers } from './tensor-proto.ts';

/** Numbers that the file holds, or that follow from it. */
export interface Constant extends Numbers {
  readonly kind: 'constant';
}

/** Whole numbers, some of which are lengths that only an input tells: what Shape gives, and what graphs compute of it. */
export interface Lengths {
  readonly kind: 'lengths';
  readonly shape: readonly number[];
  readonly items: readonly Dim[];
}

/** One number everywhere, in a shape that only an input tells: the zeros that a state starts from. */
interface Filled {
  readonly kind: 'filled';
  readonly shape: readonly Dim[];
  readonly value: number;
}

/** What a stretch of an ONNX axis is: the samples, the parts of a stack, or an axis of the lab's tensor, counted from 0. */
export type Atom = 'batch' | 'stack' | number;

/**
 * A tensor that the model computes. ONNX's axes are spelled in terms of the lab's tensor, which has no batch axis: [[0], ['batch'], [1]] is time-major
 * [T, B, d] of a lab's [T, d]. No atom: a length of 1 that the lab's tensor does not have. Several: axes that are seen as one.
 */
export interface Live {
  readonly kind: 'live';
  /** The lab's name of it; a layer that is only sometimes needed is made when this is asked. */
  readonly ref: () => string;
  /** Lengths of the lab's tensor. */
  readonly shape: readonly Dim[];
  readonly axes: readonly (readonly Atom[])[];
}

/** Tensors of one shape that ONNX has as one, along an axis: the directions of Y and Y_h, the states of several layers. */
export interface Stack {
  readonly kind: 'stack';
  /** Where among ONNX's axes the parts are counted; the parts themselves do not have it. */
  readonly axis: number;
  readonly parts: readonly Live[];
}

/** What the lab cannot compute. */
interface Lost {
  readonly kind: 'lost';
  readonly ref: string;
}

export type Value = Constant | Lengths | Filled | Live | Stack | Lost;

export function live(ref: string | (() => string), shape: readonly Dim[], axes: Live['axes']): Live {
  return { kind: 'live', ref: typeof ref === 'string' ? () => ref : ref, shape, axes };
}

/** The lab's axes in the order in which ONNX has them. */
export function labOrder(axes: Live['axes']): number[] {
  return axes.flat().filter((atom) => typeof atom === 'number');
}

export function axesOf(value: Live | Stack): Live['axes'] {
  if (value.kind === 'live') return value.axes;
  return value.parts[0].axes.toSpliced(value.axis, 0, ['stack']);
}
