import { LabError, quote } from '../../../math/lab-error.ts';
import type { Rows } from '../../../math/tensor.ts';
import { isRecord } from '../../is-record.ts';
import { classAliases } from '../../preset/aliases.ts';
import type { Entry } from '../../preset/parse.ts';
import { isLayerClass } from '../../preset/schema.ts';
import { type Called, constantEntries, withConstants } from './constants.ts';
import type { KerasLayer } from './layer-tree.ts';
import { asList, type Config, own, plain } from './object.ts';
import { operationEntries } from './operations.ts';
import { callsOf, namesOf, type Reference } from './references.ts';
import { type Mixed, operationRefusal, refusal } from './refusals.ts';
import { allReferences, ends, isOperation, type Wiring, wiringOf, withoutMaskOperations } from './wiring.ts';

/** The arrays of a file: for a layer of its own, or for everything inside it, in Keras's order. Bidirectional by half. */
export type GivenWeights = ReadonlyMap<KerasLayer, readonly Rows[] | Readonly<Record<string, readonly Rows[]>>>;

/** A model's layers as a preset has them, and what a preset cannot say. */
export interface Entries {
  readonly layers: readonly Entry[];
  /** Undefined: all outputs of the last layer. */
  readonly outputs: readonly string[] | undefined;
}

/** A mask that the model itself gives a recurrent layer: its path, its call, the tensor; null: the one of its input, passed on. */
export interface GivenMask {
  readonly layer: string;
  readonly call: number;
  readonly mask: string | null;
}

export interface EntryContext {
  readonly weights: GivenWeights;
  /** What a person should know. */
  readonly notes: Set<string>;
  /** Layers that are left out, by their whole name: what they are, and why. */
  readonly refused: Map<string, { readonly className: string; readonly reason: string }>;
  readonly masks: GivenMask[];
  /** Layers that stand for operations on tensors, by their whole name. */
  readonly operations: Set<string>;
  readonly mixed: Mixed;
}

/** A model as entries: names made safe, wiring explicit, arguments without their wrapping. */
export function modelEntries(model: KerasLayer, context: EntryContext, prefix = ''): Entries {
  const ends_ = model.model?.outputLayers;
  return ends_ === undefined ? sequential(model, context, prefix) : functional(model, ends(ends_), context, prefix);
}

function sequential(model: KerasLayer, context: EntryContext, prefix: string): Entries {
  const names = namesOf(model.inside);
  const layers = model.inside.map((layer) =>
    entry(layer, layer.name === undefined ? undefined : names.of(layer), context, prefix),
  );
  return { layers: [...builtInput(model, layers[0]), ...branches(layers)], outputs: undefined };
}

/**
 * A Sequential that was built by its first batch says for which shape; without an Input this is its first layer. What a first layer says that the lab
 * does not know is said by an Input too: such a layer keeps no arguments.
 */
function builtInput({ inside, buildShape }: KerasLayer, entry: Entry | undefined): Entry[] {
  const [first] = inside;
  const stated = plain(own(first?.config, 'batch_input_shape') ?? own(first?.config, 'batch_shape'));
  const isKnown =
    entry !== undefined && (isLayerClass(entry.class_name) || Object.hasOwn(classAliases, entry.class_name));
  if (Array.isArray(stated) && !isKnown && first?.model === undefined && first?.className !== 'Merge')
    return [{ class_name: 'Input', batch_shape: stated }];
  const says = ['batch_input_shape', 'batch_shape', 'input_shape', 'input_dim', 'input_length', 'inputs', 'calls'];
  if (first === undefined || isInput(first) || says.some((key) => own(first.config, key) != null)) return [];
  if (first.className === 'Merge' || first.model !== undefined) return [];
  if (Array.isArray(buildShape) && buildShape.every((length) => length === null || Number.isInteger(length)))
    return [{ class_name: 'Input', batch_shape: buildShape }];
  return first.className === 'Embedding' ? [{ class_name: 'Input', shape: [null] }] : [];
}

/** Keras 1's Sequential may begin with a Merge of other models: each gets an Input of its own. */
function branches(layers: readonly Entry[]): readonly Entry[] {
  const [first, ...rest] = layers;
  if (first?.class_name !== 'Merge' || !Array.isArray(first.layers)) return layers;
  const { layers: models, ...merge } = first as Entry & { layers: Entry[] };
  const before = models.flatMap((model, at) => {
    const name = `branch_${at + 1}`;
    const inside = asList(model.layers) as Entry[];
    const shape = inside?.[0]?.batch_input_shape;
    return [
      { class_name: 'Input', name: `${name}_input`, ...(shape ? { batch_shape: shape } : { shape: [null] }) },
      { ...model, name, inputs: [`${name}_input`] },
    ];
  });
  const inputs = models.map((_, at) => `branch_${at + 1}`);
  return [...before, { ...merge, inputs } as Entry, ...rest];
}

