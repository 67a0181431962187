import { LabError, quote } from '../../math/lab-error.ts';
import { isRecord } from '../is-record.ts';
import { type KerasLayer, layerTree } from './config/layer-tree.ts';
import { own, refuseDeep } from './config/object.ts';

export interface Configuration {
  readonly model: KerasLayer;
  /** The version that the configuration names itself. */
  readonly written: unknown;
  /** A preset's own version. */
  readonly keras: 1 | 2 | 3 | undefined;
  /** A preset's own outputs. */
  readonly outputs?: readonly string[];
}

/** A model's configuration as JSON has it: Keras's own in every version, or a preset. */
export function configuration(value: unknown): Configuration {
  refuseDeep(value);
  if (!isRecord(value))
    throw new LabError({ problem: 'a model’s configuration is an object.', received: quote(value) });
  const written = own(value, 'keras_version');
  if (own(value, 'class_name') === undefined && Array.isArray(own(value, 'layers'))) {
    const keras = own(value, 'keras');
    const model = layerTree({ class_name: 'Sequential', config: value });
    const outputs = own(value, 'outputs');
    const names = Array.isArray(outputs) ? outputs.filter((name) => typeof name === 'string') : undefined;
    return { model, written, keras: keras === 1 || keras === 2 ? keras : 3, ...(names && { outputs: names }) };
  }
  // What a whole .h5 keeps: the configuration inside.
  const inner = own(value, 'model_config') ?? own(value, 'modelTopology');
  if (own(value, 'class_name') === undefined && isRecord(inner))
    return configuration({ keras_version: written, ...inner });
  return { model: layerTree(value), written, keras: undefined };
}
