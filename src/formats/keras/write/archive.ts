import { type Zippable, zipSync } from 'fflate';
import type { Model } from '../../../model/graph.ts';
import { writeHdf5 } from '../../hdf5/write.ts';
import { float32, placedArrays } from './arrays.ts';
import { kerasConfig } from './config.ts';
import { modelConfig } from './serialize.ts';

/** The version whose layout this is. */
const KERAS_3 = '3.12.0';

/** The same file at any time of day: ZIP's first moment. */
const EPOCH = new Date(1980, 0, 1);

/** A model as a `.keras` file, which Keras 3 opens. Throws a LabError for what Keras does not have. */
export async function kerasArchive(model: Model): Promise<Uint8Array> {
  const config = kerasConfig({ ...model, keras: 3 });
  const json = modelConfig(model.name, config, 'keras3');
  const weights = await writeHdf5((file) => {
    file.group('/layers');
    for (const { path, name, arrays } of placedArrays(config.layers)) {
      file.group(`/${path}/vars`);
      file.attribute(`/${path}/vars`, 'name', name);
      for (const [at, array] of arrays.entries()) file.dataset(`/${path}/vars/${at}`, float32(array));
    }
  });
  const text = (value: object) => new TextEncoder().encode(JSON.stringify(value));
  const members: Zippable = {
    'metadata.json': text({ keras_version: KERAS_3, date_saved: '1980-01-01@00:00:00' }),
    'config.json': text(json),
    'model.weights.h5': weights,
  };
  return zipSync(members, { level: 0, mtime: EPOCH });
}
