import { kindOf } from '../layers/kinds.ts';
import type { Layer } from '../layers/layer.ts';
import { nameOf, parseRef, tensorNames, type Waiting } from './call-names.ts';
import type { Incomplete } from './graph.ts';
import type { LayerPlan, UnknownSpec } from './plan.ts';

/** The calls that cannot run, by name, each with its reason: those of unknown layers, and those that need what such a call returns. */
export function leftOut(all: readonly Waiting[]): ReadonlyMap<string, Incomplete> {
  const left = new Map<string, Incomplete>();
  for (const use of all) {
    const { spec } = use.layerPlan;
    if (spec.kind === 'unknown')
      left.set(nameOf(use), { layer: nameOf(use), class: spec.className, reason: spec.reason });
  }
  for (let before = -1; left.size > 0 && left.size !== before; ) {
    before = left.size;
    for (const use of all) {
      const name = nameOf(use);
      if (left.has(name)) continue;
      const missing = tensorNames(use.call).find((needed) => left.has(parseRef(needed).call));
      if (missing === undefined) continue;
      const { layer } = left.get(parseRef(missing).call) as Incomplete;
      const spec = use.layerPlan.spec as Exclude<LayerPlan['spec'], UnknownSpec> as Layer;
      left.set(name, { layer: name, class: kindOf(spec).className(spec), reason: `it needs what ${layer} returns` });
    }
  }
  return left;
}
