import { kindOf } from '../../layers/kinds.ts';
import type { Layer, Quantities, StepContext } from '../../layers/layer.ts';
import { innerLayer } from '../../layers/time-distributed.ts';
import { type Rows, rowsOf, sizeOf, type Tensor, tensor } from '../../math/tensor.ts';
import { contextAt, contextOf, isRecomputed } from '../../session/seen.ts';
import type { Position } from '../../session/selectors.ts';
import type { CallTrace } from '../../trace/trace.ts';

/* Where a number that was only moved stood in the input: the layer is run on the places instead of the numbers, so that it tells itself. */

/** Functions of equations that move numbers and compute nothing. */
const MOVES =
  /^y(?:_backward)? = (?:(?:flatten|reshape|permute|slice|pick|pad|crop|repeat|concat|channels_last)\(|x_\d+$)/;

export function isMove(expression: string): boolean {
  return MOVES.test(expression);
}

/** Which input it comes from (counted from 0), and its place along each of that input's axes. */
export interface Source {
  readonly input: number;
  readonly places: readonly number[];
}

/** Where number `unit` of a quantity stood at the cursor's step; null for a number that was not there before, as padding. */
export function sourceOf({ trace, callTrace, step }: Position, symbol: string, unit: number): Source | null {
  if (isRecomputed(callTrace)) {
    const { layer } = callTrace.call;
    const context = contextAt(trace, callTrace, step);
    const count = callTrace.inputs[0].shape[0];
    const rows = rowsOf(callTrace.quantities[symbol]) / count;
    const source = placeOf(codesOf(layer, context)[symbol], step % rows, unit, context.inputs);
    if (!source) return null;
    const timestep = Math.floor(step / rows);
    const isMirrored = layer.kind === 'bidirectional' && source.input === 1;
    return { ...source, places: [isMirrored ? count - 1 - timestep : timestep, ...source.places.slice(1)] };
  }
  let codes = known.get(callTrace);
  if (!codes) {
    codes = codesOf(callTrace.call.layer, contextOf(trace, callTrace));
    known.set(callTrace, codes);
  }
  return placeOf(codes[symbol], step, unit, callTrace.inputs);
}

function placeOf(codes: Tensor, step: number, unit: number, inputs: readonly Pick<Rows, 'shape'>[]): Source | null {
  const code = codes.data[step * codes.shape[codes.shape.length - 1] + unit];
  if (!(code > 0)) return null;
  let index = code - 1;
  for (const [input, { shape }] of inputs.entries()) {
    const size = sizeOf(shape);
    if (index < size) return { input, places: placesIn(shape, index) };
    index -= size;
  }
  return null;
}

/** One index for each axis. */
export function placesIn(shape: readonly number[], index: number): number[] {
  const places: number[] = [];
  let rest = index;
  for (const length of [...shape].reverse()) {
    places.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return places;
}

const known = new WeakMap<CallTrace, Readonly<Record<string, Tensor>>>();

/** The layer's quantities, of places counted from 1 through all inputs. */
function codesOf(layer: Layer, context: StepContext): Readonly<Record<string, Tensor>> {
  let before = 1;
  const inputs = context.inputs.map(({ shape, data }) => {
    const first = before;
    before += data.length;
    return tensor(
      shape,
      Float64Array.from(data, (_, n) => first + n),
    );
  });
  return computed(layer, inputs, { ...context, inputs });
}

function computed(layer: Layer, inputs: readonly Tensor[], context: StepContext): Quantities {
  if (layer.kind !== 'time_distributed') return kindOf(layer).forward(layer, inputs[0], context);
  const inner = innerLayer(layer);
  const [x] = inputs;
  const size = x.data.length / x.shape[0];
  const rows = Array.from({ length: x.shape[0] }, (_, t) => {
    const slice = tensor(x.shape.slice(1), x.data.subarray(t * size, (t + 1) * size));
    return computed(inner, [slice], { ...context, mask: null, masks: [null], inputs: [slice] });
  });
  return Object.fromEntries(
    Object.keys(rows[0]).map((symbol): [string, Tensor] => {
      const parts = rows.map((quantities) => quantities[symbol]);
      const [height, ...rest] = parts[0].shape;
      const data = Float64Array.from(parts.flatMap((part) => Array.from(part.data)));
      return [symbol, tensor([height * parts.length, ...rest], data)];
    }),
  );
}
