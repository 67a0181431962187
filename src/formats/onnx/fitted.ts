import { activationWith } from '../../math/activations.ts';
import { type Tensor, tensor } from '../../math/tensor.ts';
import { labAxis, settledAxis } from './axes.ts';
import { add, type Building, cannot } from './building.ts';
import { lengthOf } from './dim.ts';
import { moved, placer, reserve, stridesOf } from './known.ts';
import type { NodeProto } from './model-proto.ts';
import { type Constant, type Live, live } from './value.ts';

/** x · scale + offset, with numbers of the file. */
export function affine(
  building: Building,
  node: NodeProto,
  given: Live,
  by: { scale?: Constant; offset?: Constant },
): Live {
  const numbers = Object.values(by).every(({ data }) => data.length === 1);
  const low = Object.values(by).every(({ shape }) => shape.length <= given.axes.length);
  if (numbers && low) {
    const activation = activationWith('affine', by.scale?.data[0] ?? 1, by.offset?.data[0] ?? 0);
    return live(add(building, node, { kind: 'activation', activation }, [given.ref()]), given.shape, given.axes);
  }
  // Whatever the axes must be like for one of them, they are for both.
  let x = given;
  for (const part of [by.offset, by.scale]) if (part) ({ x } = fitted(building, node, x, part));
  const scale = by.scale && fitted(building, node, x, by.scale).weights;
  const offset = by.offset && fitted(building, node, x, by.offset).weights;
  const ref = add(
    building,
    node,
    { kind: 'affine', ...(scale && { scaleShape: scale.shape }), ...(offset && { offsetShape: offset.shape }) },
    [x.ref()],
    { weights: { ...(scale && { scale }), ...(offset && { offset }) } },
  );
  const shape = x.shape.map((dim, axis) => {
    const lengths = [scale, offset].map((t) => t?.shape[axis - x.shape.length + t.shape.length] ?? 1);
    return dim === 1 ? Math.max(...lengths) : dim;
  });
  return live(ref, shape, x.axes);
}

/** Without the axis of the samples, where each sample has the same numbers: exporters write the zeros of a state for a batch of a certain size. */
function once(building: Building, { axes }: Live, c: Constant): Constant {
  const axis = axes.findIndex((atoms) => atoms.includes('batch')) + c.shape.length - axes.length;
  if (!(axis >= 0) || c.shape[axis] === 1 || c.shape[axis] !== building.batch) return c;
  reserve(building, c.shape);
  const strides = stridesOf(c.shape);
  const shape = c.shape.with(axis, 1);
  const first = moved(building, c, shape, placer(shape, strides)) as Constant;
  const place = placer(
    c.shape,
    stridesOf(shape).map((stride, at) => (at === axis ? 0 : stride)),
  );
  return c.data.every((value, at) => value === first.data[place(at)]) ? first : c;
}

/** Numbers of the file in the order of the lab's axes, and the tensor with those axes apart along which the numbers differ. */
export function fitted(building: Building, node: NodeProto, given: Live, from: Constant): { x: Live; weights: Tensor } {
  const c = once(building, given, from);
  const extra = c.shape.length - given.axes.length;
  let x = extra > 0 ? live(given.ref, given.shape, [...new Array<never[]>(extra).fill([]), ...given.axes]) : given;
  const lengths = [...new Array<number>(Math.max(0, -extra)).fill(1), ...c.shape];
  lengths.forEach((length, axis) => {
    if (length === 1) return;
    if (x.axes[axis].includes('batch'))
      throw cannot('numbers of the file that differ from sample to sample of a batch.');
    x = settledAxis(building, node, x, axis);
    const own = lengthOf(x.shape[labAxis(x, axis)]);
    if (own !== null && own !== 1 && own !== length) throw cannot(`shapes do not fit: ${own} and ${length}.`);
  });
  const axisOf = x.shape.map((_, at) => x.axes.findIndex((atoms) => atoms.includes(at)));
  const shape = axisOf.map((axis) => lengths[axis]);
  const strides = stridesOf(lengths);
  const places = placer(
    shape,
    axisOf.map((axis) => strides[axis]),
  );
  const turned = moved(building, c, shape, places);
  const start = shape.findIndex((length) => length !== 1);
  return { x, weights: tensor(start < 0 ? [] : shape.slice(start), (turned as Constant).data) };
}
