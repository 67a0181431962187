import { transposed } from '../../math/axes.ts';
import { type Tensor, tensor } from '../../math/tensor.ts';
import { arranged, inOrder, labAxis, picked, settled, settledAxis } from './axes.ts';
import { add, type Building, cannot, copying, type Weights } from './building.ts';
import { computedInput, isComputed } from './computed.ts';
import { mayBeSame } from './dim.ts';
import { byHead } from './heads.ts';
import type { NodeProto } from './model-proto.ts';
import { floatOf, intOf, stringOf } from './node.ts';
import { type Constant, type Live, live, type Value } from './value.ts';

/** MatMul with a matrix of the file is a Dense; of two tensors that the model computes, a Dot. */
export function matMul(building: Building, node: NodeProto, [a, b]: readonly (Value | null)[]): Value[] {
  if (isComputed(a) && b?.kind === 'constant') {
    const x = computedInput(building, node, a);
    const { kernel, single } = matrix(building, b, false);
    const y = product(building, node, x, x.axes.length - 1, { kernel });
    return [single ? picked(building, node, y, y.axes.length - 1, 0) : y];
  }
  if (a?.kind === 'constant' && isComputed(b)) {
    const x = computedInput(building, node, b);
    const { kernel, single } = matrix(building, a, true);
    const axis = Math.max(0, x.axes.length - 2);
    const y = product(building, node, x, axis, { kernel });
    return [single ? picked(building, node, y, axis, 0) : y];
  }
  const both = [a, b].map((value) => computedInput(building, node, value));
  return [byHead(building, node, both, ([x, y]) => dot(building, node, x, y))];
}

/** A matrix as a kernel [in, out]; a vector is a matrix of one column, which is `single`. */
function matrix(
  building: Building,
  { shape, data }: Constant,
  transposed: boolean,
): { kernel: Tensor; single: boolean } {
  const lead = shape.slice(0, -2);
  if (shape.length === 0 || lead.some((length) => length !== 1))
    throw cannot(`a product with a matrix [${shape.join(', ')}] for each of several places.`);
  if (shape.length === 1) return { kernel: tensor([shape[0], 1], data), single: true };
  const own = shape.slice(-2);
  return { kernel: transposed ? turned(building, tensor(own, data)) : tensor(own, data), single: false };
}

/** Matrices that were turned already: a loop that is written out has the same ones at each timestep. */
const known = new WeakMap<Tensor['data'], Tensor>();

function turned(building: Building, t: Tensor): Tensor {
  const before = known.get(t.data);
  if (before && before.shape[0] === t.shape[1]) return before;
  copying(building, t.data.length);
  const made = transposed(t);
  known.set(t.data, made);
  return made;
}

/** A Dense along ONNX's axis, which the lab wants last. */
function product(building: Building, node: NodeProto, given: Live, axis: number, weights: Weights): Live {
  const whole = settledAxis(building, node, given, axis);
  const at = labAxis(whole, axis);
  const x = arranged(building, node, whole, [...whole.shape.keys()].filter((other) => other !== at).concat(at));
  const [inputs, units] = weights.kernel.shape;
  if (!mayBeSame(x.shape[x.shape.length - 1], inputs))
    throw cannot(`its matrix is for ${inputs} features, and there are ${x.shape[x.shape.length - 1]}.`);
  const ref = add(
    building,
    node,
    { kind: 'dense', units, activation: 'linear', useBias: Object.hasOwn(weights, 'bias'), timeDistributed: false },
    [x.ref()],
    { weights },
  );
  return live(ref, x.shape.with(-1, units), x.axes);
}

