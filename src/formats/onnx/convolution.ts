import { tensor } from '../../math/tensor.ts';
import { arranged, labAxis, settledAxis } from './axes.ts';
import { add, type Building, cannot, copying, type Weights } from './building.ts';
import { computedInput } from './computed.ts';
import { type Dim, lengthOf, unknownDim } from './dim.ts';
import type { NodeProto } from './model-proto.ts';
import { intOf, intsOf, stringOf } from './node.ts';
import { type Constant, type Live, live, type Value } from './value.ts';

/** How a window slides along one axis. */
interface Window {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pads: readonly [number, number];
  readonly same: boolean;
}

/** The input as [timesteps, channels], the one axis along which it is wide, and how many others there are that are 1 long. */
interface Wide {
  readonly x: Live;
  readonly window: Window;
  /** ONNX's axis. */
  readonly axis: number;
}

/** Conv along one axis; others, with which exporters make it two-dimensional, are 1 long and have a kernel of 1. */
export function conv(building: Building, node: NodeProto, inputs: readonly (Value | null)[]): Value[] {
  const [given, w, b] = inputs;
  if (w?.kind !== 'constant' || (b && b.kind !== 'constant')) throw cannot('its weights are not in the file.');
  const { x, window, axis } = wide(building, node, computedInput(building, node, given), w.shape.slice(2));
  const groups = intOf(node, 'group', 1);
  const [filters, features] = w.shape;
  const { size, stride, dilation, same } = window;
  if (filters < 1 || features < 1 || size < 1 || w.data.length !== filters * features * size)
    throw cannot('its weights are empty.');
  copying(building, w.data.length);
  const bias = b ? (b as Constant) : null;
  if (bias && bias.data.length !== filters)
    throw cannot(`its bias has ${bias.data.length} numbers, for ${filters} filters.`);
  const weights: Weights = { kernel: kernelOf(w, size), ...(bias && { bias: tensor([filters], bias.data) }) };
  const padded = pad(building, node, x, window);
  const ref = add(
    building,
    node,
    {
      kind: 'conv1d',
      filters,
      kernelSize: size,
      strides: stride,
      padding: same ? 'same' : 'valid',
      dilationRate: dilation,
      groups,
      dataFormat: 'channels_last',
      activation: 'linear',
      useBias: bias !== null,
    },
    [padded],
    { weights },
  );
  return [
    live(
      ref,
      [slid(x.shape[0], window), filters],
      x.axes.map((atoms, at) => (at === axis || at === 1 ? [at === 1 ? 1 : 0] : atoms)),
    ),
  ];
}

/** [filters, features, size] as [size, features, filters]. */
function kernelOf({ data, shape: [filters, features] }: Constant, size: number) {
  const out = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length);
  for (let f = 0; f < filters; f++)
    for (let c = 0; c < features; c++)
      for (let k = 0; k < size; k++) out[(k * features + c) * filters + f] = data[(f * features + c) * size + k];
  return tensor([size, features, filters], out);
}

/** MaxPool and AveragePool along one axis. */
export function pool(building: Building, node: NodeProto, inputs: readonly (Value | null)[]): Value[] {
  if (node.outputs.length > 1 && building.uses.has(node.outputs[1]))
    throw cannot('the places of its maxima are asked for.');
  const { x, window, axis } = wide(
    building,
    node,
    computedInput(building, node, inputs[0]),
    intsOf(node, 'kernel_shape') ?? [],
  );
  const { size, stride, dilation, pads, same } = window;
  const steps = lengthOf(x.shape[0]);
  const even = steps !== null && (steps - size) % stride === 0;
  if (pads.some((count) => count > 0) || dilation !== 1 || (intOf(node, 'ceil_mode', 0) !== 0 && !even))
    throw cannot('it pads, dilates or rounds up, which the lab’s pooling does not.');
  const operation = node.opType === 'MaxPool' ? 'max' : 'average';
  if (same && operation === 'average' && intOf(node, 'count_include_pad', 0) !== 0)
    throw cannot('it counts what it pads.');
  const ref = add(
    building,
    node,
    {
      kind: 'pooling1d',
      operation,
      poolSize: size,
      strides: stride,
      padding: same ? 'same' : 'valid',
      dataFormat: 'channels_last',
    },
    [x.ref()],
  );
  return [
    live(
      ref,
      [slid(x.shape[0], window), x.shape[1]],
      x.axes.map((atoms, at) => (at === axis ? [0] : atoms)),
    ),
  ];
}

function wide(building: Building, node: NodeProto, given: Live, kernel: readonly number[]): Wide {
  const rank = given.axes.length;
  if (kernel.length === 0 || kernel.length !== rank - 2 || given.axes[0].join() !== 'batch')
    throw cannot('its input is not [batch, channels, timesteps].');
  const spatial = kernel.map((_, n) => n);
  const pads = intsOf(node, 'pads') ?? new Array<number>(2 * kernel.length).fill(0);
  const flat = (n: number) =>
    given.axes[n + 2].length === 0 && kernel[n] === 1 && pads[n] === 0 && pads[n + kernel.length] === 0;
  const open = spatial.filter((n) => !flat(n));
  if (open.length > 1 || pads.length !== 2 * kernel.length) throw cannot('it slides along two axes.');
  const n = open[0] ?? 0;
  const settledX = settledAxis(building, node, settledAxis(building, node, given, n + 2), 1);
  const x = arranged(building, node, settledX, [labAxis(settledX, n + 2), labAxis(settledX, 1)]);
  const auto = stringOf(node, 'auto_pad', 'NOTSET');
  if (auto === 'SAME_LOWER') throw cannot('its auto_pad is SAME_LOWER.');
  return {
    x,
    axis: n + 2,
    window: {
      size: kernel[n],
      stride: intsOf(node, 'strides')?.[n] ?? 1,
      dilation: intsOf(node, 'dilations')?.[n] ?? 1,
      pads: auto === 'NOTSET' ? [pads[n], pads[n + kernel.length]] : [0, 0],
      same: auto === 'SAME_UPPER',
    },
  };
}

function pad(building: Building, node: NodeProto, x: Live, { pads }: Window): string {
  if (pads.every((count) => count === 0)) return x.ref();
  return add(building, node, { kind: 'zero_padding1d', padding: pads }, [x.ref()], { suffix: 'padding' });
}

function slid(along: Dim, { size, stride, dilation, pads, same }: Window): Dim {
  const steps = lengthOf(along);
  if (steps === null) return same && stride === 1 ? along : unknownDim();
  if (same) return Math.ceil(steps / stride);
  return Math.max(0, Math.floor((steps + pads[0] + pads[1] - dilation * (size - 1) - 1) / stride) + 1);
}
