/*
 * Attention: every timestep of the query asks all timesteps of the key, and gets the mean of the values, weighted by how well they answer.
 *
 *   s = K q                     score "dot"; times scale with use_scale
 *   s = w tanh(scale (K + q))   "concat", summed over features; w is concept_weight
 *   s = tanh(K + q) scale       "additive" (Bahdanau et al. 2015)
 *   a = softmax(s)              where m is 0 (a masked value, or causal: a later one), s counts as −10⁹
 *   y = used · a V              used is 0 where the query itself is masked
 *
 * q [features] is a timestep of the query, K [timesteps, features] and V [timesteps, dim] are whole. Keras subtracts 10⁹ from s, which in its float32
 * is the same. Inputs: query, value, key (value where it is not given). The query's mask goes on.
 * Sources: keras/src/layers/attention/attention.py, additive_attention.py.
 */
import { activationLoop } from '../math/activations.ts';
import { LabError } from '../math/lab-error.ts';
import { addVectorMatrix } from '../math/linear.ts';
import { row, rowsOf, type Tensor, tensor, widthOf } from '../math/tensor.ts';
import { batchShape, wantAxes } from './axes.ts';
import type { AttentionLayer, Equation, LayerKind, Shape, StepContext } from './layer.ts';

/** What a score is where it must not count. */
export const NEVER = -1e9;

const scores = {
  dot: (scaled: boolean) => `${scaled ? 'scale * (' : ''}K * q${scaled ? ')' : ''}`,
  concat: (scaled: boolean) => `concept_weight * (tanh(${scaled ? 'scale * (K + q)' : 'K + q'}) * ones)`,
  additive: (scaled: boolean) => `tanh(K + q) * ${scaled ? 'scale' : 'ones'}`,
};

/** Query, value and key. */
export function roles(inputs: readonly Tensor[]): { query: Tensor; value: Tensor; key: Tensor } {
  const [query, value, key = value] = inputs;
  return { query, value, key };
}

/** Which timesteps of the value the query's timestep `at` may see: [timesteps of the value], 1 or 0. */
export function visible(timesteps: number, masks: readonly (Uint8Array | null)[], causal: boolean, at: number): Tensor {
  const m = tensor([timesteps]);
  for (let t = 0; t < timesteps; t++)
    m.data[t] = masks.every((mask) => mask === null || mask[t] === 1) && !(causal && t > at) ? 1 : 0;
  return m;
}

/** Refuses what is not (timesteps, features) each, and a value and key of other lengths. */
export function checkRoles(className: string, query: Shape, value: Shape, key: Shape): void {
  wantAxes(className, query, 2, 'a query (timesteps, features)');
  wantAxes(className, value, 2, 'a value (timesteps, features)');
  wantAxes(className, key, 2, 'a key (timesteps, features)');
  if (value[0] === key[0] || value[0] === null || key[0] === null) return;
  throw new LabError({
    problem: 'All dimensions of `value` and `key`, except the last one, must be equal.',
    received: `value ${batchShape(value)}, key ${batchShape(key)}`,
  });
}

export const attention: LayerKind<AttentionLayer> = {
  className: ({ score }) => (score === 'additive' ? 'AdditiveAttention' : 'Attention'),
  inputCount: [2, 3],

  equations: ({ score, useScale }): Equation[] => [
    { symbol: 's', meaning: 'scores: how well each key answers', expression: `s = ${scores[score](useScale)}` },
    { symbol: 'a', meaning: 'weights: shares of 1', expression: `a = softmax(where(m, s, ${NEVER}))` },
    { symbol: 'y', meaning: 'the values, weighted', expression: 'y = used * (a * V)' },
  ],

  // Without scale and concept weight the layer has no weights at all.
  constants({ score, weights = {} }) {
    const number = ({ data }: Tensor) => data[0];
    return {
      ...(weights.scale && { scale: score === 'additive' ? weights.scale : number(weights.scale) }),
      ...(weights.conceptWeight && { concept_weight: number(weights.conceptWeight) }),
    };
  },

  weightShapes: ({ score, useScale }, query) => ({
    ...(useScale && { scale: score === 'additive' ? [query[query.length - 1]] : [] }),
    ...(score === 'concat' && { concept_weight: [] }),
  }),

  outputShapes(layer, query, value, key = value) {
    checkRoles(layer.score === 'additive' ? 'AdditiveAttention' : 'Attention', query, value, key);
    if (query[1] !== key[1] && query[1] !== null && key[1] !== null) {
      throw new LabError({
        problem: 'query and key must have the same number of features.',
        received: `query ${batchShape(query)}, key ${batchShape(key)}`,
      });
    }
    const output: Shape = [query[0], value[1]];
    return layer.returnScores ? [output, [query[0], key[0]]] : [output];
  },

  outputNames: () => ['output', 'attention_scores'],

  rows(layer, { inputs, masks, piece }) {
    const { query, value, key } = roles(inputs);
    const first = piece?.from ?? 0;
    const ones = tensor([widthOf(key)], new Float64Array(widthOf(key)).fill(1));
    return {
      count: rowsOf(query),
      bindings: (at) => ({
        q: { shape: [widthOf(query)], data: row(query, at) },
        K: key,
        V: value,
        ones,
        m: visible(rowsOf(value), [masks[1]], layer.causal, first + at),
        used: queryUsed(masks, at),
      }),
    };
  },

  forward(layer, _, { inputs, masks, piece }) {
    const { query, value, key } = roles(inputs);
    const first = piece?.from ?? 0;
    const [asking, answering] = [rowsOf(query), rowsOf(key)];
    const s = tensor([asking, answering]);
    const a = tensor([asking, answering]);
    const y = tensor([asking, widthOf(value)]);
    const softmax = activationLoop('softmax');
    for (let t = 0; t < asking; t++) {
      const q = row(query, t);
      const sum = row(s, t);
      for (let k = 0; k < answering; k++) sum[k] = score(layer, q, row(key, k));
      const m = visible(answering, [masks[1]], layer.causal, first + t).data;
      const weights = row(a, t) as Float64Array;
      for (let k = 0; k < answering; k++) weights[k] = m[k] ? sum[k] : NEVER;
      softmax(weights);
      const out = row(y, t) as Float64Array;
      addVectorMatrix(out, weights, value);
      const used = queryUsed(masks, t);
      for (let f = 0; f < out.length; f++) out[f] *= used;
    }
    return { s, a, y };
  },

  returns(layer, { y, a }) {
    return layer.returnScores ? [y, a] : [y];
  },
};

function queryUsed(masks: StepContext['masks'], at: number): number {
  return masks[0] === null ? 1 : masks[0][at];
}

function score({ score: kind, weights = {} }: AttentionLayer, q: ArrayLike<number>, k: ArrayLike<number>): number {
  const { scale, conceptWeight } = weights;
  const factor = scale ? scale.data[0] : 1;
  let sum = 0;
  for (let f = 0; f < q.length; f++) {
    if (kind === 'dot') sum += q[f] * k[f];
    else if (kind === 'concat') sum += Math.tanh(factor * (q[f] + k[f]));
    else sum += (scale ? scale.data[f] : 1) * Math.tanh(q[f] + k[f]);
  }
  if (kind === 'dot') return factor * sum;
  return kind === 'concat' ? (conceptWeight?.data[0] ?? 1) * sum : sum;
}
