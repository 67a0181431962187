import type { SliceLayer } from '../../../layers/layer.ts';
import type { KerasLayer } from './layer-tree.ts';
import { own } from './object.ts';
import type { KerasCall } from './references.ts';

type SliceArguments = Pick<SliceLayer, 'axis' | 'index'>;

/**
 * What `x[:, -1]` in a functional model picks, as Keras 3 (GetItem) and tf.keras 2 (SlicingOpLambda) write it: one index of one axis, all of the others.
 * Undefined: another slice, or none.
 */
export function sliceOf({ className }: KerasLayer, calls: readonly KerasCall[]): SliceArguments | undefined {
  if (className !== 'GetItem' && className !== 'SlicingOpLambda') return undefined;
  const specs = calls.map(({ args, kwargs }) => (className === 'GetItem' ? args[1] : own(kwargs, 'slice_spec')));
  const [spec] = specs;
  if (!Array.isArray(spec) || specs.some((other) => JSON.stringify(other) !== JSON.stringify(spec))) return undefined;
  const picked = spec.flatMap((part, axis) => (Number.isInteger(part) ? [{ axis, index: part as number }] : []));
  const whole = spec.every((part) => Number.isInteger(part) || isWhole(part));
  return picked.length === 1 && picked[0].axis > 0 && whole ? picked[0] : undefined;
}

function isWhole(part: unknown): boolean {
  const slice = own(part, 'config') ?? part;
  return ['start', 'stop', 'step'].every((key) => own(slice, key) === null);
}
