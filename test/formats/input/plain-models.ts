import type { InputLayer } from '../../../src/layers/layer.ts';
import { buildModel } from '../../../src/model/build.ts';
import type { Model } from '../../../src/model/graph.ts';
import type { LayerPlan, LayerSpec } from '../../../src/model/plan.ts';

/* Models of a line or two, made without any format. */

export const input = (name: string, shape: InputLayer['shape'], rest: Partial<InputLayer> = {}): LayerPlan =>
  plan({ kind: 'input', name, trainable: true, shape, batch: null, ...rest }, []);

export const plan = (spec: LayerSpec, inputs: readonly string[]): LayerPlan => ({
  spec,
  weights: { initializers: {} },
  calls: [{ inputs }],
  path: spec.name,
});

export function recurrent(
  kind: 'lstm' | 'gru',
  name: string,
  from: string,
  units: number,
  rest: object = {},
): LayerPlan {
  const spec = {
    kind,
    name,
    trainable: true,
    units,
    activation: 'tanh',
    recurrentActivation: 'sigmoid',
    useBias: true,
    returnSequences: true,
    returnState: false,
    goBackwards: false,
    stateful: false,
    unroll: false,
    zeroOutputForMask: false,
    maskedStart: 'zeros',
    dropout: 0,
    recurrentDropout: 0,
    resetAfter: true,
    ...rest,
  } as unknown as LayerSpec;
  return { ...plan(spec, [from]), weights: zeroWeights };
}

const zeros = { kind: 'constant', value: 0 } as const;
const zeroWeights = { initializers: { kernel: zeros, recurrent_kernel: zeros, bias: zeros, embeddings: zeros } };

export const embedding = (name: string, from: string, inputDim: number, maskZero: boolean): LayerPlan => ({
  ...plan({ kind: 'embedding', name, trainable: true, inputDim, outputDim: 2, maskZero } as LayerSpec, [from]),
  weights: zeroWeights,
});

export function model(...layers: readonly LayerPlan[]): Model {
  return buildModel({ name: 'm', keras: 3, seed: 1, layers, outputs: [layers[layers.length - 1].spec.name] });
}

/** Takes inputs of these shapes, and gives the first back. */
export function taking(...shapes: readonly InputLayer['shape'][]): Model {
  const names = ['x', 'y', 'z'];
  const layers = shapes.map((shape, at) => input(names[at], shape));
  return buildModel({ name: 'm', keras: 3, seed: 1, layers, outputs: ['x'] });
}
