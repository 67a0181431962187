import type { Tensor } from '../../../math/tensor.ts';
import type { Model } from '../../../model/graph.ts';
import { writeHdf5 } from '../../hdf5/write.ts';
import { float32 } from './arrays.ts';
import { type ConfigLayer, kerasConfig } from './config.ts';
import { modelConfig, operations } from './serialize.ts';

/** A Keras 2 that both readers know; its hard_sigmoid is 0.2 x + 0.5. */
const KERAS_2 = '2.15.0';
const KERAS_3 = '3.12.0';

/**
 * A model as a whole-model `.h5` in the legacy layout, which Keras 3 and Keras 2 (tf_keras) open. It says the version whose functions the model has.
 * Throws a LabError for what Keras does not have.
 */
export async function kerasH5(model: Model): Promise<Uint8Array> {
  const keras = model.keras === 3 ? 3 : 2;
  const { layers, outputs } = kerasConfig({ ...model, keras });
  const json = modelConfig(
    model.name,
    { layers, outputs },
    keras === 3 && layers.some(isKeras3Only) ? 'keras3' : 'legacy',
  );
  const version = keras === 3 ? KERAS_3 : KERAS_2;
  return writeHdf5((file) => {
    for (const group of ['/', '/model_weights']) {
      file.group(group);
      file.attribute(group, 'keras_version', version);
      file.attribute(group, 'backend', 'tensorflow');
    }
    file.attribute('/', 'model_config', JSON.stringify(json));
    file.attribute(
      '/model_weights',
      'layer_names',
      layers.map(({ name }) => name),
    );
    for (const layer of layers) {
      const group = `/model_weights/${layer.name}`;
      file.group(group);
      const arrays = legacyArrays(layer, '');
      // Trained arrays first, of all layers inside: so Keras lists them, and loads them by position.
      const ordered = [...arrays.filter(({ trained }) => trained), ...arrays.filter(({ trained }) => !trained)];
      file.attribute(
        group,
        'weight_names',
        ordered.map(({ name }) => name),
      );
      for (const { name, array } of ordered) file.dataset(`${group}/${name}`, float32(array));
    }
    file.group('/model_weights/top_level_model_weights');
    file.attribute('/model_weights/top_level_model_weights', 'weight_names', []);
  });
}

/** What Keras 3 reads only in its own words: models inside, and states that are wired. */
function isKeras3Only({ class_name, calls = [], layer }: ConfigLayer): boolean {
  return (
    class_name === 'Functional' ||
    (layer !== undefined && isKeras3Only(layer as ConfigLayer)) ||
    operations.includes(class_name) ||
    calls.some((call) => call.initial_state !== undefined)
  );
}

interface LegacyArray {
  readonly name: string;
  readonly array: Tensor;
  readonly trained: boolean;
}

/** The arrays of a layer and of the layers inside it. */
function legacyArrays(layer: ConfigLayer, outer: string): LegacyArray[] {
  const path = outer === '' ? layer.name : `${outer}/${layer.name}`;
  const inner = (part: unknown, at: string) => {
    const inside = part as ConfigLayer;
    return legacyArrays({ ...inside, name: inside.name ?? at }, path);
  };
  const own = Object.entries(layer.weights ?? {}).map(([name, array]) => ({
    name: `${path}/${name}:0`,
    array,
    trained: layer.trainable !== false && !name.startsWith('moving_'),
  }));
  switch (layer.class_name) {
    case 'Functional':
      return (layer.layers as ConfigLayer[]).flatMap((part) => legacyArrays(part, path));
    case 'Bidirectional':
      return [...inner(layer.layer, 'forward'), ...inner(layer.backward_layer, 'backward')];
    case 'TimeDistributed':
      return own.length > 0 ? own : inner(layer.layer, 'layer');
    case 'RNN':
      return [layer.cell].flat().flatMap((cell, at) => inner(cell, `cell_${at}`));
    default:
      return own;
  }
}
