import type { Hdf5File } from '../hdf5/file.ts';
import type { FoundArray } from './array.ts';

/** Attributes of the root that say what a file is, beside the configuration, which is long. */
const SAID = ['keras_version', 'backend', 'layer_names'];

/** Every array of an HDF5 file, the optimizer's too. */
export function hdf5Arrays(h5: Hdf5File): FoundArray[] {
  return h5.datasets('/').map((path) => {
    const { shape, type } = h5.info(path);
    const name = path.replace(/^\//, '').replaceAll('\\', '/');
    return { name, shape, dtype: type ?? 'no numbers', tensor: type === undefined ? null : h5.rows(path) };
  });
}

/** What the file says of itself. */
export function hdf5Metadata(h5: Hdf5File): [string, string][] {
  const said = SAID.flatMap((name): [string, string][] => {
    const value =
      h5.attribute('/', name) ??
      (h5.kind('/model_weights') === 'group' ? h5.attribute('/model_weights', name) : undefined);
    return value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : String(value)]];
  });
  const has = (name: string) => h5.attribute('/', name) !== undefined;
  return [
    ...said,
    ['model_config', has('model_config') ? 'yes' : 'no: arrays alone'],
    ...(has('training_config') ? [['training_config', 'yes'] as [string, string]] : []),
  ];
}
