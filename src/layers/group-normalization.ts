/*
 * GroupNormalization: the features are cut into groups, and the numbers of one group, at all places (of a sequence: at all timesteps), are shifted and
 * scaled to mean 0 and variance 1, then scaled by γ and shifted by β of each feature.
 *
 *   μ = Σx / n, σ² = Σ(x − μ)² / n        y = γ ⊙ (x − μ) / √(σ² + ε) + β
 *
 * x [n] is one group: feature after feature, of each all places. γ and β are repeated along them. Masks pass, and change nothing.
 * Source: keras/src/layers/normalization/group_normalization.py.
 */
import { axesLast, inverse, permuted } from '../math/axes.ts';
import { LabError } from '../math/lab-error.ts';
import { row, type Tensor, tensor } from '../math/tensor.ts';
import { axisIndex, batchShape } from './axes.ts';
import type { GroupNormalizationLayer, LayerKind, Shape } from './layer.ts';
import { layerNormalization, moments } from './normalization.ts';

type Bare = Omit<GroupNormalizationLayer, 'weights'>;

function groupCount({ groups, axis }: Bare, input: Shape): number {
  const features = input[axisIndex(axis, input)];
  const count = groups === -1 ? features : groups;
  if (features !== null && count !== null && count > 0 && features % count === 0) return count;
  throw new LabError({
    path: 'groups',
    problem: 'Number of groups must divide the number of channels.',
    received: `groups=${groups}, input ${batchShape(input)}`,
  });
}

/** The axis of the features first, the others behind it. */
function featuresFirst({ axis }: Bare, { shape }: Pick<Tensor, 'shape'>): number[] {
  const at = axisIndex(axis, shape);
  return axesLast(
    shape.length,
    shape.map((_, other) => other).filter((other) => other !== at),
  );
}

/** [groups, features of a group · places] */
function grouped(layer: GroupNormalizationLayer, x: Tensor): Tensor {
  const groups = groupCount(layer, x.shape);
  return tensor([groups, x.data.length / groups], permuted(x, featuresFirst(layer, x)).data);
}

/** γ or β beside each number of a group. */
function repeated(weight: Tensor, group: number, { shape: [groups, n] }: Tensor): Tensor {
  const features = weight.data.length / groups;
  const places = n / features;
  return tensor(
    [n],
    Float64Array.from({ length: n }, (_, at) => weight.data[group * features + Math.floor(at / places)]),
  );
}

export const groupNormalization: LayerKind<GroupNormalizationLayer> = {
  className: () => 'GroupNormalization',
  equations: (layer) => layerNormalization.equations({ ...layer, kind: 'layer_normalization', axis: [layer.axis] }),

  constants: ({ weights: { gamma, beta } = {}, epsilon }) => ({
    ...(gamma && { gamma }),
    ...(beta && { beta }),
    epsilon,
  }),

  weightShapes({ axis, scale, center }, input) {
    const features = [input[axisIndex(axis, input)]];
    return { ...(scale && { gamma: features }), ...(center && { beta: features }) };
  },

  outputShapes(layer, input) {
    groupCount(layer, input);
    return [input];
  },

  rows(layer, { inputs: [x] }) {
    const groups = grouped(layer, x);
    const [count, n] = groups.shape;
    const { gamma, beta } = layer.weights ?? {};
    return {
      count,
      bindings: (at) => ({
        x: tensor([n], row(groups, at)),
        n,
        ...(gamma && { gamma: repeated(gamma, at, groups) }),
        ...(beta && { beta: repeated(beta, at, groups) }),
      }),
    };
  },

  forward(layer, _, { inputs: [x] }) {
    const groups = grouped(layer, x);
    const [count, n] = groups.shape;
    const { gamma, beta } = layer.weights ?? {};
    const [mu, variance, y] = [tensor([count, 1]), tensor([count, 1]), tensor([count, n])];
    for (let at = 0; at < count; at++) {
      const numbers = row(groups, at);
      const { mean, variance: spread } = moments(numbers);
      mu.data[at] = mean;
      variance.data[at] = spread;
      const deviation = Math.sqrt(spread + layer.epsilon);
      const scale = gamma && repeated(gamma, at, groups);
      const shift = beta && repeated(beta, at, groups);
      for (let k = 0; k < n; k++)
        y.data[at * n + k] =
          ((scale ? scale.data[k] : 1) * (numbers[k] - mean)) / deviation + (shift ? shift.data[k] : 0);
    }
    return { mu, variance, y };
  },

  returns(layer, { y }, { inputs: [x] }) {
    const order = featuresFirst(layer, x);
    return [
      permuted(
        tensor(
          order.map((axis) => x.shape[axis]),
          y.data,
        ),
        inverse(order),
      ),
    ];
  },
};
