import { readFileSync } from 'node:fs';
import { buildPreset, parsePreset } from '../../src/formats/preset/open.ts';
import type { Nested } from '../../src/math/tensor.ts';

/*
 * Models that real Keras made, rebuilt as presets: the configuration is Keras's own (model.json), the weights are those of weights.json.
 * What a preset cannot hold yet is left out where the recurrent layers before it can be compared all the same.
 */

interface KerasLayer {
  class_name: string;
  config: Record<string, unknown> & { name: string };
  inbound_nodes?: { args: unknown[]; kwargs: { initial_state?: unknown[] } }[];
}

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

/** Classes that exist in Keras's file only to compute masks, or that wait for a later version of the lab. */
const leftOut = ['NotEqual', 'Any', 'Subtract', 'Concatenate'];

function presetFromKeras(name: string): Record<string, unknown> {
  const model = json(`${folder(name)}/model.json`);
  const weights: Record<string, Record<string, unknown>> = json(`${folder(name)}/weights.json`);
  const functional = model.class_name === 'Functional';
  const all: KerasLayer[] = model.config.layers;
  const cut = all.some(({ class_name }) => ['Subtract', 'Concatenate'].includes(class_name));
  const kept = all.filter(({ class_name }) => !leftOut.includes(class_name) && !(cut && class_name === 'Dense'));
  const layers = kept.map((layer) => {
    const { name: own, ...config } = layer.config;
    const found = Object.entries(weights).find(([path]) => path.split('/').includes(own))?.[1];
    const args =
      layer.class_name === 'TimeDistributed'
        ? { layer: { ...inner(config.layer), weights: found } }
        : { ...config, ...(found && { weights: found }) };
    return {
      class_name: layer.class_name,
      name: own,
      ...args,
      ...(functional && layer.class_name !== 'InputLayer' && { calls: calls(layer) }),
    };
  });
  const outputs =
    functional && !cut
      ? {
          outputs: [model.config.output_layers]
            .flat(typeof model.config.output_layers[0] === 'string' ? 0 : 1)
            .map(refText),
        }
      : {};
  return { name, layers, ...outputs };
}

function inner(layer: unknown): Record<string, unknown> {
  const { class_name, config } = layer as KerasLayer;
  return { class_name, ...config };
}

function calls(layer: KerasLayer): object[] {
  const text = (tensor: unknown) =>
    refText((tensor as { config: { keras_history: [string, number, number] } }).config.keras_history);
  // keras.Model() and the calls inside it are two nodes each where a layer was called before the model was made; all are kept.
  return (layer.inbound_nodes ?? []).map(({ args, kwargs }) => ({
    inputs: [text(args[0])],
    ...(kwargs.initial_state && { initial_state: kwargs.initial_state.map(text) }),
  }));
}

function refText([layer, node, tensor]: [string, number, number]): string {
  return `${layer}${node > 0 ? `#${node + 1}` : ''}:${tensor}`;
}

export async function openKeras(name: string) {
  return buildPreset(parsePreset(presetFromKeras(name), name), name);
}
