import { type Tensor, tensor } from '../../math/tensor.ts';
import { axisFrom, labAxis, picked, settledAxis } from './axes.ts';
import { add, type Building, cannot, layerName } from './building.ts';
import { computedInput, isComputed } from './computed.ts';
import { type Dim, lengthOf, unknownDim } from './dim.ts';
import { reserve, wholeList } from './known.ts';
import type { NodeProto } from './model-proto.ts';
import { intOf, intsOf, sliceRanges } from './node.ts';
import { asLive, joined, shapeOf, stackOf, withAxes } from './shaping.ts';
import { axesOf, type Constant, type Live, live, type Stack, type Value } from './value.ts';

type Inputs = readonly (Value | null)[];

/** Rows of a table of the file are an Embedding; places of what the model computes are a slice. */
export function gather(building: Building, node: NodeProto, [x, index]: Inputs): Value[] {
  if (x?.kind === 'constant' && isComputed(index)) return [embedded(building, node, x, index)];
  if (!isComputed(x) || index?.kind !== 'constant')
    throw cannot('the places that it picks are computed from the input.');
  const axis = axisFrom(intOf(node, 'axis', 0), axesOf(x).length);
  if (index.shape.length > 1) throw cannot('it picks a table of places.');
  const places = Array.from(index.data);
  if (index.shape.length === 0) return [single(building, node, x, axis, places[0])];
  if (places.length > MAX_PLACES) throw cannot(`it picks ${places.length} places.`);
  const step = places.length > 1 ? places[1] - places[0] : 1;
  const even = step !== 0 && places.every((place, n) => place === places[0] + n * step);
  const first = places[0];
  const last = places[places.length - 1];
  if (
    x.kind === 'live' &&
    even &&
    places.length > 0 &&
    Math.sign(first) * Math.sign(last) >= 0 &&
    first >= 0 &&
    last >= 0
  ) {
    const stop = last + Math.sign(step);
    return [part(building, node, x, axis, { start: first, stop: stop < 0 ? null : stop, step, count: places.length })];
  }
  if (places.length === 1 || x.kind === 'stack')
    return [
      stackOf(
        building,
        node,
        axis,
        places.map((place) => asLive(building, node, single(building, node, x, axis, place))),
      ),
    ];
  const parts = places.map((place) => {
    const one = asLive(building, node, single(building, node, x, axis, place));
    return live(one.ref, one.shape, one.axes.toSpliced(axis, 0, []));
  });
  return [joined(building, node, parts, axis)];
}

/** As many layers as one node becomes. */
const MAX_PLACES = 64;

function embedded(building: Building, node: NodeProto, table: Constant, indices: Live | Stack): Live {
  const axis = axisFrom(intOf(node, 'axis', 0), table.shape.length);
  if (axis !== 0 || table.shape.length !== 2)
    throw cannot(`it looks up a table [${table.shape.join(', ')}] along axis ${axis}.`);
  const x = asLive(building, node, indices);
  const [inputDim, outputDim] = table.shape;
  const weights = { embeddings: tensor(table.shape, table.data) as Tensor };
  const ref = add(building, node, { kind: 'embedding', inputDim, outputDim, maskZero: false }, [x.ref()], { weights });
  return live(ref, [...x.shape, outputDim], [...x.axes, [x.shape.length]]);
}

function single(building: Building, node: NodeProto, x: Live | Stack, axis: number, index: number): Live | Stack {
  const atoms = axesOf(x)[axis];
  const [length] = [shapeOf(building, x)[axis]];
  if (atoms.length === 0 && (index === 0 || index === -1)) return withAxes(x, axesOf(x).toSpliced(axis, 1));
  if (x.kind === 'stack' && axis === x.axis) {
    const at = axisFrom(index, x.parts.length);
    return x.parts[at];
  }
  if (atoms.join() === 'batch') {
    if (length !== 1) throw cannot('it picks one sample of a batch.');
    return withAxes(x, axesOf(x).toSpliced(axis, 1));
  }
  return picked(building, node, settledAxis(building, node, asLive(building, node, x), axis), axis, index);
}

interface Part {
  readonly start: number;
  readonly stop: number | null;
  readonly step: number;
  readonly count: number | null;
}

/** Part of an axis of the lab's. */
function part(
  building: Building,
  node: NodeProto,
  given: Live,
  axis: number,
  { start, stop, step, count }: Part,
): Live {
  const x = settledAxis(building, node, given, axis);
  const at = labAxis(x, axis);
  const length = lengthOf(x.shape[at]);
  if (count === 0) throw cannot('it takes nothing of its input.');
  if (step === 1 && start === 0 && (stop === null || stop === length)) return given;
  const ref = add(
    building,
    node,
    { kind: 'slice', axis: at + 1, start, ...(stop !== null && { stop }), ...(step !== 1 && { step }) },
    [x.ref()],
    { suffix: node.outputs.length > 1 ? `${start}` : undefined },
  );
  return live(ref, x.shape.with(at, count ?? unknownLength(start, stop, step)), x.axes);
}

