import { readFileSync } from 'node:fs';
import { buildPreset, parsePreset } from '../../src/formats/preset/open.ts';
import type { Nested } from '../../src/math/tensor.ts';

/* Models that real Keras made, rebuilt as presets: the configuration is Keras's own (model.json), the weights are those of weights.json. */

interface KerasLayer {
  class_name: string;
  config: Record<string, unknown> & { name: string; input_layers?: History[]; output_layers?: History[] };
  inbound_nodes?: { args: unknown[]; kwargs: { initial_state?: unknown[] } }[];
}

/** Layer, call, output. */
type History = [string, number, number];

type Weights = Record<string, Record<string, unknown>>;

interface NamedTensor {
  name: string;
  shape: number[];
  data: Nested;
}

interface CaseRun {
  inputs: NamedTensor[];
  outputs: NamedTensor[];
  layers: {
    name: string;
    class: string;
    direction: string;
    mask: boolean[][] | null;
    initial_state: Nested[] | null;
    returns?: NamedTensor[];
    steps: Record<string, (number | null)[][][]>;
  }[];
}

export interface Case extends CaseRun {
  about: string;
  runs?: CaseRun[];
  parameters: number;
  summary?: { name: string; class: string; parameters: number; output_shape: (number | null)[][] }[];
}

export const folder = (name: string) => `test/fixtures/keras3/${name}`;
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

export function readCase(name: string): Case {
  return json(`${folder(name)}/case.json`);
}

/** Operations that Keras writes into a file only to compute masks, which the lab does by itself. */
const maskOperations = ['NotEqual', 'Any'];

function presetFromKeras(name: string): Record<string, unknown> {
  const weights: Weights = json(`${folder(name)}/weights.json`);
  const { output_layers: outputs, ...model } = entry(json(`${folder(name)}/model.json`), weights);
  return { name, layers: model.layers, ...(outputs !== undefined && { outputs }) };
}

/** A layer's configuration as a preset writes it: flat, with its weights and its wiring. */
function entry(layer: KerasLayer, weights: Weights): Record<string, unknown> {
  const { class_name, config } = layer;
  const own = Object.entries(weights).find(([path]) => path.split('/').includes(config.name))?.[1];
  const leaf = !['Bidirectional', 'TimeDistributed', 'RNN', 'StackedRNNCells', 'Sequential', 'Functional'].includes(
    class_name,
  );
  return {
    class_name,
    ...Object.fromEntries(Object.entries(config).map(([key, value]) => [key, argument(key, value, weights)])),
    ...(leaf && own && { weights: own }),
    ...(class_name !== 'InputLayer' && layer.inbound_nodes && { calls: layer.inbound_nodes.map(call) }),
  };
}

function argument(key: string, value: unknown, weights: Weights): unknown {
  if (key === 'layers' || key === 'cells')
    return (value as KerasLayer[])
      .filter(({ class_name }) => !maskOperations.includes(class_name))
      .map((layer) => entry(layer, weights));
  if (key === 'layer' || key === 'backward_layer' || key === 'cell') return entry(value as KerasLayer, weights);
  if (key === 'input_layers' || key === 'output_layers') return histories(value).map(refText);
  return value;
}

function call({ args, kwargs }: NonNullable<KerasLayer['inbound_nodes']>[number]): object {
  const tensors = (value: unknown) =>
    [value]
      .flat(2)
      .map((tensor) => (tensor as { config: { keras_history: History } }).config.keras_history)
      .map(refText);
  return { inputs: tensors(args), ...(kwargs.initial_state && { initial_state: tensors(kwargs.initial_state) }) };
}

/** One tensor, or a list of them. */
function histories(value: unknown): History[] {
  return typeof (value as unknown[])[0] === 'string' ? [value as History] : (value as History[]);
}

function refText([layer, node, tensor]: History): string {
  return `${layer}${node > 0 ? `#${node + 1}` : ''}:${tensor}`;
}

export async function openKeras(name: string) {
  return buildPreset(parsePreset(presetFromKeras(name), name), name);
}
