import { type Tensor, tensor } from '../../math/tensor.ts';
import { type Building, cannot, copying, type Weights } from './building.ts';
import type { NodeProto } from './model-proto.ts';
import { intOf } from './node.ts';
import type { Constant, Value } from './value.ts';

/** ONNX's order of the gates, by the place at which the lab has them: i o f c → i f g o; z r h → z r g. */
const ORDER = { LSTM: [0, 2, 3, 1], GRU: [0, 1, 2], RNN: [0] };
/** i o f → i f o. */
const PEEPHOLES = [0, 2, 1];

interface RecurrentWeights {
  readonly units: number;
  readonly directions: readonly Weights[];
}

/**
 * W [directions, gates·units, features], R [directions, gates·units, units], B [directions, 2·gates·units] (Wb, then Rb) and P [directions, 3·units] as
 * the lab has them: kernel [features, gates·units], recurrent_kernel, bias, peepholes, for each direction.
 */
export function recurrentWeights(
  building: Building,
  operator: 'LSTM' | 'GRU' | 'RNN',
  node: NodeProto,
  w: Value | null,
  r: Value | null,
  b: Value | null,
  p: Value | null,
): RecurrentWeights {
  const order = ORDER[operator];
  const gates = order.length;
  const W = given(w, 'W', 3);
  const R = given(r, 'R', 3);
  const [directions, rows, features] = W.shape;
  const units = R.shape[2];
  fits(W, 'W', [directions, gates * units, features]);
  fits(R, 'R', [directions, gates * units, units]);
  copying(building, W.data.length + R.data.length);
  const hidden = intOf(node, 'hidden_size', units);
  if (hidden !== units || units < 1 || features < 1 || rows < 1 || directions > 2)
    throw cannot(`its hidden_size is ${hidden}, and its weights are for ${units}.`);
  const B = b === null ? null : given(b, 'B', 2);
  const P = p === null || operator !== 'LSTM' ? null : given(p, 'P', 2);
  if (B) fits(B, 'B', [directions, 2 * gates * units]);
  if (P) fits(P, 'P', [directions, 3 * units]);
  const separate = operator === 'GRU' && intOf(node, 'linear_before_reset', 0) !== 0;
  return {
    units,
    directions: Array.from({ length: directions }, (_, direction) => ({
      kernel: turned(W, direction, order, units),
      recurrent_kernel: turned(R, direction, order, units),
      ...(B && { bias: bias(B, direction, order, units, separate) }),
      ...(P && { peepholes: blocks(P, direction * 3 * units, PEEPHOLES, units) }),
    })),
  };
}

function given(value: Value | null, name: string, rank: number): Constant {
  if (value?.kind !== 'constant') throw cannot(`its ${name} is not in the file: it is computed from the input.`);
  if (value.shape.length !== rank) throw cannot(`its ${name} has ${value.shape.length} axes, not ${rank}.`);
  return value;
}

function fits({ shape }: Constant, name: string, wanted: readonly number[]): void {
  if (shape.join() !== wanted.join())
    throw cannot(`its ${name} is [${shape.join(', ')}], and [${wanted.join(', ')}] is wanted.`);
}

/** One direction's [gates·units, length] as [length, gates·units], the gates in the lab's order. */
function turned({ shape, data }: Constant, direction: number, order: readonly number[], units: number): Tensor {
  const [, rows, length] = shape;
  const out = room(data, rows * length);
  order.forEach((gate, place) => {
    for (let unit = 0; unit < units; unit++) {
      const from = (direction * rows + gate * units + unit) * length;
      const column = place * units + unit;
      for (let at = 0; at < length; at++) out[at * rows + column] = data[from + at];
    }
  });
  return tensor([length, rows], out);
}

function bias(B: Constant, direction: number, order: readonly number[], units: number, separate: boolean): Tensor {
  const width = order.length * units;
  const input = blocks(B, direction * 2 * width, order, units).data;
  const recurrent = blocks(B, (direction * 2 + 1) * width, order, units).data;
  if (separate) return tensor([2, width], Float64Array.from([...input, ...recurrent]));
  return tensor(
    [width],
    Float64Array.from(input, (value, at) => value + recurrent[at]),
  );
}

function blocks({ data }: Constant, from: number, order: readonly number[], units: number): Tensor {
  const out = room(data, order.length * units);
  order.forEach((block, place) => {
    out.set(data.subarray(from + block * units, from + (block + 1) * units), place * units);
  });
  return tensor([out.length], out);
}

function room(like: Constant['data'], length: number): Float32Array | Float64Array {
  return like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}