/** How many a slice takes of a length that is not known: from the end, or all of them. */
function unknownLength(start: number, stop: number | null, step: number): Dim {
  // A sequence has one timestep at least.
  if (step === 1 && start === 0 && stop === 1) return 1;
  if (step === 1 && start < 0) return stop === null ? -start : stop < 0 ? stop - start : unknownDim();
  return unknownDim();
}

export function slice(building: Building, node: NodeProto, inputs: Inputs): Value[] {
  const [given] = inputs;
  if (!isComputed(given)) throw cannot('what it cuts is not a tensor that the layers before it compute.');
  let x: Live | Stack = given;
  for (const [axis, range] of sliceRanges(building, node, inputs, shapeOf(building, x))) {
    const all =
      range.start === 0 && range.step === 1 && (range.stop === null || range.count === shapeOf(building, x)[axis]);
    if (all) continue;
    if (axesOf(x)[axis].join() === 'batch') throw cannot('it takes some samples of a batch.');
    if (x.kind === 'stack' && x.axis === axis) {
      const { parts } = x;
      const places = Array.from({ length: range.count ?? 0 }, (_, n) => parts[range.start + n * range.step]);
      if (places.length === 0) throw cannot('it takes nothing of its input.');
      x = stackOf(building, node, axis, places);
    } else x = part(building, node, asLive(building, node, x), axis, range);
  }
  return [x];
}

export function split(building: Building, node: NodeProto, inputs: Inputs): Value[] {
  const [x] = inputs;
  if (!isComputed(x)) throw cannot('what it cuts is not a tensor that the layers before it compute.');
  const axis = axisFrom(intOf(node, 'axis', 0), axesOf(x).length);
  const [length] = [shapeOf(building, x)[axis]];
  const count = node.outputs.length;
  if (typeof length !== 'number') throw cannot('it cuts a length that only the input tells.');
  const sizes = inputs[1]
    ? wholeList(inputs[1], 'parts')
    : (intsOf(node, 'split') ?? node.outputs.map(() => Math.ceil(length / count)));
  if (axesOf(x)[axis].includes('batch') || sizes.length < count) throw cannot('it cuts samples of a batch apart.');
  let from = 0;
  return node.outputs.map((_, n) => {
    const start = from;
    const size = Math.min(sizes[n], length - start);
    from += size;
    if (size === 0 && !building.uses.has(node.outputs[n])) return { kind: 'lost', ref: layerName(node) };
    if (!(size > 0)) throw cannot('its parts are more than there is.');
    if (x.kind === 'stack' && x.axis === axis) return stackOf(building, node, axis, x.parts.slice(start, from));
    if (size === length) return x;
    return part(building, node, asLive(building, node, x), axis, { start, stop: from, step: 1, count: size });
  });
}

/** The same vector of the file for each sample, as the tensor beside it has them: 0 times that, and the vector. Null where it is something else. */
function repeated(building: Building, node: NodeProto, { shape, data }: Constant, beside: Live | Stack): Live | null {
  const units = shape.at(-1) ?? 0;
  reserve(building, shape);
  if (shape.length !== 2 || units === 0 || data.some((value, at) => value !== data[at % units])) return null;
  const x = computedInput(building, node, beside);
  const width = lengthOf(x.shape[0] ?? 1);
  if (x.axes.length !== 2 || x.shape.length !== 1 || width === null) return null;
  const weights = { kernel: tensor([width, units]), bias: tensor([units], data.slice(0, units)) };
  const doing = { kind: 'dense', units, activation: 'linear', useBias: true, timeDistributed: false } as const;
  return live(add(building, node, doing, [x.ref()], { weights, suffix: 'constant' }), [units], x.axes);
}

/** Along an axis that the tensors have, or, where it is 1 long in each, as a stack. */
export function concat(building: Building, node: NodeProto, inputs: Inputs): Value[] {
  const beside = inputs.find((value) => isComputed(value));
  const values = inputs.map((value) => {
    const made = value?.kind === 'constant' && isComputed(beside) ? repeated(building, node, value, beside) : value;
    if (!isComputed(made)) throw cannot('it joins what the model computes with what it does not.');
    return made;
  });
  if (values.length === 1) return [values[0]];
  const rank = axesOf(values[0]).length;
  const axis = axisFrom(intOf(node, 'axis', building.opset < 4 ? 1 : 0), rank);
  if (values.some((value) => axesOf(value).length !== rank))
    throw cannot('it joins tensors of different numbers of axes.');
  if (values.some((value) => axesOf(value)[axis].includes('batch'))) throw cannot('it joins samples of a batch.');
  const stackable = values.every((value) =>
    value.kind === 'stack' ? value.axis === axis : value.axes[axis].length === 0,
  );
  if (stackable) {
    const parts = values.flatMap((value) =>
      value.kind === 'stack' ? value.parts : [live(value.ref, value.shape, value.axes.toSpliced(axis, 1))],
    );
    return [stackOf(building, node, axis, parts)];
  }
  return [
    joined(
      building,
      node,
      values.map((value) => computedInput(building, node, value)),
      axis,
    ),
  ];
}
