import { type InputLayer, isRecurrent } from '../../layers/layer.ts';
import { LabError } from '../../math/lab-error.ts';
import type { LayerPlan } from '../../model/plan.ts';
import { parseTensorName } from './wiring.ts';

/*
 * tf.keras 2's time_major: batches are [timesteps, samples, features]. The lab takes one sample at a time, so that only the model's inputs and outputs
 * must know on which axis the samples are counted. Layers between must work on each timestep by itself, or be time-major too.
 */

/** Kinds that do the same wherever the timesteps are. */
const anywhere = ['dense', 'dropout', 'identity', 'activation', 'merge', 'time_distributed'];

interface TimeMajor {
  readonly layers: LayerPlan[];
  /** For each output the axis that counts the samples; undefined where all have it first. */
  readonly outputBatchAxes?: number[];
}

/** The plans with their Inputs turned, where layers of these names are time-major. Throws a LabError where others stand between. */
export function timeMajor(layers: LayerPlan[], names: ReadonlySet<string>, outputs: readonly string[]): TimeMajor {
  if (names.size === 0) return { layers };
  const byName = new Map(layers.map((layer) => [layer.spec.name, layer]));
  const turned = new Set<string>();
  const sources = (layer: LayerPlan) =>
    layer.calls.flatMap(({ inputs }) => inputs.map((name) => parseTensorName(name).layer));
  const feeds = (name: string) => {
    const layer = byName.get(name);
    if (layer === undefined || turned.has(name)) return;
    turned.add(name);
    if (!names.has(name)) sources(layer).forEach(feeds);
  };
  for (const layer of layers) if (names.has(layer.spec.name)) sources(layer).forEach(feeds);
  // What follows, once round for each layer: they need not stand in order.
  for (let before = -1; before !== turned.size; ) {
    before = turned.size;
    for (const layer of layers) {
      const { spec } = layer;
      const returnsSequence = names.has(spec.name) && 'returnSequences' in spec && spec.returnSequences;
      const follows = !names.has(spec.name) && sources(layer).some((name) => turned.has(name));
      if (returnsSequence || follows) turned.add(spec.name);
    }
  }
  for (const { spec, path } of layers) {
    if (!turned.has(spec.name) || names.has(spec.name) || [...anywhere, 'input', 'unknown'].includes(spec.kind))
      continue;
    throw new LabError({
      path,
      problem:
        'a layer with time_major=True stands before or behind it, and the lab cannot tell it on which axis its timesteps are.',
      hint: 'leave time_major out, and give sequences batch first.',
    });
  }
  const axes = outputs.map((name) => {
    const { layer, output = 0 } = parseTensorName(name);
    return turned.has(layer) && output === 0 ? 1 : 0;
  });
  return {
    layers: layers.map((layer) => {
      const { spec } = layer;
      if (spec.kind === 'input' && turned.has(spec.name)) return { ...layer, spec: withTimeFirst(spec) };
      return names.has(spec.name) && isRecurrent(spec) ? { ...layer, spec: { ...spec, timeMajor: true } } : layer;
    }),
    outputBatchAxes: axes,
  };
}

/** An Input of [timesteps, samples, …]: what stood as the batch is the length of a sequence. */
function withTimeFirst(spec: InputLayer): InputLayer {
  const [samples, ...rest] = spec.shape;
  return { ...spec, shape: [spec.batch, ...rest], batch: samples ?? null, batchAxis: 1 };
}
