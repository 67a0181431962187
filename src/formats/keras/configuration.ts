import { LabError, quote } from '../../math/lab-error.ts';
import { isRecord } from '../is-record.ts';
import { isLayerClass } from '../preset/schema.ts';
import { type KerasLayer, layerTree } from './config/layer-tree.ts';
import { own, refuseDeep } from './config/object.ts';
import { todaysClass } from './weights/classes.ts';

export interface Configuration {
  readonly model: KerasLayer;
  /** The version that the configuration names itself. */
  readonly written: unknown;
  /** A preset's own version. */
  readonly keras: 1 | 2 | 3 | undefined;
  /** A preset's own outputs. */
  readonly outputs?: readonly string[];
}

/**
 * A model's configuration as JSON has it: Keras's own in every version, or a preset. `instead` stands for that of a subclassed model, which does not say
 * its layers; without it such a model is an error.
 */
export function configuration(value: unknown, instead?: unknown): Configuration {
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
    return configuration({ keras_version: written, ...inner }, instead);
  const model = layerTree(value);
  if (!isSubclassed(model)) return { model, written, keras: undefined };
  if (instead === undefined) throw subclassed(model);
  const given = configuration(instead);
  return { ...given, written: written ?? given.written };
}

/** A model of a class of its own, whose layers its Python code makes. A layer of Keras by itself is none. */
function isSubclassed({ model, className }: KerasLayer): boolean {
  return model === undefined && !isLayerClass(todaysClass(className));
}

function subclassed({ className, config }: KerasLayer): LabError {
  const keys = Object.keys(config).slice(0, 8);
  return new LabError({
    problem: `${quote(className)} is a model of a class of its own: which layers it has, and how they are called, is in its Python code, which is not in the file.`,
    received: keys.length > 0 ? `a configuration with ${keys.join(', ')}` : 'a configuration without layers',
    hint: 'give the layers: --config model.json (model.to_json() of a functional model with the same layers) or --preset; or save it as a functional model. "lstm-lab inspect" lists the arrays.',
  });
}
