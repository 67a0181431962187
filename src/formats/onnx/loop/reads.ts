import { axisFrom } from '../axes.ts';
import { type Building, cannot } from '../building.ts';
import { isComputed } from '../computed.ts';
import { listOf } from '../known.ts';
import type { NodeProto } from '../model-proto.ts';
import { intOf } from '../node.ts';
import { asSequence } from '../recurrent.ts';
import { asLive } from '../shaping.ts';
import type { Live } from '../value.ts';
import type { Body } from './body.ts';
import { maskOf } from './mask.ts';
import { isCounter } from './trips.ts';

/** What a loop reads, in the order of time or against it. */
export interface Read {
  /** [timesteps, features] in the order that the file's own tensor has. */
  readonly ref: string;
  readonly sequence: Live;
  readonly samples: Live['axes'][number];
  readonly isReversed: boolean;
}

/** The sequence outside of which a name in the body is one timestep. */
export function readOf(building: Building, node: NodeProto, body: Body, name: string): Read {
  const { source, axis } = timestepOf(body, name);
  const value = building.values.get(source);
  if (!isComputed(value)) throw cannot('what it reads is no sequence that the model computes.');
  const x = asLive(building, node, value);
  if (x.axes.length !== 3) throw cannot('what it reads has other than three axes.');
  const { sequence, samples } = asSequence(building, node, x, axis, 1 - axis);
  const turned = unturned(building, sequence.ref());
  return { ref: turned ?? sequence.ref(), sequence, samples, isReversed: turned !== null };
}

/** The mask [timesteps] of which a name in the body is one timestep, which must run the same way. */
export function maskRef(
  building: Building,
  node: NodeProto,
  body: Body,
  name: string,
  { isReversed, sequence, samples }: Read,
): string {
  const { source, axis } = timestepOf(body, name);
  const { value, isReversed: turned } = maskOf(building, node, source);
  const [own, ...rest] = [value.axes[axis], value.axes[1 - axis], ...value.axes.slice(2)];
  const isPlain = own?.join() === '0' && rest[0]?.join() === samples.join();
  const extra = rest.slice(1).flat();
  const isNarrow =
    extra.length === value.shape.length - 1 &&
    extra.every((atom) => typeof atom === 'number' && value.shape[atom] === 1);
  if (!isPlain || !isNarrow || JSON.stringify(value.shape[0]) !== JSON.stringify(sequence.shape[0]))
    throw cannot('its mask is not one number for each timestep.');
  const ref = value.ref();
  const back = unturned(building, ref);
  if ((back !== null) !== turned ? !isReversed : isReversed)
    throw cannot('its mask runs the other way than what it reads.');
  return back ?? ref;
}

/** What the graph picks of a sequence in each timestep: the one that it is at. */
function timestepOf(body: Body, name: string, depth = 0): { source: string; axis: number } {
  const node = body.view.producers.get(name);
  if (node?.opType === 'Cast' && depth < 4) return timestepOf(body, node.inputs[0], depth + 1);
  if (node?.opType !== 'Gather' || node.domain !== '' || !isCounter(body, node.inputs[1]))
    throw cannot('what it reads in a timestep is not that timestep of a sequence.');
  const axis = axisFrom(intOf(node, 'axis', 0), 3);
  if (axis > 1) throw cannot('what it reads in a timestep is not that timestep of a sequence.');
  return { source: wholeOf(body, node.inputs[0]), axis };
}

/** What a slice in the body takes all of: x[:, t] of PyTorch. */
function wholeOf({ view }: Body, name: string): string {
  const node = view.producers.get(name);
  if (node?.opType !== 'Slice' || node.domain !== '') return name;
  const [starts, ends, , steps] = [1, 2, 3, 4].map((at) => listOf(view.values.get(node.inputs[at] ?? '') ?? null));
  const isAll =
    starts?.every((start) => start === 0) &&
    ends?.every((end) => typeof end === 'number' && end >= 2 ** 31 - 1) &&
    (node.inputs[4] ? steps?.every((step) => step === 1) : true);
  return isAll ? node.inputs[0] : name;
}

/** What a layer that turns a sequence around turns. */
function unturned({ names }: Building, ref: string): string | null {
  const draft = names.get(ref);
  if (draft?.spec.kind !== 'slice') return null;
  const { axis, step, start, stop, index } = draft.spec as {
    axis: number;
    step?: number;
    start?: number;
    stop?: number;
    index?: number;
  };
  const isWhole = axis === 1 && step === -1 && start === undefined && stop === undefined && index === undefined;
  return isWhole ? draft.call.inputs[0] : null;
}
