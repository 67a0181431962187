import { tensor } from '../../math/tensor.ts';
import { inOrder, settled } from './axes.ts';
import { add, type Building, cannot } from './building.ts';
import { computedInput, isComputed } from './computed.ts';
import { byHead } from './heads.ts';
import { reserve } from './known.ts';
import type { NodeProto } from './model-proto.ts';
import { floatOf, intOf } from './node.ts';
import { numberOf } from './patterns.ts';
import { asLive, reshape, shapeOf, withAxes } from './shaping.ts';
import { axesOf, type Constant, type Live, live, type Stack, type Value } from './value.ts';

interface Asked {
  readonly scale: number;
  readonly causal: boolean;
}

/**
 * softmax(q kᵀ · scale) v of tensors [batch, timesteps, features] or, with heads, [batch, heads, timesteps, features], as exporters write
 * scaled_dot_product_attention and nn.MultiheadAttention out. Null: this MatMul is not its end.
 */
export function attention(building: Building, node: NodeProto): Value | null {
  if (node.opType !== 'MatMul' || node.domain !== '') return null;
  const { producers, values, uses } = building;
  const weights = producers.get(node.inputs[0]);
  const v = values.get(node.inputs[1]);
  // Weights that something else reads too are worth a layer of their own.
  if (weights?.opType !== 'Softmax' || uses.get(node.inputs[0]) !== 1 || !isComputed(v)) return null;
  const rank = axesOf(v).length;
  if (![rank - 1, -1].includes(intOf(weights, 'axis', building.opset < 13 ? 1 : -1))) return null;
  const asked = scoresOf(building, weights.inputs[0]);
  const [q, turned] = asked?.product.inputs.map((name) => values.get(name)) ?? [];
  if (asked === null || !isComputed(q) || !isComputed(turned)) return null;
  if (rank < 3 || rank > 4 || axesOf(q).length !== rank || axesOf(turned).length !== rank) return null;
  const kT = asLive(building, node, turned);
  const axes = kT.axes.toSpliced(-2, 2, kT.axes[rank - 1], kT.axes[rank - 2]);
  const all = [asLive(building, node, q), live(kT.ref, kT.shape, axes), asLive(building, node, v)];
  return attended(building, node, all, asked);
}

/** What is softmaxed: a product, times numbers, and a mask of the file that is nothing or causal. */
function scoresOf(building: Building, name: string): (Asked & { readonly product: NodeProto }) | null {
  let [scale, causal, at] = [1, false, name];
  for (let steps = 0; steps < 6; steps++) {
    const node = building.producers.get(at);
    if (node === undefined || node.domain !== '') return null;
    const [a, b] = node.inputs;
    if (node.opType === 'MatMul') return { product: node, scale, causal };
    if (node.opType === 'Add') {
      const mask = [a, b].map((input) => building.values.get(input)).find((value) => value?.kind === 'constant');
      const kind = mask?.kind === 'constant' ? maskOf(building, mask) : null;
      if (kind === null) return null;
      causal ||= kind === 'causal';
      at = building.values.get(a) === mask ? b : a;
      continue;
    }
    if (node.opType === 'Where') {
      const hidden = hiddenBy(building, node);
      if (hidden === null) return null;
      causal = true;
      at = hidden;
      continue;
    }
    const [left, right] = [numberOf(building, a), numberOf(building, b)];
    if (node.opType === 'Div' && right !== null) scale /= right;
    else if (node.opType === 'Mul' && (right ?? left) !== null) scale *= (right ?? left) as number;
    else return null;
    at = right === null ? b : a;
  }
  return null;
}

/** masked_fill of what comes later: what stands elsewhere; null: another Where. */
function hiddenBy(building: Building, { inputs }: NodeProto): string | null {
  const [condition, yes, no] = inputs.map((name) => building.values.get(name));
  if (condition?.kind !== 'constant') return null;
  const [first, second] = [yes, no].map((value) =>
    value?.kind === 'constant' && value.data.length === 1 ? value.data[0] : null,
  );
  const hidden = first ?? second;
  if (hidden === null || !(hidden < -1e4)) return null;
  // As a mask that is added: 0 where the score stays.
  reserve(building, condition.shape);
  const data = condition.data.map((value) => ((value !== 0) === (first !== null) ? hidden : 0));
  return maskOf(building, { ...condition, data }) === 'causal' ? inputs[first === null ? 1 : 2] : null;
}

