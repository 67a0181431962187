import fc from 'fast-check';
import { type ActivationName, activations } from '../../src/math/activations.ts';
import type { LayerPlan, LayerSpec, ModelPlan } from '../../src/model/plan.ts';

/* Random models for properties: an input of features or of tokens, then layers that fit on each other, with and without masks. */

const activation = fc.constantFrom(...(Object.keys(activations) as ActivationName[]));
const initializers = {
  kernel: { kind: 'uniform', minval: -1.5, maxval: 1.5 },
  recurrent_kernel: { kind: 'orthogonal', gain: 1 },
  bias: { kind: 'normal', mean: 0, stddev: 0.5, truncated: false },
  embeddings: { kind: 'uniform', minval: -1, maxval: 1 },
} as const;

const lstm = fc.record({
  kind: fc.constant('lstm' as const),
  units: fc.integer({ min: 1, max: 5 }),
  activation,
  recurrentActivation: activation,
  useBias: fc.boolean(),
  returnState: fc.boolean(),
  goBackwards: fc.boolean(),
  stateful: fc.boolean(),
  unroll: fc.boolean(),
  zeroOutputForMask: fc.boolean(),
  maskedStart: fc.constantFrom('zeros' as const, 'state' as const),
  dropout: fc.constant(0),
  recurrentDropout: fc.constant(0),
});
const pointwise = fc.oneof(
  fc.record({ kind: fc.constant('dropout' as const), rate: fc.constant(0.5) }),
  fc.record({ kind: fc.constant('activation' as const), activation }),
  fc.record({ kind: fc.constant('masking' as const), maskValue: fc.constant(0) }),
  fc.record({
    kind: fc.constant('dense' as const),
    units: fc.integer({ min: 1, max: 4 }),
    activation,
    useBias: fc.boolean(),
    timeDistributed: fc.constant(true),
  }),
);

export interface RandomModel {
  plan: ModelPlan;
  timesteps: number;
  /** Numbers of the input, enough for two batches of one sample. */
  numbers: number[];
}

export const randomModel: fc.Arbitrary<RandomModel> = fc
  .record({
    timesteps: fc.integer({ min: 1, max: 6 }),
    features: fc.integer({ min: 1, max: 4 }),
    tokens: fc.boolean(),
    maskZero: fc.boolean(),
    middle: fc.array(fc.oneof(lstm, pointwise), { maxLength: 3 }),
    last: lstm,
    end: fc.constantFrom('nothing', 'dense', 'flatten'),
    seed: fc.integer({ min: 0, max: 1e6 }),
  })
  .chain(({ timesteps, features, tokens, maskZero, middle, last, end, seed }) => {
    const specs: object[] = [{ kind: 'input', batch: null, shape: tokens ? [timesteps] : [timesteps, features] }];
    if (tokens) specs.push({ kind: 'embedding', inputDim: 5, outputDim: features, maskZero });
    for (const layer of middle) specs.push(layer.kind === 'lstm' ? { ...layer, returnSequences: true } : layer);
    specs.push({ ...last, returnSequences: end === 'flatten' });
    if (end === 'flatten') specs.push({ kind: 'flatten', dataFormat: 'channels_last' });
    if (end !== 'nothing')
      specs.push({ kind: 'dense', units: 2, activation: 'sigmoid', useBias: true, timeDistributed: false });
    const layers: LayerPlan[] = specs.map((spec, at) => ({
      spec: { name: `layer_${at}`, trainable: true, ...spec } as LayerSpec,
      weights: { initializers },
      calls: [{ inputs: at === 0 ? [] : [`layer_${at - 1}`] }],
      path: `layers[${at}]`,
    }));
    const plan: ModelPlan = { name: 'random', keras: 3, seed, layers, outputs: [`layer_${specs.length - 1}`] };
    const number = tokens
      ? fc.integer({ min: 0, max: 4 })
      : fc.oneof(fc.constant(0), fc.double({ min: -2, max: 2, noNaN: true }));
    const count = 2 * timesteps * (tokens ? 1 : features);
    return fc.array(number, { minLength: count, maxLength: count }).map((numbers) => ({ plan, timesteps, numbers }));
  });
