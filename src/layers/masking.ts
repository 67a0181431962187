/*
 * Masking: a timestep whose features all equal mask_value is skipped by the layers after it, and its features become 0.
 * m is 1 where any feature differs, else 0. x and y [features]. Source: keras/src/layers/core/masking.py.
 */
import { LabError } from '../math/lab-error.ts';
import { row, rowsOf, shapeText, type Tensor, tensor } from '../math/tensor.ts';
import type { LayerKind, Mask, MaskingLayer } from './layer.ts';

export const masking: LayerKind<MaskingLayer> = {
  className: () => 'Masking',
  equations: () => [
    { symbol: 'm', meaning: '1 where a feature differs from mask_value', expression: 'm = differs(x, mask_value)' },
    { symbol: 'y', meaning: 'the features, 0 where skipped', expression: 'y = m * x' },
  ],
  weightShapes: () => ({}),
  constants: (layer) => ({ mask_value: layer.maskValue }),

  outputShapes(_, input) {
    if (input.length < 2) {
      throw new LabError({
        problem: 'Masking wants (timesteps, features), two axes besides the batch.',
        received: shapeText(input),
      });
    }
    return [input];
  },

  forward(layer, x) {
    const steps = rowsOf(x);
    const used = maskingMask(layer, x);
    const y = tensor([steps, x.data.length / steps]);
    for (let t = 0; t < steps; t++) if (used[t]) row(y, t).set(row(x, t));
    return { m: tensor([steps, 1], Float64Array.from(used)), y };
  },

  outputMask: (layer, { inputs }) => maskingMask(layer, inputs[0]),
};

function maskingMask(layer: MaskingLayer, x: Tensor): NonNullable<Mask> {
  return Uint8Array.from({ length: rowsOf(x) }, (_, t) =>
    row(x, t).some((value) => value !== layer.maskValue) ? 1 : 0,
  );
}
