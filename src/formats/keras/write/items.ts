import type { Layer } from '../../../layers/layer.ts';
import { innerLayer } from '../../../layers/time-distributed.ts';
import type { Model, Ref, Wrapper } from '../../../model/graph.ts';

/** What Keras has as one layer: a layer of the lab, or a wrapper around several. */
export interface Item {
  /** Its whole name: `encoder/lstm`. */
  readonly name: string;
  readonly layer?: Layer;
  /** Of a wrapper. */
  readonly className?: string;
  readonly inside: readonly Item[];
  /** Of a nested model: the tensors from outside that it takes, and those of its own that it returns. */
  readonly taken: readonly Ref[];
  readonly returned: readonly Ref[];
  /** It stood in a nested model that is written without its walls. */
  readonly flat: boolean;
}

const nested = ['Functional', 'Sequential', 'Model'];

/**
 * The layers of a model, those of wrappers put together. A nested model that is used several times, or whose inside is used from outside, is taken
 * out of its walls: its layers stand among the others.
 */
export function itemsOf(model: Model): Item[] {
  const wrappers = new Map(model.wrappers.map((wrapper) => [wrapper.name, wrapper]));
  const inside = (within: string | undefined, flat: boolean): Item[] => {
    const children: { order: number; make: () => Item[] }[] = [];
    model.layers.forEach((layer, order) => {
      if (layer.within === within)
        children.push({ order, make: () => [{ name: layer.name, layer, inside: [], taken: [], returned: [], flat }] });
    });
    for (const wrapper of wrappers.values()) {
      if (wrapper.within !== within || wrapper.name === within) continue;
      const order = model.layers.findIndex((layer) => isInside(layer, wrapper.name, wrappers));
      // Nothing of it was computed.
      if (order >= 0) children.push({ order, make: () => wrapped(model, wrapper, wrappers, flat, inside) });
    }
    return children.sort((a, b) => a.order - b.order).flatMap(({ make }) => make());
  };
  return inside(undefined, false);
}

function wrapped(
  model: Model,
  wrapper: Wrapper,
  wrappers: ReadonlyMap<string, Wrapper>,
  flat: boolean,
  inside: (within: string | undefined, flat: boolean) => Item[],
): Item[] {
  const { name, className } = wrapper;
  const isAroundModel = [...wrappers.values()].some((one) => one.within === name && nested.includes(one.className));
  if (className === 'TimeDistributed' && isAroundModel) {
    const [model, ...more] = inside(name, false);
    const kept = more.length === 0 && model.layer === undefined && model.taken.length === 1;
    // Without walls the layers of the model are TimeDistributed themselves, and compute the same but for masks.
    return kept ? [{ ...model, name, className, inside: [model], flat }] : inside(name, flat);
  }
  if (!nested.includes(className)) {
    return [{ name, className, inside: inside(name, false), taken: [], returned: [], flat }];
  }
  const own = new Set(model.layers.filter((layer) => isInside(layer, name, wrappers)));
  const calls = model.calls.filter(({ layer }) => own.has(layer));
  const isOwn = (ref: Ref) => own.has(model.calls[ref.call].layer);
  const key = ({ call, output }: Ref) => `${call}:${output}`;
  const refs = calls.flatMap((call) => [...call.inputs, ...call.states, ...(call.mask ? [call.mask] : [])]);
  const taken = [...new Map(refs.filter((ref) => !isOwn(ref)).map((ref) => [key(ref), ref])).values()];
  const returned = wrapper.outputs.filter((ref): ref is Ref => ref !== null && isOwn(ref));
  const known = new Set(returned.map(key));
  const outside = [
    ...model.calls.filter(({ layer }) => !own.has(layer)).flatMap(({ inputs, states }) => [...inputs, ...states]),
    ...model.outputs.filter((ref): ref is Ref => ref !== null),
  ];
  const closed = outside.every((ref) => !isOwn(ref) || known.has(key(ref)));
  const once = calls.every(({ number }) => number === 1);
  if (!closed || !once || returned.length === 0 || taken.length === 0) return inside(name, true);
  return [{ name, className, inside: inside(name, false), taken, returned, flat }];
}

function isInside(layer: Layer, name: string, wrappers: ReadonlyMap<string, Wrapper>): boolean {
  for (let at = layer.within; at !== undefined; at = wrappers.get(at)?.within) if (at === name) return true;
  return false;
}

/** A layer without the TimeDistributed around it, or around what it is part of. */
export function bare(layer: Layer): Layer {
  return layer.kind === 'time_distributed' ? bare(innerLayer(layer)) : layer;
}

/** All layers within an item. */
export function layersOf(item: Item): readonly Layer[] {
  return item.layer ? [item.layer] : item.inside.flatMap(layersOf);
}
