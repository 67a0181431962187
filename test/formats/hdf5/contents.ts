import type { Hdf5File } from '../../../src/formats/hdf5/file.ts';

const ATTRIBUTES = ['model_config', 'training_config', 'keras_version', 'backend', 'layer_names', 'weight_names'];
const MORE = ['name', 'dtype', 'layer_names0', 'weight_names0', 'missing'];

/** Everything that the lab asks of an HDF5 file, to be compared: groups, arrays with their bits, attributes. */
export function contents(file: Hdf5File): unknown[] {
  const parts: unknown[] = [];
  const visit = (path: string) => {
    const kind = file.kind(path);
    const attributes = [...ATTRIBUTES, ...MORE].map((name) => file.attribute(path, name));
    if (kind === 'group') {
      parts.push({ path, kind, attributes, children: file.children(path) });
      for (const name of file.children(path)) visit(path === '/' ? `/${name}` : `${path}/${name}`);
    } else {
      const { shape, type } = file.info(path);
      const { data } = file.read(path);
      const bits = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
      parts.push({ path, kind, attributes, shape, type, array: data.constructor.name, bits });
    }
  };
  visit('/');
  parts.push(file.datasets('/'));
  return parts;
}
