import type { SliceLayer } from '../../../layers/layer.ts';
import { LabError } from '../../../math/lab-error.ts';
import type { ConfigCall, ConfigLayer, KerasConfig } from './config.ts';

type Json = Readonly<Record<string, unknown>>;

/** Whose JSON: Keras 3's, or that of the legacy .h5, which Keras 2 reads too. */
export type Dialect = 'keras3' | 'legacy';

/** Keys of a `ConfigLayer` that are no arguments. */
const notArguments = ['class_name', 'name', 'calls', 'weights', 'layers', 'layer', 'backward_layer', 'cell'];

/** What Keras has as operations on tensors. */
export const operations = ['GetItem', 'Sum', 'Mean', 'Max', 'Min'];

/** Arguments that Keras takes when a layer is called. */
const callArguments = ['use_causal_mask', 'return_attention_scores'];

/** A model's configuration as Keras writes it. A chain of layers is a Sequential. */
export function modelConfig(name: string, config: KerasConfig, dialect: Dialect): Json {
  if (isChain(config)) {
    const layers = config.layers.map((layer) => layerJson(layer, dialect));
    return inModel('keras', 'Sequential', { name, trainable: true, layers }, dialect);
  }
  return functional(name, config, dialect);
}

function functional(
  name: string,
  { layers, outputs }: KerasConfig,
  dialect: Dialect,
  ends: (tensors: readonly unknown[]) => unknown = (tensors) => tensors,
): Json {
  const inputs = layers.filter(({ class_name }) => class_name === 'Input');
  const written = layers.map((layer) => ({
    ...layerJson(layer, dialect),
    name: layer.name,
    inbound_nodes: (layer.calls ?? []).map((call) => node(layer, call, layers, dialect)),
  }));
  const config = {
    name,
    trainable: true,
    layers: written,
    input_layers: ends(inputs.map((input) => [input.name, 0, 0])),
    output_layers: ends(outputs.map((output) => triple(output, layers, 1))),
  };
  return inModel('keras.src.models.functional', 'Functional', config, dialect);
}

/** One layer after the other, each with one output. */
function isChain({ layers, outputs }: KerasConfig): boolean {
  const several = ['return_state', 'return_attention_scores'];
  return (
    layers.every((layer, at) => {
      if (at === 0) return layer.class_name === 'Input';
      const [call, ...more] = layer.calls ?? [];
      const returnsMore = [layer, layer.layer as ConfigLayer | undefined].some((one) =>
        several.some((key) => one?.[key] === true),
      );
      return (
        layer.class_name !== 'Input' &&
        layer.class_name !== 'Functional' &&
        !operations.includes(layer.class_name) &&
        !returnsMore &&
        layer.merge_mode !== null &&
        more.length === 0 &&
        call !== undefined &&
        call.initial_state === undefined &&
        call.inputs.length === 1 &&
        call.inputs[0] === `${layers[at - 1].name}:0`
      );
    }) &&
    outputs.length === 1 &&
    outputs[0] === `${layers[layers.length - 1].name}:0`
  );
}

/** tf_keras takes an object with a module for one of its newer format, in which models are written otherwise; Keras 3 wants it inside wrappers. */
function inModel(module: string, className: string, config: Json, dialect: Dialect): Json {
  return dialect === 'legacy' ? { class_name: className, config } : object(module, className, config);
}

function object(module: string, className: string, config: Json): Json {
  return { module, class_name: className, config, registered_name: className === 'Functional' ? 'Functional' : null };
}

function layerJson(layer: ConfigLayer, dialect: Dialect, make = inModel): Json {
  if (layer.class_name === 'Functional') {
    const { layers, output_layers: outputs } = layer as unknown as { layers: ConfigLayer[]; output_layers: string[] };
    // Inside TimeDistributed Keras wants a model that returns a tensor, not a list of one.
    return functional(layer.name, { layers, outputs }, dialect, (tensors) =>
      tensors.length === 1 ? tensors[0] : tensors,
    );
  }
  const { name } = layer;
  if (operations.includes(layer.class_name)) {
    if (dialect === 'legacy')
      throw new LabError({
        path: name,
        problem: `Keras 2 has no layer ${layer.class_name}.`,
        hint: 'write .keras.',
      });
    const { axis, keepdims } = layer;
    const config = layer.class_name === 'GetItem' ? { name } : { name, axis, keepdims };
    return { module: 'keras.src.ops.numpy', class_name: layer.class_name, config, registered_name: layer.class_name };
  }
  if (layer.class_name === 'Input') {
    const key = dialect === 'keras3' ? 'batch_shape' : 'batch_input_shape';
    const config = { [key]: layer.batch_shape, dtype: 'float32', sparse: false, ragged: false, name };
    return make('keras.layers', 'InputLayer', config, dialect);
  }
  const args = Object.entries(layer).filter(([key]) => !notArguments.includes(key) && !callArguments.includes(key));
  const inner = (value: unknown, at: string) =>
    layerJson(named(value as ConfigLayer, `${name}_${at}`), dialect, object);
  // Every layer of Keras says whether it is trained; by that it is told from an operation.
  const config: Record<string, unknown> = { name, trainable: true, dtype: 'float32', ...Object.fromEntries(args) };
  for (const key of ['layer', 'backward_layer'])
    if (layer[key] !== undefined) config[key] = inner(layer[key], key === 'layer' ? 'inner' : key);
  if (Array.isArray(layer.cell)) {
    const cells = layer.cell.map((cell, at) => inner(cell, `cell_${at}`));
    config.cell = object('keras.layers', 'StackedRNNCells', { name: 'stacked_rnn_cells', cells });
  } else if (layer.cell !== undefined) config.cell = inner(layer.cell, 'cell');
  if (dialect === 'legacy') renameForKeras2(layer.class_name, config);
  return make('keras.layers', layer.class_name, config, dialect);
}

