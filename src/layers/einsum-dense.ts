/*
 * EinsumDense: a Dense layer along any axes. An equation names the axes of the input, of the kernel and of the output: "abc,cd->abd" is Dense on the last
 * axis, "abc,cde->abde" makes two axes of it. The first axis, or what "..." begins with, is the batch.
 *
 *   z = x W + b,  y = φ(z)
 *
 * x [axes that are summed over], z and y [axes that only the kernel has]: one row for each place along the axes that stay. An axis that input, kernel and
 * output have has a W for each of its places. Masks end here. Source: keras/src/layers/core/einsum_dense.py.
 */
import { activationCall, activationLoop, activationParts, activations } from '../math/activations.ts';
import { broadcast, inverse, permuted } from '../math/axes.ts';
import { LabError } from '../math/lab-error.ts';
import { addVectorMatrix } from '../math/linear.ts';
import { row, sizeOf, type Tensor, tensor } from '../math/tensor.ts';
import { batchShape, dropsMask } from './axes.ts';
import type { EinsumDenseLayer, LayerKind, Shape } from './layer.ts';
import { refuseMany } from './reshaping.ts';

type Bare = Omit<EinsumDenseLayer, 'weights'>;

/** Axes by their letters, without the batch; those that "..." stands for are numbers. */
interface Axes {
  readonly input: readonly string[];
  readonly kernel: readonly string[];
  readonly output: readonly string[];
  /** Of the input and the output: there is one row for each of their places. */
  readonly stay: readonly string[];
  /** Of the input, the kernel and the output: a W of its own for each of their places. */
  readonly shared: readonly string[];
  /** Of the input alone, or with the kernel: what is summed over. */
  readonly summed: readonly string[];
  /** Of the kernel and the output. */
  readonly made: readonly string[];
  readonly length: (axis: string) => number | null;
}

const FORMS = [
  /^()([a-zA-Z]+),([a-zA-Z]+)->()([a-zA-Z]+)()$/,
  /^(\.\.\.)([a-zA-Z]+),([a-zA-Z]+)->(\.\.\.)([a-zA-Z]+)()$/,
  /^()([a-zA-Z]{2,})\.\.\.,([a-zA-Z]+)->()([a-zA-Z]+)(\.\.\.)$/,
];

function refused(layer: Bare, problem: string, input: Shape): LabError {
  return new LabError({ path: 'equation', problem, received: `"${layer.equation}" for an input ${batchShape(input)}` });
}

function axesOf(layer: Bare, input: Shape): Axes {
  const match = FORMS.map((form) => form.exec(layer.equation)).find((found) => found !== null);
  if (!match)
    throw refused(
      layer,
      'Equations must be in the form [X],[Y]->[Z], ...[X],[Y]->...[Z], or [X]...,[Y]->[Z]....',
      input,
    );
  const [, left, named, weights, , outputs, right] = match;
  const elided = input.length + 1 - named.length;
  if (elided < (left ? 1 : 0) || (elided > 0 && !left && !right))
    throw refused(layer, 'the equation names other axes than the input has.', input);
  const dots = Array.from({ length: elided }, (_, at) => String(at));
  const expanded = (letters: string) => [...(left ? dots : []), ...letters, ...(right ? dots : [])];
  const [batch, ...inside] = expanded(named);
  const [outBatch, ...outside] = expanded(outputs);
  const kernel = [...weights];
  const isWhole = [inside, outside, kernel].every((axes) => new Set(axes).size === axes.length);
  if (outBatch !== batch || kernel.includes(batch) || inside.includes(batch) || outside.includes(batch) || !isWhole)
    throw refused(layer, 'the first axis of input and output is the batch, and no axis stands twice.', input);
  const unmatched = [
    ...outside.filter((axis) => !inside.includes(axis) && !kernel.includes(axis)),
    ...kernel.filter((axis) => !inside.includes(axis) && !outside.includes(axis)),
  ];
  if (unmatched.length > 0) throw refused(layer, `axis ${unmatched[0]} of the equation has no match.`, input);
  const stated = outside.filter((axis) => !dots.includes(axis));
  if (stated.length !== layer.outputShape.length)
    throw refused(layer, `output_shape must have ${stated.length} lengths, it has ${layer.outputShape.length}.`, input);
  const lengths = new Map<string, number | null>(inside.map((axis, at) => [axis, input[at]]));
  stated.forEach((axis, at) => {
    const [given, known] = [layer.outputShape[at], lengths.get(axis) ?? null];
    if (given !== null && known !== null && given !== known)
      throw refused(layer, `Input shape and output shape do not match at shared dimension '${axis}'.`, input);
    lengths.set(axis, given ?? known);
  });
  return {
    input: inside,
    kernel,
    output: outside,
    stay: inside.filter((axis) => outside.includes(axis) && !kernel.includes(axis)),
    shared: inside.filter((axis) => outside.includes(axis) && kernel.includes(axis)),
    summed: inside.filter((axis) => !outside.includes(axis)),
    made: outside.filter((axis) => !inside.includes(axis)),
    length: (axis) => lengths.get(axis) ?? null,
  };
}

