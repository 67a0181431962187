import { LabError } from '../../math/lab-error.ts';
import type { Hdf5File } from '../hdf5/file.ts';
import type { OpenedFile } from '../opened.ts';
import type { KerasLayer } from './config/layer-tree.ts';
import { withoutTextLayer } from './config/text-layers.ts';
import { configuration } from './configuration.ts';
import { innerJson } from './inner-json.ts';
import type { KerasOptions } from './options.ts';
import { planModel } from './plan.ts';
import { type KerasVersion, kerasVersion, madeWith } from './version.ts';
import { listed, weightsByOrder } from './weights/by-order.ts';
import { weightsByPath } from './weights/by-path.ts';
import { isLegacy, savedLayers } from './weights/legacy.ts';
import { type SavedVariables, savedVariables } from './weights/variables.ts';

/** A whole model, or arrays alone, in an HDF5 file. */
export function openH5(h5: Hdf5File, file: string, options: KerasOptions): OpenedFile {
  const config = h5.attribute('/', 'model_config');
  return config === undefined ? openWeights(h5, file, options) : openWhole(h5, config, file, options);
}

function openWhole(h5: Hdf5File, config: unknown, file: string, options: KerasOptions): OpenedFile {
  if (typeof config !== 'string')
    throw new LabError({ path: 'model_config', problem: 'the model’s configuration is JSON text.' });
  const { model, written, outputs } = configuration(innerJson(config, 'model_config'), options.config);
  const version = kerasVersion(
    h5.attribute('/', 'keras_version') ?? h5.attribute('/model_weights', 'keras_version') ?? written,
    1,
  );
  const group = h5.kind('/model_weights') === 'group' ? '/model_weights' : '/';
  const notes = new Set<string>();
  const weights = isLegacy(h5, group)
    ? weightsByOrder(model, savedLayers(h5, group), notes)
    : weightsByPath(model, savedVariables(h5), notes);
  const backend = h5.attribute('/', 'backend') ?? h5.attribute('/model_weights', 'backend');
  return opened(model, version, `Keras ${version.major} .h5`, { ...options, file, outputs, weights, notes, backend });
}

/** Arrays alone: Keras 3's layout, or the legacy one. What they are arrays of has to be said. */
function openWeights(h5: Hdf5File, file: string, options: KerasOptions): OpenedFile {
  const legacy = isLegacy(h5, '/');
  const layers = legacy ? savedLayers(h5, '/') : [];
  const variables = legacy ? undefined : savedVariables(h5);
  if (options.config === undefined) throw withoutModel(h5, layers.length > 0 ? listed(layers) : paths(variables));
  const { model, written, keras, outputs } = configuration(options.config);
  const version = kerasVersion(h5.attribute('/', 'keras_version') ?? written, keras ?? (legacy ? 1 : 3));
  const notes = new Set<string>();
  const weights = variables ? weightsByPath(model, variables, notes) : weightsByOrder(model, layers, notes);
  return opened(model, version, legacy ? 'Keras weights .h5' : 'Keras .weights.h5', {
    ...options,
    file,
    outputs,
    weights,
    notes,
    backend: h5.attribute('/', 'backend'),
  });
}

function paths(saved: SavedVariables | undefined): string {
  const all = saved?.all ?? [];
  const shown = all.slice(0, 20).map(({ path, describe }) => `${path} ${describe}`);
  return `${shown.join('; ')}${all.length > 20 ? '; …' : ''}`;
}

function withoutModel(h5: Hdf5File, arrays: string): LabError {
  if (arrays === '') {
    const datasets = h5.datasets('/').slice(0, 8);
    return new LabError({
      problem: 'this HDF5 file is none that Keras wrote.',
      received: datasets.length === 0 ? 'no arrays' : datasets.join(', '),
    });
  }
  return new LabError({
    problem: 'the file holds arrays, and not the model that they are of.',
    received: arrays,
    hint: 'give the model too: --config model.json (model.to_json()), or --preset NAME.',
  });
}

interface Opening extends KerasOptions {
  readonly file: string;
  readonly weights: Parameters<typeof planModel>[2]['weights'];
  readonly notes: Set<string>;
  /** A preset's own outputs. */
  readonly outputs?: readonly string[];
  /** The vocabulary.txt of a TextVectorization or StringLookup layer. */
  readonly assets?: string | null;
  /** What computed it: Theano started masked sequences otherwise. */
  readonly backend?: unknown;
}

/** What is told of a file, and its plan. */
export function opened(model: KerasLayer, version: KerasVersion, format: string, opening: Opening): OpenedFile {
  const { weights, notes, seed = 1, file, outputs, backend, assets = null } = opening;
  const name = (file.split(/[\\/]/).pop() ?? file).replace(/\.[^.]*$/, '');
  const { model: taken, vocabulary } = withoutTextLayer(model, assets);
  if (vocabulary) notes.add(`${vocabulary.about}: --text is read with it`);
  const planned = planModel(taken, version, { weights, seed, notes, name, outputs, backend });
  return { ...planned, format, madeWith: madeWith(version), vocabulary };
}
