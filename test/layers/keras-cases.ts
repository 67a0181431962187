import { readFileSync } from 'node:fs';
import { fromNested, type Nested, type Tensor } from '../../src/math/tensor.ts';
import { buildModel } from '../../src/model/build.ts';
import type { Model } from '../../src/model/graph.ts';
import type { LayerPlan, LayerSpec, ModelPlan } from '../../src/model/plan.ts';

/** What Keras computed for one layer (test/fixtures/layers/make.py, make_more.py). */
export interface LayerCase {
  readonly about: string;
  readonly spec: object;
  readonly weights: Readonly<Record<string, Nested>>;
  readonly inputs: readonly Nested[];
  readonly masks: readonly (readonly number[] | null)[] | null;
  readonly outputs: readonly Nested[];
  readonly output_mask: readonly number[] | null;
}

export const layerCases: readonly LayerCase[] = ['cases', 'more'].flatMap(
  (file) => JSON.parse(readFileSync(`test/fixtures/layers/${file}.json`, 'utf8')).cases,
);

/** Names that TimeDistributed and cells put in front are left out: `lstm_cell/kernel` is `kernel`. */
const leaf = (name: string) => name.split('/').at(-1) as string;

function plan(spec: object, inputs: readonly string[], given: Record<string, Tensor> = {}, mask?: string): LayerPlan {
  return {
    spec: { trainable: true, ...spec } as LayerSpec,
    weights: { given, initializers: {} },
    calls: [{ inputs, ...(mask && { mask }) }],
    path: (spec as { name: string }).name,
  };
}

/** A model of the layer alone, called `layer`. Its inputs pass an identity layer first, where each gets the mask that the case gives it. */
export function modelOf({ spec, weights, inputs, masks }: LayerCase, keras: 1 | 2 | 3 = 3): Model {
  const given = Object.fromEntries(Object.entries(weights).map(([name, value]) => [leaf(name), fromNested(value)]));
  const layers = inputs.flatMap((nested, at) => {
    const { shape } = fromNested(nested);
    const mask = masks?.[at] ? `mask_${at}` : undefined;
    return [
      plan({ kind: 'input', name: `in_${at}`, shape, batch: null }, []),
      ...(mask ? [plan({ kind: 'input', name: mask, shape: shape.slice(0, 1), batch: null }, [])] : []),
      plan({ kind: 'identity', name: `x_${at}`, className: 'Identity' }, [`in_${at}`], {}, mask),
    ];
  });
  const names = inputs.map((_, at) => `x_${at}`);
  const whole: ModelPlan = {
    name: 'one layer',
    keras,
    seed: 1,
    layers: [...layers, plan({ name: 'layer', ...spec }, names, given)],
    outputs: ['layer'],
  };
  return buildModel(whole);
}

/** The model's inputs: those of the case, each followed by its mask. */
export function inputsOf({ inputs, masks }: LayerCase): Tensor[] {
  return inputs.flatMap((nested, at) => {
    const mask = masks?.[at];
    return [fromNested(nested), ...(mask ? [fromNested(mask)] : [])];
  });
}
