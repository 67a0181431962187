import { type Vocabulary, vocabularyFromLayer } from '../../vocabulary.ts';
import type { KerasLayer } from './layer-tree.ts';
import { references } from './references.ts';

/**
 * A model that takes text begins with a TextVectorization or StringLookup layer. The lab takes the indices that it would give: the layer becomes an Input, and
 * its vocabulary is handed on. `assets` is the vocabulary.txt that a `.keras` has beside the weights. The model as it is where there is no such layer.
 */
export function withoutTextLayer(
  model: KerasLayer,
  assets: string | null,
): { model: KerasLayer; vocabulary: Vocabulary | null } {
  for (const layer of model.inside) {
    const vocabulary = vocabularyFromLayer(layer, assets);
    if (vocabulary === null) continue;
    const sources = references(layer.inboundNodes).map((reference) => reference.layer);
    const isSource = ({ name, className }: KerasLayer, at: number) =>
      className === 'InputLayer' && (model.model?.outputLayers === undefined ? at === 0 : sources.includes(name ?? ''));
    const shape = [null, ...lengths(layer, model.inside.find(isSource))];
    const input: KerasLayer = {
      ...layer,
      className: 'InputLayer',
      config: { batch_shape: shape },
      inboundNodes: [],
      inside: [],
    };
    const inside = model.inside
      .filter((other, at) => !isSource(other, at))
      .map((other) => (other === layer ? input : other));
    const inputLayers =
      model.model?.outputLayers === undefined ? undefined : inside.filter(isInput).map(({ name }) => [name, 0, 0]);
    return {
      model: {
        ...model,
        inside,
        buildShape: undefined,
        ...(model.model && { model: { ...model.model, inputLayers } }),
      },
      vocabulary,
    };
  }
  return { model, vocabulary: null };
}

function isInput({ className }: KerasLayer): boolean {
  return className === 'InputLayer' || className === 'Input';
}

/** What TextVectorization pads to, or the lengths of a StringLookup's own input. */
function lengths({ className, config }: KerasLayer, source: KerasLayer | undefined): readonly unknown[] {
  const length = config.output_sequence_length;
  if (className === 'TextVectorization') return [typeof length === 'number' ? length : null];
  const shape = source?.config.batch_shape ?? source?.config.batch_input_shape;
  return Array.isArray(shape) && shape.length > 1 ? shape.slice(1) : [null];
}
