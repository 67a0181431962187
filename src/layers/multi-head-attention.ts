/*
 * MultiHeadAttention (Vaswani et al. 2017): several attentions side by side, each with its own projection of query, key and value.
 *
 *   q_1 = q W_q_1 + b_q_1                        the query's timestep, as head 1 sees it
 *   s_1 = (K W_k_1 + b_k_1) q_1 / √key_dim       scores: how well each key answers
 *   a_1 = softmax(s_1)                           where m is 0 (masked, or causal: later), s counts as −10⁹
 *   o_1 = a_1 (V W_v_1 + b_v_1)                  the values, weighted
 *   …                                            the same for each head
 *   y = o_1 W_o_1 + o_2 W_o_2 + … + b_o
 *
 * q [features] is a timestep of the query, K and V [timesteps, features] are whole. Inputs: query, value, key (value where it is not given).
 * The masks of query, value and key all hide scores; a row of which nothing is left weighs all values alike, and is 0 where the scores are returned
 * too (Keras takes another way there). The query's mask goes on. Source: keras/src/layers/attention/multi_head_attention.py.
 */
import { activationLoop } from '../math/activations.ts';
import { LabError } from '../math/lab-error.ts';
import { addVectorMatrix } from '../math/linear.ts';
import { row, rowsOf, type Tensor, tensor, widthOf } from '../math/tensor.ts';
import { checkRoles, NEVER, roles, visible } from './attention.ts';
import type { Equation, LayerKind, MultiHeadAttentionLayer, Shape, StepContext } from './layer.ts';

const MAX_HEADS = 256;

type Spec = Omit<MultiHeadAttentionLayer, 'weights'>;

const heads = ({ numHeads }: Pick<Spec, 'numHeads'>) => Array.from({ length: numHeads }, (_, at) => at + 1);