/** […, query, key]: nothing is hidden, or what comes later is; null: something else. */
function maskOf(building: Building, { shape, data }: Constant): 'nothing' | 'causal' | null {
  reserve(building, shape);
  if (data.every((value) => value === 0)) return 'nothing';
  const [rows, columns] = shape.slice(-2);
  if (rows === undefined || rows !== columns || data.length !== rows * columns) return null;
  const isCausal = data.every((value, at) => (at % columns > Math.floor(at / columns) ? value < -1e4 : value === 0));
  return isCausal ? 'causal' : null;
}

function attended(building: Building, node: NodeProto, all: readonly Live[], asked: Asked): Live | Stack {
  return byHead(building, node, all, (parts) => one(building, node, parts, asked));
}

/** One head: [batch, timesteps, features] each. */
function one(building: Building, node: NodeProto, all: readonly Live[], { scale, causal }: Asked): Live {
  const [q, k, v] = all.map((part) => inOrder(building, node, settled(building, node, part)));
  const useScale = scale !== 1;
  const doing = { kind: 'attention', score: 'dot', useScale, causal, returnScores: false } as const;
  const ref = add(building, node, doing, [q.ref(), v.ref(), k.ref()], {
    ...(useScale && { weights: { scale: tensor([], [scale]) } }),
    suffix: 'attention',
  });
  return live(ref, [q.shape[0], v.shape[1]], [['batch'], [0], [1]]);
}

/** Attention of operator set 23: Q, K and V [batch, heads, timesteps, features], or [batch, timesteps, heads · features] with numbers of heads. */
export function attentionOperator(building: Building, node: NodeProto, inputs: readonly (Value | null)[]): Value[] {
  if (inputs.slice(3).some((input) => input !== null)) throw cannot('it has a mask or what came before as inputs.');
  if (floatOf(node, 'softcap', 0) !== 0) throw cannot('it has a softcap.');
  if (node.outputs.slice(1).some((name) => building.uses.has(name)))
    throw cannot('more than its first output is asked for.');
  const [q, k, v] = inputs.slice(0, 3).map((input) => computedInput(building, node, input));
  const isFlat = q.axes.length === 3;
  const heads = [intOf(node, 'q_num_heads', 1), intOf(node, 'kv_num_heads', 1)];
  if (heads[0] !== heads[1]) throw cannot('its keys have another number of heads than its queries.');
  const split = (x: Live) => {
    if (!isFlat) return x;
    const [samples, time, features] = shapeOf(building, x);
    if (typeof features !== 'number' || features % heads[0] !== 0) throw cannot('its features do not fit its heads.');
    const four = asLive(building, node, reshape(building, node, x, [samples, time, heads[0], features / heads[0]]));
    return live(
      four.ref,
      four.shape,
      [0, 2, 1, 3].map((axis) => four.axes[axis]),
    );
  };
  const [Q, K, V] = [q, k, v].map(split);
  const width = shapeOf(building, Q)[3];
  const scale = node.attributes.get('scale')?.f ?? (typeof width === 'number' ? 1 / Math.sqrt(width) : Number.NaN);
  if (Q.axes.length !== 4 || !(scale > 0)) throw cannot('its queries are not [batch, heads, timesteps, features].');
  const y = attended(building, node, [Q, K, V], { scale, causal: intOf(node, 'is_causal', 0) !== 0 });
  if (!isFlat) return [y];
  const own = axesOf(y);
  const turned = withAxes(
    y,
    [0, 2, 1, 3].map((axis) => own[axis]),
  );
  const [samples, time, count, features] = shapeOf(building, turned);
  if (typeof count !== 'number' || typeof features !== 'number') throw cannot('its features are not known.');
  return [reshape(building, node, turned, [samples, time, count * features])];
}
