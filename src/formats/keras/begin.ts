import type { Shape } from '../../layers/layer.ts';
import { shapeText } from '../../math/tensor.ts';
import type { LayerPlan, ModelPlan } from '../../model/plan.ts';
import type { KerasLayer } from './config/layer-tree.ts';
import { own } from './config/object.ts';
import { reference } from './config/references.ts';

/**
 * A model whose first layer is one that the lab does not know (a Lambda, a custom one) would have nothing that can be run. It begins behind that layer
 * instead: what it returns is the model's input, where the file says of which shape that is. The plan as it is where something can be run, or where no
 * file says.
 */
export function begunBehindUnknown(plan: ModelPlan, model: KerasLayer, notes: Set<string>): ModelPlan {
  const unknown = new Map(
    plan.layers.filter(({ spec }) => spec.kind === 'unknown').map((layer) => [layer.spec.name, layer]),
  );
  const isInput = ({ spec }: LayerPlan) => spec.kind === 'input';
  const sources = (layer: LayerPlan) => layer.calls.flatMap(({ inputs }) => inputs.map(nameOf));
  const known = plan.layers.filter((layer) => !isInput(layer) && !unknown.has(layer.spec.name));
  const inputs = new Set(plan.layers.filter(isInput).map(({ spec }) => spec.name));
  if (unknown.size === 0 || known.some((layer) => sources(layer).every((name) => inputs.has(name)))) return plan;
  // The unknown layers that known ones read, with what those say of them.
  const begins = new Map<string, Shape>();
  for (const layer of known) {
    for (const name of sources(layer).filter((source) => unknown.has(source) && !source.includes('/'))) {
      const shape = shapeFrom(layer, name, model);
      if (shape !== undefined && !begins.has(name)) begins.set(name, shape);
    }
  }
  // What comes after them, unknown layers too, which are left out then; what comes before is not there any more.
  const names = new Set(begins.keys());
  for (let before = -1; names.size !== before; ) {
    before = names.size;
    for (const layer of plan.layers) if (sources(layer).some((name) => names.has(name))) names.add(layer.spec.name);
  }
  const kept = plan.layers.filter((layer) => names.has(layer.spec.name));
  const complete = kept.every(
    (layer) => begins.has(layer.spec.name) || sources(layer).every((name) => names.has(name)),
  );
  if (begins.size === 0 || !complete || !plan.outputs.every((name) => names.has(nameOf(name)))) return plan;
  const incomplete = [...begins].flatMap(([name, shape]) => {
    const { spec } = unknown.get(name) as LayerPlan;
    if (spec.kind !== 'unknown') return [];
    notes.add(
      `the model begins behind ${name} (${spec.className}), which is not computed: its input is what ${name} returns, ${shapeText([null, ...shape])}`,
    );
    return [{ layer: name, class: spec.className, reason: spec.reason }];
  });
  return {
    ...plan,
    incomplete,
    layers: kept.map((layer): LayerPlan => {
      const { name } = layer.spec;
      const shape = begins.get(name);
      if (shape === undefined) return layer;
      const spec = { kind: 'input' as const, name, trainable: false, shape, batch: null };
      return { spec, weights: { initializers: {} }, calls: [{ inputs: [] }], path: layer.path };
    }),
  };
}

function nameOf(tensor: string): string {
  return tensor.replace(/:\d+$/, '').replace(/#\d+$/, '');
}

/** What an unknown layer returns, as the file says where a known one reads it: in Keras 3's words, or by the rows of its kernel. */
function shapeFrom(layer: LayerPlan, source: string, model: KerasLayer): Shape | undefined {
  const name = (layer.spec.within ?? layer.spec.name).split('/')[0];
  const file = model.inside.find((one) => one.name === name);
  const [node] = file?.inboundNodes ?? [];
  const args = [own(node, 'args')].flat(2).find((part) => reference(part)?.layer === source);
  for (const written of [own(own(args, 'config'), 'shape'), file?.buildShape]) {
    if (
      Array.isArray(written) &&
      written.length > 1 &&
      written.every((length) => length === null || Number.isInteger(length))
    )
      return written.slice(1) as Shape;
  }
  const { kind } = layer.spec;
  const rows = layer.weights.given?.kernel?.shape[0];
  const isStepped = kind === 'lstm' || kind === 'gru' || kind === 'simple_rnn';
  return isStepped && rows !== undefined ? [null, rows] : undefined;
}