/** Lengths of the bias: from the first of its axes on, 1 where an axis has none. */
function biasShape({ biasAxes }: Bare, { output, length }: Axes): Shape | null {
  if (biasAxes === null || biasAxes === '') return null;
  const first = output.findIndex((axis) => biasAxes.includes(axis));
  return output.slice(first).map((axis) => (biasAxes.includes(axis) ? length(axis) : 1));
}

interface Arranged {
  /** [rows, numbers that are summed over] */
  readonly x: Tensor;
  /** Row `at` meets kernel number `at % kernels.length`, [numbers that are summed over, numbers of a row of y]. */
  readonly kernels: readonly Tensor[];
  /** [rows, numbers of a row of y] */
  readonly bias: Tensor | null;
  /** The order of the output's axes in which rows stand one after the other. */
  readonly order: readonly number[];
  readonly outputLengths: readonly number[];
}

function arranged(layer: EinsumDenseLayer, x: Tensor): Arranged {
  const axes = axesOf(layer, x.shape);
  const { stay, shared, summed, made } = axes;
  const lengths = (list: readonly string[]) => list.map((axis) => axes.length(axis) as number);
  const [count, width] = [sizeOf(lengths(summed)), sizeOf(lengths(made))];
  const rows = permuted(
    x,
    [...stay, ...shared, ...summed].map((axis) => axes.input.indexOf(axis)),
  );
  // The kernel has no place for what is summed over in the input alone: there it is the same everywhere.
  const wanted = [...shared, ...summed, ...made];
  const moved = permuted(
    layer.weights.kernel,
    wanted.filter((axis) => axes.kernel.includes(axis)).map((axis) => axes.kernel.indexOf(axis)),
  );
  const stretched = tensor(
    wanted.map((axis) => (axes.kernel.includes(axis) ? (axes.length(axis) as number) : 1)),
    moved.data,
  );
  const whole = broadcast(stretched, lengths(wanted));
  const outputLengths = lengths(axes.output);
  const order = [...stay, ...shared, ...made].map((axis) => axes.output.indexOf(axis));
  const { bias } = layer.weights;
  return {
    x: tensor([x.data.length / count, count], rows.data),
    kernels: Array.from({ length: sizeOf(lengths(shared)) }, (_, at) =>
      tensor([count, width], whole.data.subarray(at * count * width, (at + 1) * count * width)),
    ),
    bias: bias ? tensor([x.data.length / count, width], permuted(broadcast(bias, outputLengths), order).data) : null,
    order,
    outputLengths,
  };
}

export const einsumDense: LayerKind<EinsumDenseLayer> = {
  className: () => 'EinsumDense',
  equations: (layer) => [
    { symbol: 'z', meaning: 'weighted sum', expression: `z = x * W${layer.biasAxes ? ' + b' : ''}` },
    { symbol: 'y', meaning: 'output', expression: `y = ${activationCall(layer.activation, 'z')}` },
  ],
  // W and b as a row meets them: see `rows`.
  constants: () => ({}),

  weightShapes(layer, input) {
    const axes = axesOf(layer, input);
    const bias = biasShape(layer, axes);
    return { kernel: axes.kernel.map(axes.length), ...(bias && { bias }) };
  },

  outputShapes(layer, input) {
    const axes = axesOf(layer, input);
    const isLast = axes.made.length === 1 && axes.output.at(-1) === axes.made[0];
    if (activations[activationParts(layer.activation).name].wholeVector && !isLast)
      throw new LabError({
        path: 'activation',
        problem: 'this activation is computed here only where the kernel makes the last axis, and no other.',
        received: `${layer.activation}, "${layer.equation}"`,
      });
    const output = axes.output.map(axes.length);
    refuseMany('output_shape', output);
    return [output];
  },

  rows(layer, { inputs }) {
    const { x, kernels, bias } = arranged(layer, inputs[0]);
    return {
      count: x.shape[0],
      bindings: (at) => ({
        x: tensor([x.shape[1]], row(x, at)),
        W: kernels[at % kernels.length],
        ...(bias && { b: tensor([bias.shape[1]], row(bias, at)) }),
      }),
    };
  },

  forward(layer, _, { inputs }) {
    const { x, kernels, bias } = arranged(layer, inputs[0]);
    const [rows, width] = [x.shape[0], kernels[0].shape[1]];
    const [z, y] = [tensor([rows, width]), tensor([rows, width])];
    const activate = activationLoop(layer.activation);
    for (let at = 0; at < rows; at++) {
      const sum = row(z, at) as Float64Array;
      addVectorMatrix(sum, row(x, at), kernels[at % kernels.length]);
      if (bias) for (let k = 0; k < width; k++) sum[k] += bias.data[at * width + k];
      const out = row(y, at) as Float64Array;
      out.set(sum);
      activate(out);
    }
    return { z, y };
  },

  returns(layer, { y }, { inputs }) {
    const { order, outputLengths } = arranged(layer, inputs[0]);
    return [
      permuted(
        tensor(
          order.map((axis) => outputLengths[axis]),
          y.data,
        ),
        inverse(order),
      ),
    ];
  },

  outputMask: dropsMask('EinsumDense'),
};
