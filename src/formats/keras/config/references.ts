import { isRecord } from '../../is-record.ts';
import { safeName } from '../../safe-name.ts';
import type { KerasLayer } from './layer-tree.ts';
import { own, plain } from './object.ts';

/** One tensor as a configuration names it: a layer, which of its calls, which of its outputs. */
export interface Reference {
  readonly layer: string;
  readonly node: number;
  readonly tensor: number;
}

/** What a layer is called with, once. */
export interface KerasCall {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

const isIndex = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;

/** `["lstm", 0, 1]`, with its kwargs behind it in Keras 2, or Keras 3's `__keras_tensor__`; undefined: none. */
export function reference(value: unknown): Reference | undefined {
  const triple = own(value, 'class_name') === '__keras_tensor__' ? own(own(value, 'config'), 'keras_history') : value;
  if (!Array.isArray(triple) || typeof triple[0] !== 'string' || triple[0] === '_CONSTANT_VALUE') return undefined;
  const [layer, node = 0, tensor = 0] = triple;
  return isIndex(node) && isIndex(tensor) ? { layer, node, tensor } : undefined;
}

/** The numbers of an array that the file holds where a layer takes a tensor: Keras 3's `__tensor__`, tf.keras's `_CONSTANT_VALUE`. Undefined: none. */
export function constantValue(value: unknown): unknown {
  if (Array.isArray(value)) return value[0] === '_CONSTANT_VALUE' ? value[2] : undefined;
  if (!['__tensor__', '__numpy__'].includes(String(own(value, 'class_name')))) return undefined;
  return own(own(value, 'config'), 'value');
}

/** Whether such an array is somewhere in it. */
export function hasConstant(value: unknown): boolean {
  if (reference(value)) return false;
  return constantValue(value) !== undefined || (Array.isArray(value) && value.some(hasConstant));
}

/** The lengths of the first tensor within a value, the batch's among them, where the file says them. */
export function shapeOf(value: unknown): readonly unknown[] | undefined {
  if (own(value, 'class_name') === '__keras_tensor__') {
    const shape = plain(own(own(value, 'config'), 'shape'));
    return Array.isArray(shape) ? shape : undefined;
  }
  if (constantValue(value) !== undefined) return undefined;
  const parts = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
  for (const part of parts) {
    const shape = typeof part === 'object' ? shapeOf(part) : undefined;
    if (shape) return shape;
  }
  return undefined;
}

/** All tensors within a value, in order: a list, a list of lists, a dict. */
export function references(value: unknown): Reference[] {
  const found = reference(value);
  if (found) return [found];
  if (Array.isArray(value)) return value.flatMap(references);
  if (isRecord(value)) return Object.values(value).flatMap(references);
  return [];
}

/** The calls of a layer. Keras 3: {args, kwargs}; before: a list of tensors, each with the call's kwargs behind it. */
export function callsOf({ inboundNodes }: KerasLayer): KerasCall[] {
  return inboundNodes.map((node) => {
    if (isRecord(node) && Array.isArray(own(node, 'args'))) {
      const kwargs = own(node, 'kwargs');
      return { args: own(node, 'args') as unknown[], kwargs: isRecord(kwargs) ? kwargs : {} };
    }
    // tf.keras writes a lone tensor without a list around it, and a dict where a call takes one.
    const tensors =
      reference(node) || constantValue(node) !== undefined
        ? [node]
        : isRecord(node)
          ? Object.values(node)
          : Array.isArray(node)
            ? node
            : [];
    const kwargs = (tensors as unknown[])
      .map((tensor) => (Array.isArray(tensor) ? tensor[3] : undefined))
      .find(isRecord);
    return { args: [tensors.length === 1 ? tensors[0] : tensors], kwargs: kwargs ?? {} };
  });
}

/** Names of tensors as the lab writes them, `lstm_1#2:1`, for one model's layers. */
export interface Names {
  /** A layer's own name: the file's, made safe and unique. */
  of(layer: KerasLayer): string;
  /** A tensor that a layer is called with. */
  tensor(reference: Reference): string;
  /** A tensor that the model returns. */
  output(reference: Reference): string;
  /** The layer that a reference is to. */
  layer(reference: Reference): KerasLayer | undefined;
}

/** Names for one model. `inbound`: what its layers are called with, `outputs`: what it returns; their nodes are counted from 0 or from 1. */
export function namesOf(
  layers: readonly KerasLayer[],
  inbound: readonly Reference[] = [],
  outputs: readonly Reference[] = [],
): Names {
  const byName = new Map(layers.map((layer) => [layer.name ?? '', layer]));
  const given = new Map<KerasLayer, string>();
  const used = new Set<string>();
  for (const layer of layers) {
    const base = safeName(layer.name ?? layer.className);
    let name = base;
    for (let n = 2; used.has(name); n++) name = `${base.slice(0, 90)}_${n}`;
    used.add(name);
    given.set(layer, name);
  }
  const tensor =
    (first: ReadonlyMap<string, number>) =>
    ({ layer: named, node, tensor: output }: Reference) => {
      const layer = byName.get(named);
      const name = layer === undefined ? safeName(named) : given.get(layer);
      const number = Math.max(0, node - (first.get(named) ?? 0)) + 1;
      return `${name}${number > 1 ? `#${number}` : ''}:${output}`;
    };
  return {
    of: (layer) => given.get(layer) as string,
    layer: ({ layer }) => byName.get(layer),
    tensor: tensor(firstNodes(byName, inbound, 'inbound')),
    output: tensor(firstNodes(byName, outputs, 'outputs')),
  };
}

/**
 * Which node of each layer is its first call. A nested model has a node of its own before those of its calls: Keras 1 and 2 count it everywhere, Keras
 * 3 only in the model's outputs, and there not for a Sequential. Early Keras 3 also counted calls outside of the model. What is referred to, and how
 * many calls there are, has the last word. Source: keras/src/models/functional.py, get_config and serialize_node.
 */
function firstNodes(
  byName: ReadonlyMap<string, KerasLayer>,
  references: readonly Reference[],
  where: 'inbound' | 'outputs',
): ReadonlyMap<string, number> {
  const nodes = new Map<string, number[]>();
  for (const { layer, node } of references) nodes.set(layer, [...(nodes.get(layer) ?? []), node]);
  const first = new Map<string, number>();
  for (const [name, referred] of nodes) {
    const layer = byName.get(name);
    if (layer === undefined) continue;
    const calls = Math.max(1, layer.inboundNodes.length);
    const beyond = Math.max(...referred) - calls + 1;
    const isKeras3 = isRecord(layer.inboundNodes[0]) && Array.isArray(own(layer.inboundNodes[0], 'args'));
    const counted =
      layer.model !== undefined && (!isKeras3 || (where === 'outputs' && layer.className !== 'Sequential'));
    first.set(name, beyond > 0 ? beyond : counted && Math.min(...referred) > 0 ? 1 : 0);
  }
  return first;
}