export const multiHeadAttention: LayerKind<MultiHeadAttentionLayer> = {
  className: () => 'MultiHeadAttention',
  inputCount: [2, 3],

  equations(layer): Equation[] {
    const bias = (name: string) => (layer.useBias ? ` + b_${name}` : '');
    const head = (h: number): Equation[] => [
      { symbol: `q_${h}`, meaning: `query of head ${h}`, expression: `q_${h} = q * W_q_${h}${bias(`q_${h}`)}` },
      {
        symbol: `s_${h}`,
        meaning: `scores of head ${h}`,
        expression: `s_${h} = (K * W_k_${h}${bias(`k_${h}`)}) * q_${h} / sqrt(${layer.keyDim})`,
      },
      {
        symbol: `a_${h}`,
        meaning: `weights of head ${h}`,
        expression: `a_${h} = ${layer.returnScores ? 'm .* ' : ''}softmax(where(m, s_${h}, ${NEVER}))`,
      },
      {
        symbol: `o_${h}`,
        meaning: `what head ${h} gets`,
        expression: `o_${h} = a_${h} * (V * W_v_${h}${bias(`v_${h}`)})`,
      },
    ];
    const sum = heads(layer).map((h) => `o_${h} * W_o_${h}`);
    return [
      ...heads(layer).flatMap(head),
      { symbol: 'y', meaning: 'the heads, joined', expression: `y = ${sum.join(' + ')}${bias('o')}` },
    ];
  },

  constants(layer) {
    const { weights } = layer;
    const out: Record<string, Tensor> = {};
    for (const h of heads(layer)) {
      const parts = { q: 'query', k: 'key', v: 'value' } as const;
      for (const [letter, role] of Object.entries(parts)) {
        out[`W_${letter}_${h}`] = headKernel(weights[`${role}Kernel`], h - 1);
        const bias = weights[`${role}Bias`];
        if (bias) out[`b_${letter}_${h}`] = tensor([widthOf(bias)], row(bias, h - 1).slice());
      }
      const [, dim, width] = weights.outputKernel.shape;
      const size = dim * width;
      out[`W_o_${h}`] = tensor([dim, width], weights.outputKernel.data.slice((h - 1) * size, h * size));
    }
    if (weights.outputBias) out.b_o = weights.outputBias;
    return out;
  },

  weightShapes(layer, query, value, key = value) {
    const { numHeads, keyDim, valueDim, useBias } = layer;
    const project = (name: string, input: Shape, dim: number) => ({
      [`${name}_kernel`]: [input[1], numHeads, dim],
      ...(useBias && { [`${name}_bias`]: [numHeads, dim] }),
    });
    const width = layer.outputDim ?? query[1];
    return {
      ...project('query', query, keyDim),
      ...project('key', key, keyDim),
      ...project('value', value, valueDim),
      output_kernel: [numHeads, valueDim, width],
      ...(useBias && { output_bias: [width] }),
    };
  },

  outputShapes(layer, query, value, key = value) {
    checkRoles('MultiHeadAttention', query, value, key);
    if (!(layer.numHeads > 0 && layer.numHeads <= MAX_HEADS)) {
      throw new LabError({
        path: 'num_heads',
        problem: `a MultiHeadAttention here has 1 to ${MAX_HEADS} heads.`,
        received: `num_heads=${layer.numHeads}`,
      });
    }
    const output: Shape = [query[0], layer.outputDim ?? query[1]];
    return layer.returnScores ? [output, [layer.numHeads, query[0], key[0]]] : [output];
  },

  outputNames: () => ['output', 'attention_scores'],

  rows(layer, { inputs, masks, piece }) {
    const { query, value, key } = roles(inputs);
    const first = piece?.from ?? 0;
    return {
      count: rowsOf(query),
      bindings: (at) => ({
        q: { shape: [widthOf(query)], data: row(query, at) },
        K: key,
        V: value,
        m: seen(layer, masks, rowsOf(value), at, first),
      }),
    };
  },

  forward(layer, _, { inputs, masks, piece }) {
    const { query, value, key } = roles(inputs);
    const first = piece?.from ?? 0;
    const once = <T>(name: string, make: () => T) => (piece ? piece.shared(name, make) : make());
    const constants = once('constants', () => multiHeadAttention.constants(layer) as Record<string, Tensor>);
    const count = rowsOf(query);
    const answering = rowsOf(key);
    const out: Record<string, Tensor> = {};
    const softmax = activationLoop('softmax');
    const y = tensor([count, widthOf(layer.weights.outputKernel)]);
    for (const h of heads(layer)) {
      const projected = (x: Tensor, letter: string) =>
        projectedRows(x, constants[`W_${letter}_${h}`], constants[`b_${letter}_${h}`]);
      const q = projected(query, 'q');
      const keys = once(`k_${h}`, () => projected(key, 'k'));
      const values = once(`v_${h}`, () => projected(value, 'v'));
      const s = tensor([count, answering]);
      const a = tensor([count, answering]);
      const o = tensor([count, layer.valueDim]);
      for (let t = 0; t < count; t++) {
        const asked = row(q, t);
        const m = seen(layer, masks, answering, t, first).data;
        const weights = row(a, t) as Float64Array;
        for (let k = 0; k < answering; k++) {
          const answer = row(keys, k);
          let sum = 0;
          for (let f = 0; f < asked.length; f++) sum += answer[f] * asked[f];
          s.data[t * answering + k] = sum / Math.sqrt(layer.keyDim);
          weights[k] = m[k] ? s.data[t * answering + k] : NEVER;
        }
        softmax(weights);
        if (layer.returnScores) for (let k = 0; k < answering; k++) weights[k] *= m[k];
        addVectorMatrix(row(o, t) as Float64Array, weights, values);
        addVectorMatrix(row(y, t) as Float64Array, row(o, t), constants[`W_o_${h}`]);
      }
      Object.assign(out, { [`q_${h}`]: q, [`s_${h}`]: s, [`a_${h}`]: a, [`o_${h}`]: o });
    }
    const { outputBias } = layer.weights;
    if (outputBias) for (let at = 0; at < y.data.length; at++) y.data[at] += outputBias.data[at % widthOf(y)];
    return { ...out, y };
  },

  returns(layer, quantities) {
    const { y } = quantities;
    if (!layer.returnScores) return [y];
    const parts = heads(layer).map((h) => quantities[`a_${h}`]);
    const scores = tensor([layer.numHeads, ...parts[0].shape]);
    parts.forEach(({ data }, h) => {
      scores.data.set(data, h * data.length);
    });
    return [y, scores];
  },
};

/** Which keys the query's timestep `at` may see: all masks together. The query begins with timestep `first`. */
function seen(
  layer: Spec,
  [query, value, key]: StepContext['masks'],
  timesteps: number,
  at: number,
  first: number,
): Tensor {
  if (query !== null && query[at] === 0) return tensor([timesteps]);
  return visible(timesteps, [value, key ?? null], layer.causal, first + at);
}

/** Head h of a kernel [features, heads, dim]: [features, dim]. */
function headKernel(kernel: Tensor, h: number): Tensor {
  const [features, count, dim] = kernel.shape;
  const out = tensor([features, dim]);
  for (let f = 0; f < features; f++) row(out, f).set(row(kernel, f * count + h));
  return out;
}

function projectedRows(x: Tensor, kernel: Tensor, bias: Tensor | undefined): Tensor {
  const out = tensor([rowsOf(x), widthOf(kernel)]);
  for (let t = 0; t < rowsOf(x); t++) {
    const sum = row(out, t) as Float64Array;
    addVectorMatrix(sum, row(x, t), kernel);
    if (bias) for (let f = 0; f < sum.length; f++) sum[f] += bias.data[f];
  }
  return out;
}
