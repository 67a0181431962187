import { row, type Tensor } from '../../src/math/tensor.ts';
import { constant, graphAttribute, input, node, onnxModel, output, whole } from './onnx-bytes.ts';

/** One LSTM layer as Keras stores it: kernel [features, 4·units], recurrentKernel [units, 4·units], bias [4·units], columns i | f | g | o. */
export interface Weights {
  readonly kernel: Tensor;
  readonly recurrentKernel: Tensor;
  readonly bias: Tensor;
}

const floats = ({ data }: Tensor): Float32Array => Float32Array.from(data);

const QUANTITIES = ['z', 'i', 'f', 'g', 'o', 'c', 'tanh_c', 'h'];

/** The loop with everything kept: x · W of all timesteps first, then a Scan that returns z, the gates and the states of each. */
export function scanModel({ kernel, recurrentKernel, bias }: Weights, timesteps: number): Uint8Array {
  const [features, columns] = kernel.shape;
  const units = columns / 4;
  const gates = ['i', 'f', 'g', 'o'];
  const body = [
    node('MatMul', ['h_prev', 'U'], ['hU']),
    node('Add', ['xW_t', 'hU'], ['z']),
    node(
      'Split',
      ['z'],
      gates.map((gate) => `z_${gate}`),
      whole('axis', 1),
    ),
    ...gates.map((gate) => node(gate === 'g' ? 'Tanh' : 'Sigmoid', [`z_${gate}`], [gate])),
    node('Mul', ['f', 'c_prev'], ['kept']),
    node('Mul', ['i', 'g'], ['written']),
    node('Add', ['kept', 'written'], ['c']),
    node('Tanh', ['c'], ['tanh_c']),
    node('Mul', ['o', 'tanh_c'], ['h']),
    // A scan's states and what it returns at each step are outputs of their own.
    node('Identity', ['h'], ['h_next']),
    node('Identity', ['c'], ['c_next']),
    input('h_prev', [1, units]),
    input('c_prev', [1, units]),
    input('xW_t', [1, columns]),
    output('h_next', [1, units]),
    output('c_next', [1, units]),
    ...QUANTITIES.map((name) => output(name, [1, name === 'z' ? columns : units])),
  ];
  return onnxModel([
    node('MatMul', ['x', 'W'], ['xW']),
    node('Add', ['xW', 'b'], ['projected']),
    node(
      'Scan',
      ['zero', 'zero', 'projected'],
      ['h_last', 'c_last', ...QUANTITIES.map((name) => `all_${name}`)],
      whole('num_scan_inputs', 1),
      graphAttribute('body', body),
    ),
    constant('W', [features, columns], floats(kernel)),
    constant('U', [units, columns], floats(recurrentKernel)),
    constant('b', [columns], floats(bias)),
    constant('zero', [1, units], new Float32Array(units)),
    input('x', [timesteps, 1, features]),
    ...QUANTITIES.map((name) => output(`all_${name}`, [timesteps, 1, name === 'z' ? columns : units])),
  ]);
}

/** The fused operator, which gives h alone. Its columns are rows, in the order i | o | f | g. */
export function fusedModel({ kernel, recurrentKernel, bias }: Weights, timesteps: number): Uint8Array {
  const [features, columns] = kernel.shape;
  const units = columns / 4;
  const order = [0, 3, 1, 2].flatMap((gate) => Array.from({ length: units }, (_, u) => gate * units + u));
  const turned = (t: Tensor) =>
    Float32Array.from(order.flatMap((column) => Array.from({ length: t.shape[0] }, (_, k) => row(t, k)[column])));
  const both = Float32Array.from([...order.map((column) => bias.data[column]), ...new Float32Array(columns)]);
  return onnxModel([
    node('LSTM', ['x', 'W', 'R', 'B'], ['y'], whole('hidden_size', units)),
    constant('W', [1, columns, features], turned(kernel)),
    constant('R', [1, columns, units], turned(recurrentKernel)),
    constant('B', [1, 2 * columns], both),
    input('x', [timesteps, 1, features]),
    output('y', [timesteps, 1, 1, units]),
  ]);
}
