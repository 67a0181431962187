import { LabError, quote } from '../../../math/lab-error.ts';
import { isRecord } from '../../is-record.ts';
import { asList, type Config, own, plain } from './object.ts';

/** A layer of a configuration, with the layers inside it. */
export interface KerasLayer {
  /** As the file has it. */
  readonly className: string;
  /** The file's name for it, by which others refer to it; undefined where it has none. */
  readonly name: string | undefined;
  /** Its arguments, those that hold the layers inside among them. */
  readonly config: Config;
  /** What it is, where its class is none of Keras's: "Custom>Attention". */
  readonly registeredName: string | undefined;
  /** Where Keras 3 wrote an operation and not a layer: `keras.src.ops.numpy`. */
  readonly module: string | undefined;
  /** Bidirectional: forward, backward. TimeDistributed: one. RNN: its cells. A nested model: its layers. */
  readonly inside: readonly KerasLayer[];
  /** How it is called in a functional model, as the file has it. */
  readonly inboundNodes: readonly unknown[];
  /** A model that is a layer; a Sequential has no inputs and outputs of its own. */
  readonly model?: { readonly inputLayers: unknown; readonly outputLayers: unknown };
  /** The shape that the model was built for, where it has no Input. */
  readonly buildShape: unknown;
  /** Its place in the file: "config.layers[1] (lstm_1)". */
  readonly path: string;
}

const MAX_LAYERS = 2_000;

/** A configuration's tree. `count` is shared by the whole tree, so that a file cannot ask for endless layers. */
export function layerTree(value: unknown, path = '', count = { left: MAX_LAYERS }): KerasLayer {
  if (count.left-- <= 0)
    throw new LabError({ path, problem: `a model here has at most ${MAX_LAYERS} layers, those inside others too.` });
  if (!isRecord(value)) throw new LabError({ path, problem: 'a layer is wanted here.', received: quote(value) });
  const className = own(value, 'class_name');
  if (typeof className !== 'string')
    throw new LabError({ path, problem: 'a layer has a class_name.', received: quote(Object.keys(value)) });
  // Keras 1 before 1.0 wrote arguments beside class_name; a Sequential's were a list until Keras 2.2.2.
  const raw = own(value, 'config') ?? value;
  const config: Config = isRecord(raw) ? raw : { layers: raw };
  const kind = modelKind(className, config);
  const name = [own(config, 'name'), own(value, 'name')].find(
    (given): given is string => typeof given === 'string' && given !== '',
  );
  const registered = own(value, 'registered_name');
  const module = own(value, 'module');
  const label = path === '' || name === undefined ? path : `${path} (${name.slice(0, 60)})`;
  const inner = (part: unknown, at: string) => layerTree(part, label === '' ? at : `${label}.${at}`, count);
  return {
    className: className.slice(0, 200),
    name,
    config,
    registeredName: typeof registered === 'string' ? registered : undefined,
    module: typeof module === 'string' ? module : undefined,
    inside: kind ? modelLayers(config, label, inner) : wrapped(className, config, inner),
    inboundNodes: asList(own(value, 'inbound_nodes')) ?? [],
    ...(kind && {
      model: {
        inputLayers: plain(own(config, 'input_layers')),
        outputLayers: kind === 'functional' ? plain(own(config, 'output_layers')) : undefined,
      },
    }),
    buildShape: plain(own(config, 'build_input_shape') ?? own(own(value, 'build_config'), 'input_shape')),
    path: label,
  };
}

/** Classes that are models themselves. `Model` is Keras 1's and 2's functional model. */
function modelKind(className: string, config: Config): 'sequential' | 'functional' | undefined {
  if (className === 'Sequential') return 'sequential';
  if (['Functional', 'Model', 'Network', 'Container'].includes(className)) return 'functional';
  // A subclass of Model that was built from inputs and outputs has the same configuration.
  return Array.isArray(own(config, 'layers')) && own(config, 'output_layers') !== undefined ? 'functional' : undefined;
}

type Inner = (part: unknown, at: string) => KerasLayer;

function modelLayers(config: Config, path: string, inner: Inner): KerasLayer[] {
  const layers = asList(own(config, 'layers'));
  if (layers === undefined)
    throw new LabError({
      path,
      problem: 'a model’s configuration has a list of layers.',
      received: quote(Object.keys(config)),
      hint: 'a subclassed model keeps its layers in Python code, which is not in the file; save a functional one.',
    });
  return layers.map((layer, at) => inner(layer, `layers[${at}]`));
}

function wrapped(className: string, config: Config, inner: Inner): KerasLayer[] {
  switch (className) {
    case 'TimeDistributed':
      return isRecord(own(config, 'layer')) ? [inner(own(config, 'layer'), 'layer')] : [];
    case 'Bidirectional': {
      if (!isRecord(own(config, 'layer'))) return [];
      const backward = own(config, 'backward_layer');
      const forward = inner(own(config, 'layer'), 'layer');
      // Without a layer of its own the backward half is a copy, with weights of its own.
      return [forward, isRecord(backward) ? inner(backward, 'backward_layer') : inner(own(config, 'layer'), 'layer')];
    }
    case 'RNN':
      return cells(own(config, 'cell')).map((one, at) => inner(one, `cell[${at}]`));
    case 'Merge':
      return (asList(own(config, 'layers')) ?? []).map((layer, at) => inner(layer, `layers[${at}]`));
    default:
      return [];
  }
}

/** One cell, a list of them, or StackedRNNCells. */
function cells(cell: unknown): readonly unknown[] {
  if (Array.isArray(cell)) return cell;
  if (own(cell, 'class_name') !== 'StackedRNNCells') return [cell];
  return asList(own(own(cell, 'config') ?? cell, 'cells')) ?? [];
}
