import { type Tensor, tensor } from '../../math/tensor.ts';
import type { StoredArray } from '../stored-type.ts';
import { listed } from './said.ts';

/** An array that PyTorch computes from others before it uses it, and how. */
interface Folding {
  /** The name of the weight that forward() sees. */
  readonly name: string;
  /** The names of the arrays that it is made of. */
  readonly parts: readonly string[];
  readonly fold: (parts: readonly Tensor[]) => Tensor | undefined;
}

const DOT = '.parametrizations.';

/**
 * Weights under weight_norm and spectral_norm, old and as parametrizations, become the weights that forward() computes with in eval mode.
 * Sources: torch/nn/utils/weight_norm.py, spectral_norm.py, parametrizations.py.
 */
export function foldedWeights(stored: ReadonlyMap<string, StoredArray>): {
  readonly arrays: ReadonlyMap<string, StoredArray>;
  readonly notes: readonly string[];
} {
  const arrays = undropped(stored);
  const result = new Map<string, StoredArray>();
  const folded: string[] = [];
  const gone = new Set<string>();
  for (const [name, array] of arrays) {
    if (gone.has(name)) continue;
    const folding = foldingOf(name);
    const parts = folding?.parts.map((part) => arrays.get(part)) ?? [];
    const made = parts.every((part) => part !== undefined) ? folding?.fold(parts.map(({ tensor: t }) => t)) : undefined;
    if (folding === undefined || made === undefined || arrays.has(folding.name)) {
      result.set(name, array);
      continue;
    }
    for (const part of folding.parts) {
      gone.add(part);
      result.delete(part);
    }
    result.set(folding.name, { type: array.type, tensor: made });
    folded.push(folding.name);
  }
  if (folded.length === 0) return { arrays, notes: [] };
  return { arrays: result, notes: [`weight_norm and spectral_norm are folded into the weights: ${listed(folded, 5)}`] };
}

/**
 * The recurrent weights of AWD-LSTM before dropout, under which the module inside has no weight or that of the last training step: fastai's and
 * salesforce/awd-lstm-lm's WeightDrop.
 */
function undropped(arrays: ReadonlyMap<string, StoredArray>): ReadonlyMap<string, StoredArray> {
  const raw = [...arrays.keys()].filter((name) => /(^|\.)weight_hh_l\d{1,3}(_reverse)?_raw$/.test(name));
  if (raw.length === 0) return arrays;
  const result = new Map(arrays);
  for (const name of raw) {
    const own = name.slice(0, -'_raw'.length);
    const inner = own.replace(/weight_hh/, 'module.weight_hh');
    const beside = inner.replace('weight_hh', 'weight_ih');
    result.set(arrays.has(beside) ? inner : own, arrays.get(name) as StoredArray);
    result.delete(name);
  }
  return result;
}

/** What the array belongs to, if it is the first of the arrays that a weight is made of. */
function foldingOf(name: string): Folding | undefined {
  const old = /^(.*)_(g|v|orig|u)$/.exec(name);
  if (old !== null) {
    const [, weight, part] = old;
    const spectral = ['_orig', '_u', '_v'].map((end) => weight + end);
    if (part === 'orig' || part === 'u') return { name: weight, parts: spectral, fold: spectralNorm };
    return { name: weight, parts: [`${weight}_g`, `${weight}_v`], fold: weightNorm };
  }
  const at = name.lastIndexOf(DOT);
  if (at < 0) return undefined;
  const [parameter, ...rest] = name.slice(at + DOT.length).split('.');
  const from = name.slice(0, at + DOT.length) + parameter;
  const weight = at === 0 ? parameter : `${name.slice(0, at)}.${parameter}`;
  const last = rest.join('.');
  if (/^original[01]$/.test(last))
    return { name: weight, parts: [`${from}.original0`, `${from}.original1`], fold: weightNorm };
  return { name: weight, parts: [`${from}.original`, `${from}.0._u`, `${from}.0._v`], fold: spectralNorm };
}

/** w = g · v / ‖v‖, the length taken over the axes along which g has one number. Undefined where the shapes do not fit. */
function weightNorm([g, v]: readonly Tensor[]): Tensor | undefined {
  const axes = v.shape.length;
  if (g.shape.length !== 0 && g.shape.length !== axes) return undefined;
  if (!g.shape.every((length, axis) => length === 1 || length === v.shape[axis])) return undefined;
  const own = gathered(g.shape, v.shape);
  const squares = new Float64Array(g.data.length);
  v.data.forEach((value, at) => {
    squares[own(at)] += value * value;
  });
  const out = v.data.slice();
  for (let at = 0; at < out.length; at++) out[at] = (out[at] * g.data[own(at)]) / Math.sqrt(squares[own(at)]);
  return tensor(v.shape, out);
}

/** Which number of an array of `small`, whose lengths are 1 or those of `large`, belongs to number `at` of `large`. */
function gathered(small: readonly number[], large: readonly number[]): (at: number) => number {
  return (at) => {
    let [rest, place, step] = [at, 0, 1];
    for (let axis = small.length - 1; axis >= 0; axis--) {
      if (small[axis] !== 1) place += (rest % large[axis]) * step;
      rest = Math.floor(rest / large[axis]);
      step *= small[axis];
    }
    return place;
  };
}

/** w / σ with σ = uᵀ W v, W a matrix of the first axis against all others: u and v stay as they are in eval mode. */
function spectralNorm([weight, u, v]: readonly Tensor[]): Tensor | undefined {
  const [rows, columns] = [u.data.length, v.data.length];
  if (weight.shape[0] !== rows || weight.data.length !== rows * columns) return undefined;
  let sigma = 0;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) sigma += u.data[r] * weight.data[r * columns + c] * v.data[c];
  return tensor(
    weight.shape,
    weight.data.map((value) => value / sigma),
  );
}
