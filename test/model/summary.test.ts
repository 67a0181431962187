import { expect, it } from 'vitest';
import { buildPreset, openPreset, parsePreset } from '../../src/formats/preset/open.ts';
import { tensor } from '../../src/math/tensor.ts';
import { buildModel } from '../../src/model/build.ts';
import type { CallPlan, LayerSpec } from '../../src/model/plan.ts';
import { summarize } from '../../src/model/summary.ts';

it('the summary of a model of which a layer is left out says which, and that of a whole model says nothing', async () => {
  const layer = (spec: LayerSpec, calls: readonly CallPlan[], given = {}) => ({
    spec,
    calls,
    weights: { given, initializers: {} },
    path: spec.name,
  });
  const named = (name: string) => ({ name, trainable: true });
  const model = buildModel({
    name: 'net',
    keras: 3,
    seed: 0,
    layers: [
      layer({ kind: 'input', ...named('x'), shape: [2], batch: null }, [{ inputs: [] }]),
      layer(
        { kind: 'dense', ...named('fc'), units: 3, activation: 'linear', useBias: false, timeDistributed: false },
        [{ inputs: ['x'] }],
        { kernel: tensor([2, 3]) },
      ),
      layer({ kind: 'unknown', ...named('odd'), className: 'Odd', reason: 'it is odd' }, [{ inputs: ['fc'] }]),
    ],
    wrappers: [],
    outputs: ['fc', 'odd'],
  });
  expect(summarize(model)).toMatchObject({
    total_parameters: 6,
    incomplete: [{ layer: 'odd', class: 'Odd', reason: 'it is odd' }],
  });
  expect(summarize((await openPreset('presets/stacked.json')).model)).not.toHaveProperty('incomplete');
});

it('the mean and the variance of a BatchNormalization are not trainable, as Keras counts them', async () => {
  const { model } = await buildPreset(
    parsePreset(
      {
        layers: [
          { class_name: 'Input', shape: [5, 4] },
          { class_name: 'BatchNormalization' },
          { class_name: 'Dense', units: 3, trainable: false },
        ],
      },
      'normal.json',
    ),
    'normal.json',
  );
  // 4 gamma and 4 beta; 4 means, 4 variances, and the frozen Dense's 4 × 3 + 3.
  expect(summarize(model)).toMatchObject({
    total_parameters: 31,
    trainable_parameters: 8,
    non_trainable_parameters: 23,
  });
});