/** Y = alpha · A B + beta · C, where B and C are numbers of the file. */
export function gemm(building: Building, node: NodeProto, [a, b, c]: readonly (Value | null)[]): Value[] {
  if (b?.kind !== 'constant' || b.shape.length !== 2) throw cannot('its matrix is not in the file.');
  const x = computedInput(building, node, a);
  if (x.axes.length !== 2) throw cannot('its input has other than two axes.');
  const [alpha, beta] = [floatOf(node, 'alpha', 1), floatOf(node, 'beta', 1)];
  const plain = tensor(b.shape, b.data);
  const turnedOr = intOf(node, 'transB', 0) === 0 ? plain : turned(building, plain);
  if (alpha !== 1) copying(building, plain.data.length);
  const kernel = scaled(turnedOr, alpha);
  const units = kernel.shape[1];
  // A transposed: the features are its first axis, and come to stand last.
  const transA = intOf(node, 'transA', 0) !== 0;
  const bias = c ? biasOf(c, units, beta) : null;
  const seen = transA ? live(x.ref, x.shape, x.axes.toReversed()) : x;
  return [product(building, node, seen, 1, { kernel, ...(bias && { bias }) })];
}

function biasOf(c: Value, units: number, beta: number): Tensor {
  if (c.kind === 'filled') return tensor([units], new Float64Array(units).fill(beta * c.value));
  if (c.kind !== 'constant') throw cannot('its bias is not in the file.');
  const { shape, data } = c;
  if (data.length === 1) return tensor([units], new Float64Array(units).fill(beta * data[0]));
  if (data.length !== units || shape[shape.length - 1] !== units) throw cannot(`its bias is [${shape.join(', ')}].`);
  return scaled(tensor([units], data), beta);
}

function scaled(t: Tensor, factor: number): Tensor {
  return factor === 1
    ? t
    : tensor(
        t.shape,
        t.data.map((value) => value * factor),
      );
}

/**
 * Einsum of two tensors of a batch, where one letter is summed over and each tensor has at most one of its own: "bt,bth->bh", "bqd,bkd->bqk". It is a
 * product of matrices for each sample.
 */
export function einsum(building: Building, node: NodeProto, inputs: readonly (Value | null)[]): Value[] {
  const unknown = () => cannot(`it computes "${equation.slice(0, 40)}", which the lab does not know.`);
  const equation = stringOf(node, 'equation', '').replace(/\s/g, '');
  const [, first, second, result] = /^([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)$/.exec(equation) ?? [];
  if (first === undefined || inputs.length !== 2) throw unknown();
  const [a, b] = inputs.map((input) => computedInput(building, node, input));
  const shared = [...first].filter((letter) => second.includes(letter));
  const [summed, ...others] = shared.filter((letter) => !result.includes(letter));
  const [sample, ...more] = shared.filter((letter) => result.includes(letter));
  const own = [first, second].map((letters) => [...letters].filter((letter) => !shared.includes(letter)));
  const isPlain = [first, second, result].every((letters) => new Set(letters).size === letters.length);
  if (summed === undefined || sample === undefined || others.length + more.length > 0 || !isPlain) throw unknown();
  if (own.some((letters) => letters.length > 1 || letters.some((letter) => !result.includes(letter)))) throw unknown();
  if ([a, b].some((x, at) => x.axes[[first, second][at].indexOf(sample)]?.join() !== 'batch')) throw unknown();
  const turnedTo = (x: Live, letters: string, wanted: readonly (string | undefined)[]) => {
    if (letters.length !== x.axes.length) throw unknown();
    return live(
      x.ref,
      x.shape,
      wanted.map((letter) => (letter === undefined ? [] : x.axes[letters.indexOf(letter)])),
    );
  };
  const [[left], [right]] = own;
  const product = dot(
    building,
    node,
    turnedTo(a, first, [sample, left, summed]),
    turnedTo(b, second, [sample, summed, right]),
  );
  let y = product;
  if (right === undefined) y = picked(building, node, y, 2, 0);
  if (left === undefined) y = picked(building, node, y, 1, 0);
  const letters = [sample, left, right].filter((letter) => letter !== undefined).join('');
  return [turnedTo(y, letters, [...result])];
}

/** Of two tensors of a batch: the last axis of one with the last but one of the other, for each sample. */
function dot(building: Building, node: NodeProto, a: Live, b: Live): Live {
  const [x, y] = [inOrder(building, node, settled(building, node, a)), settled(building, node, b)];
  const ref = add(building, node, { kind: 'merge', operation: 'dot', axes: [2, 1] }, [x.ref(), y.ref()]);
  return live(ref, [x.shape[0], y.shape[1]], [['batch'], [0], [1]]);
}
