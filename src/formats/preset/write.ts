import { LabError } from '../../math/lab-error.ts';
import { toNested } from '../../math/tensor.ts';
import type { Model } from '../../model/graph.ts';
import { type ConfigLayer, kerasConfig } from '../keras/write/config.ts';
import { MAX_BYTES } from './open.ts';

/** The model as a preset, with its weights as nested lists, one layer a line. Throws a LabError for a model that a preset cannot hold. */
export function presetJson(model: Model): Iterable<string> {
  const { layers, outputs } = kerasConfig(model);
  const lines = layers.map((layer) => `    ${JSON.stringify(written(layer))}`);
  const head = {
    $schema: 'https://unpkg.com/lstm-lab/presets/preset.schema.json',
    name: model.name.slice(0, 100),
    keras: model.keras,
  };
  const text = `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "layers": [\n${lines.join(',\n')}\n  ],\n  "outputs": ${JSON.stringify(outputs)}\n}\n`;
  if (text.length > MAX_BYTES) {
    throw new LabError({
      problem: `a preset is text of at most ${MAX_BYTES / 2 ** 20} MB, and this model would be more.`,
      received: `${(text.length / 2 ** 20).toFixed(0)} MB`,
      hint: 'write .keras, which holds weights as they are.',
    });
  }
  return [text];
}

/** Tensors as nested lists, also those of layers inside. */
function written(layer: ConfigLayer): object {
  return JSON.parse(JSON.stringify(layer, (_, value) => (isTensor(value) ? toNested(value) : value)));
}

function isTensor(value: unknown): value is Parameters<typeof toNested>[0] {
  return typeof value === 'object' && value !== null && ArrayBuffer.isView((value as { data?: unknown }).data);
}