function functional(model: KerasLayer, outputs: readonly Reference[], context: EntryContext, prefix: string): Entries {
  const called = new Map(model.inside.map((layer) => [layer, withConstants(layer, callsOf(layer))]));
  const of = (layer: KerasLayer) => called.get(layer)?.calls ?? [];
  const constantsOf = (layer: KerasLayer) => constantEntries(called.get(layer) as Called, names);
  const inputs = ends(model.model?.inputLayers);
  const kept = withoutMaskOperations(model.inside, of, outputs);
  const inbound = kept.flatMap((layer) => of(layer).flatMap(allReferences));
  const names = namesOf(model.inside, inbound, outputs);
  // Inputs are given in the model's order, wherever they stand.
  const order = inputs.map(({ layer }) => layer);
  const place = (layer: KerasLayer) => (isInput(layer) ? order.indexOf(layer.name ?? '') : order.length);
  const sorted = kept
    .map((layer, at) => ({ layer, at }))
    .sort((a, b) => place(a.layer) - place(b.layer) || a.at - b.at);
  const layers = sorted.flatMap(({ layer }) => {
    const name = names.of(layer);
    if (isInput(layer)) return [entry(layer, name, context, prefix)];
    const wired = of(layer).map((call) => wiringOf(layer, call, names));
    if (wired.length === 0) {
      context.notes.add(`${name} is not called in the model, and left out`);
      return [];
    }
    wired.forEach(({ mask, maskPassed }, at) => {
      const given = mask === undefined ? undefined : `${prefix}${mask}`;
      if (given !== undefined || maskPassed)
        context.masks.push({ layer: `${prefix}${name}`, call: at + 1, mask: given ?? null });
    });
    const operations = isOperation(layer)
      ? operationEntries(layer, name, of(layer), names, constantsOf(layer).length > 0)
      : undefined;
    if (operations) {
      for (const step of operations) context.operations.add(`${prefix}${step.name}`);
      return [...constantsOf(layer), ...operations];
    }
    const reason = wired.find(({ refused }) => refused !== undefined)?.refused ?? operationRefusal(layer);
    const whole = { ...entry(layer, name, context, prefix, reason, wired[0].flags), calls: wired.map(callEntry) };
    return context.refused.has(`${prefix}${name}`) ? [whole] : [...constantsOf(layer), whole];
  });
  return { layers, outputs: outputs.map(names.output) };
}

function callEntry({ inputs, initialState }: Wiring): object {
  return { inputs, ...(initialState.length > 0 && { initial_state: initialState }) };
}

function isInput({ className }: KerasLayer): boolean {
  return className === 'InputLayer' || className === 'Input';
}

/** Keys that hold layers, or what training and Python need. */
const notArguments = [
  'name',
  'layers',
  'layer',
  'backward_layer',
  'cell',
  'input_layers',
  'output_layers',
  'build_input_shape',
  'class_name',
  'dtype',
  'input_dtype',
];

function entry(
  layer: KerasLayer,
  name: string | undefined,
  context: EntryContext,
  prefix: string,
  refusedCall?: string,
  flags: Readonly<Record<string, boolean>> = {},
): Entry {
  const reason = refusal(layer, context.mixed) ?? refusedCall;
  if (reason !== undefined) {
    const className = layer.registeredName ?? layer.className;
    context.refused.set(`${prefix}${name}`, { className, reason });
    // A class that Keras does not have, so that it is left out whatever it is called.
    return { class_name: className.includes('>') ? className : `${className}*`, name };
  }
  const given = context.weights.get(layer);
  const args = argumentsOf(layer, given !== undefined);
  return {
    ...args,
    ...flags,
    class_name: layer.className,
    ...(name !== undefined && { name }),
    ...insideOf(layer, context, `${prefix}${name}/`),
    ...(given !== undefined && { weights: given }),
  };
}

function argumentsOf(layer: KerasLayer, hasWeights: boolean): Config {
  const kept = Object.entries(layer.config).filter(
    ([key]) =>
      !notArguments.includes(key) && !/_regularizer$|_constraint$/.test(key) && !(hasWeights && isInitializer(key)),
  );
  return Object.fromEntries(kept.map(([key, value]) => [key, isInitializer(key) ? value : plain(value)]));
}

const isInitializer = (key: string) => /_initializer$|^(inner_|gamma_|beta_|forget_bias_)?init$/.test(key);

/** Layers inside, which a preset writes flat. */
function insideOf(layer: KerasLayer, context: EntryContext, prefix: string): Config {
  const inner = (part: KerasLayer) => entry(part, part.name === undefined ? undefined : part.name, context, prefix);
  if (layer.model !== undefined) {
    const { layers, outputs } = modelEntries(layer, context, prefix);
    return { layers, ...(outputs && { output_layers: outputs }), ...(outputs && { input_layers: inputNames(layer) }) };
  }
  switch (layer.className) {
    case 'TimeDistributed':
      return { layer: inner(layer.inside[0]) };
    case 'Bidirectional': {
      const [forward, backward] = layer.inside;
      const hasOwn = isRecord(own(layer.config, 'backward_layer'));
      return { layer: inner(forward), ...(hasOwn && { backward_layer: inner(backward) }) };
    }
    case 'RNN':
      return { cell: layer.inside.map(inner) };
    case 'Merge':
      return layer.inside.length > 0 ? { layers: layer.inside.map(inner) } : {};
    default:
      return {};
  }
}

function inputNames(layer: KerasLayer): string[] {
  const names = namesOf(layer.inside);
  return ends(layer.model?.inputLayers).map((one) => {
    const source = names.layer(one);
    if (source === undefined)
      throw new LabError({
        path: layer.path,
        problem: 'an input of this model is none of its layers.',
        received: quote(one),
      });
    return names.of(source);
  });
}