/** A layer inside a wrapper may have no name of its own. */
function named(layer: ConfigLayer, otherwise: string): ConfigLayer {
  return { ...layer, name: layer.name ?? otherwise };
}

function renameForKeras2(className: string, config: Record<string, unknown>): void {
  if (className === 'LeakyReLU') {
    config.alpha = config.negative_slope;
    delete config.negative_slope;
  }
}

/** How a layer is called. Keras 3: arguments and keywords. Before: tensors, the keywords behind each. */
function node(
  layer: ConfigLayer,
  { inputs, initial_state: states }: ConfigCall,
  layers: readonly ConfigLayer[],
  written: Dialect,
): unknown {
  const flags = Object.fromEntries(callArguments.flatMap((key) => (layer[key] === true ? [[key, true]] : [])));
  const named = layer.class_name === 'MultiHeadAttention' ? ['query', 'value', 'key'] : [];
  // Keras 3 takes no tensors from the keywords of a legacy call; it reads its own form of a call in an .h5 too.
  const dialect = named.length > 0 || Array.isArray(layer.cell) ? 'keras3' : written;
  const references = (states ?? []).map((state) =>
    typeof state === 'string' ? reference(state, layers, dialect) : state,
  );
  const keywords = {
    ...flags,
    ...(references.length > 0 && { initial_state: byCell(layer.cell, references) }),
    ...Object.fromEntries(
      named.slice(1, inputs.length).map((key, at) => [key, reference(inputs[at + 1], layers, dialect)]),
    ),
  };
  const positional = named.length > 0 ? inputs.slice(0, 1) : inputs;
  if (dialect === 'legacy') return positional.map((input) => [...triple(input, layers, 1), keywords]);
  const tensors = positional.map((input) => reference(input, layers, dialect));
  const part = layer.class_name === 'GetItem' ? [partOf(layer as unknown as SliceLayer)] : [];
  return { args: [tensors.length === 1 ? tensors[0] : tensors, ...part], kwargs: keywords };
}

/** The states of several cells are a list for each. */
function byCell(cells: unknown, states: readonly unknown[]): readonly unknown[] {
  if (!Array.isArray(cells)) return states;
  const rest = [...states];
  return (cells as ConfigLayer[]).map(({ class_name }) => rest.splice(0, class_name === 'LSTMCell' ? 2 : 1));
}

/** `[:, -1]`, as Keras 3 writes the argument of x[:, -1]. */
function partOf({ axis, index, start, stop, step }: SliceLayer): readonly unknown[] {
  const slice = (config: object) => ({ class_name: '__slice__', config });
  const whole = Array.from({ length: axis }, () => slice({ start: null, stop: null, step: null }));
  return [...whole, index ?? slice({ start: start ?? null, stop: stop ?? null, step: step ?? null })];
}

function reference(tensor: string, layers: readonly ConfigLayer[], dialect: Dialect): unknown {
  const history = triple(tensor, layers, dialect === 'legacy' ? 1 : 0);
  if (dialect === 'legacy') return history;
  return { class_name: '__keras_tensor__', config: { shape: [], dtype: 'float32', keras_history: history } };
}

/** `lstm#2:1` is ["lstm", 1, 1]. A nested model's own node is counted before those of its calls, by Keras 3 only in a model's outputs. */
function triple(tensor: string, layers: readonly ConfigLayer[], ownNode: 0 | 1): [string, number, number] {
  const [, name, call = '1', output] = /^(.*?)(?:#(\d+))?:(\d+)$/s.exec(tensor) as RegExpExecArray;
  const isModel = layers.some((layer) => layer.name === name && layer.class_name === 'Functional');
  return [name, Number(call) - 1 + (isModel ? ownNode : 0), Number(output)];
}
