/*
 * Adaptive pooling along time: outputSize windows cover the sequence evenly, whatever its length. Window k reaches from ⌊k L / n⌋ to ⌈(k + 1) L / n⌉.
 * y is the largest of each feature, or m x / Σm, as in pooling.ts. Masks end here.
 * Source: keras/src/layers/pooling/base_adaptive_pooling.py, keras/src/backend/tensorflow/nn.py.
 */
import type { AdaptivePooling1dLayer } from './layer.ts';
import { poolingKind } from './pooling.ts';
import { refuseMany } from './reshaping.ts';

function windowsOf(count: number, timesteps: number): number[][] {
  return Array.from({ length: count }, (_, at) => {
    const from = Math.floor((at * timesteps) / count);
    const to = Math.ceil(((at + 1) * timesteps) / count);
    return Array.from({ length: to - from }, (_, k) => from + k);
  });
}

export const adaptivePooling1d = poolingKind<AdaptivePooling1dLayer>(
  { max: 'AdaptiveMaxPooling1D', average: 'AdaptiveAveragePooling1D' },
  ({ outputSize }, timesteps) => windowsOf(outputSize, timesteps),
  ({ outputSize }, _, features) => {
    refuseMany('output_size', [outputSize, features]);
    return outputSize;
  },
);
