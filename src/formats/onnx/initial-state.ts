import type { RecurrentState } from '../../layers/layer.ts';
import { activationWith } from '../../math/activations.ts';
import { tensor } from '../../math/tensor.ts';
import type { CallPlan } from '../../model/plan.ts';
import { picked, settledAxis } from './axes.ts';
import { add, type Building, cannot } from './building.ts';
import type { NodeProto } from './model-proto.ts';
import { type Live, live, type Value } from './value.ts';

export interface States {
  readonly initialH: Value | null;
  readonly initialC: Value | null;
}

interface Place {
  /** Which direction of how many. */
  readonly at: number;
  readonly count: number;
  readonly units: number;
  readonly layout: number;
  readonly operator: string;
  readonly name: string;
}

/** initial_h and initial_c of a direction: tensors of the model, or numbers of the file; undefined where both are zeros. */
export function initialStates(
  building: Building,
  node: NodeProto,
  { initialH, initialC }: States,
  place: Place,
): CallPlan['initialState'] {
  const h = stateOf(building, node, initialH, place, 'initial_h');
  const c = place.operator === 'LSTM' ? stateOf(building, node, initialC, place, 'initial_c') : null;
  if (typeof h !== 'string' && typeof c !== 'string') {
    const zeros = new Float64Array(place.units);
    if (h === null && c === null) return undefined;
    return { h: h ?? zeros, ...(place.operator === 'LSTM' && { c: c ?? zeros }) } as RecurrentState;
  }
  const computed = (typeof h === 'string' ? h : c) as string;
  const tensorOf = (state: string | Float64Array | null, what: string) =>
    typeof state === 'string'
      ? state
      : constantTensor(building, node, computed, state, `${place.name.split('/').pop()}_${what}`);
  const refs = [tensorOf(h, 'initial_h')];
  if (place.operator === 'LSTM') refs.push(tensorOf(c, 'initial_c'));
  return refs;
}

/** A state that is numbers beside one that is computed: of whatever that is, 0 times, and the numbers. */
function constantTensor(
  building: Building,
  node: NodeProto,
  like: string,
  state: Float64Array | null,
  suffix: string,
): string {
  if (state === null)
    return add(building, node, { kind: 'activation', activation: activationWith('affine', 0, 0) }, [like], { suffix });
  const [width] = [state.length];
  const weights = { scale: tensor([width]), offset: tensor([width], state) };
  return add(building, node, { kind: 'affine' }, [like], { weights, suffix });
}

function stateOf(
  building: Building,
  node: NodeProto,
  value: Value | null,
  place: Place,
  what: string,
): string | Float64Array | null {
  if (value === null) return null;
  const { at, count, units, layout } = place;
  const directionAxis = layout === 0 ? 0 : 1;
  switch (value.kind) {
    case 'filled':
      return value.value === 0 ? null : new Float64Array(units).fill(value.value);
    case 'constant': {
      const batches = value.shape[1 - directionAxis];
      if (value.shape.length !== 3 || value.shape[directionAxis] !== count || value.shape[2] !== units)
        throw cannot(`its ${what} is [${value.shape.join(', ')}], and it has ${units} units.`);
      if (value.data.every((number) => number === 0)) return null;
      const row = (batch: number) => {
        const from = (layout === 0 ? at * batches + batch : batch * count + at) * units;
        return Float64Array.from(value.data.subarray(from, from + units));
      };
      const first = row(0);
      for (let batch = 1; batch < batches; batch++)
        if (row(batch).some((number, unit) => number !== first[unit]))
          throw cannot(`its ${what} holds other numbers for each of ${batches} samples of a batch.`);
      return first;
    }
    case 'stack': {
      if (value.axis !== directionAxis || value.parts.length !== count)
        throw cannot(`its ${what} is not [directions, batch, units].`);
      return vector(building, node, value.parts[at], what);
    }
    case 'live': {
      if (value.axes.length !== 3) throw cannot(`its ${what} is not [directions, batch, units].`);
      const own =
        value.axes[directionAxis].length === 0 && count === 1
          ? live(value.ref, value.shape, value.axes.toSpliced(directionAxis, 1))
          : picked(building, node, settledAxis(building, node, value, directionAxis), directionAxis, at);
      return vector(building, node, own, what);
    }
    default:
      throw cannot(`its ${what} is computed in a way that the lab does not follow.`);
  }
}

/** [batch, units], a vector for each sample. */
function vector(building: Building, node: NodeProto, value: Live, what: string): string {
  const whole = settledAxis(building, node, value, value.axes.length - 1);
  if (whole.shape.length === 1) return whole.ref();
  // A batch that is one: its axis is a length of 1.
  if (whole.shape.length === 2 && whole.shape[0] === 1) return picked(building, node, whole, 0, 0).ref();
  throw cannot(`its ${what} is not [directions, batch, units].`);
}
