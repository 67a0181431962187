import { type ActivationRef, activationParts, activations } from '../../math/activations.ts';

/** Where an activation jumps: on either side of such a number it gives values that are far apart, however close the numbers are. */
export function jumpsOf(ref: ActivationRef): number[] {
  const { name, parameters } = activationParts(ref);
  const [first, second, third] = Object.values(activations[name].parameters ?? {}).map(
    (value, at) => parameters[at] ?? value,
  );
  if (name === 'hard_shrink') return [-first, first];
  if (name === 'thresholded_relu') return [first];
  if (name === 'threshold' && first !== second) return [first];
  return name === 'bounded_relu' && third !== 0 ? [third] : [];
}
