import type { Tensor } from '../../../math/tensor.ts';
import { snakeCase } from '../snake-case.ts';
import type { ConfigLayer } from './config.ts';

/** Arrays at one place of Keras 3's layout: `layers/lstm/cell`. */
export interface PlacedArrays {
  readonly path: string;
  /** What Keras 3 writes beside them. */
  readonly name: string;
  readonly arrays: readonly Tensor[];
}

/** Where Keras 3 keeps the arrays of layers: by class and count, whatever they are called. */
export function placedArrays(layers: readonly ConfigLayer[], prefix = ''): PlacedArrays[] {
  const count = counter();
  return layers.flatMap((layer) => {
    const base = snakeCase(layer.class_name === 'Input' ? 'InputLayer' : layer.class_name);
    return layerArrays(layer, `${prefix}layers/${count(base)}`);
  });
}

function layerArrays(layer: ConfigLayer, path: string): PlacedArrays[] {
  const inner = (key: string) => layer[key] as ConfigLayer;
  const weights: readonly [string, Tensor][] = Object.entries(layer.weights ?? {});
  const arrays = weights.map(([, array]) => array);
  switch (layer.class_name) {
    case 'Functional':
      return placedArrays(layer.layers as ConfigLayer[], `${path}/`);
    case 'Bidirectional':
      return [
        ...layerArrays(inner('layer'), `${path}/forward_layer`),
        ...layerArrays(inner('backward_layer'), `${path}/backward_layer`),
      ];
    case 'TimeDistributed': {
      // Where the lab has one layer, the arrays stand with it; they are those of the layer inside.
      const given = layer.weights === undefined ? {} : { weights: layer.weights };
      return layerArrays({ ...inner('layer'), name: inner('layer').name ?? layer.name, ...given }, `${path}/layer`);
    }
    case 'RNN': {
      if (!Array.isArray(layer.cell)) return layerArrays(inner('cell'), `${path}/cell`);
      const count = counter();
      return (layer.cell as ConfigLayer[]).flatMap((cell) =>
        layerArrays(cell, `${path}/cell/cells/${count(snakeCase(cell.class_name))}`),
      );
    }
    case 'LSTM':
    case 'GRU':
    case 'SimpleRNN':
      return [{ path: `${path}/cell`, name: `${snakeCase(layer.class_name)}_cell`, arrays }];
    case 'MultiHeadAttention':
      return ['query', 'key', 'value', 'output'].map((part) => ({
        path: `${path}/${part}_dense`,
        name: part === 'output' ? 'attention_output' : part,
        arrays: weights.filter(([name]) => name.startsWith(`${part}_`)).map(([, array]) => array),
      }));
    default:
      return arrays.length > 0 ? [{ path, name: layer.name, arrays }] : [];
  }
}

/** dense, dense_1, dense_2, … */
function counter(): (base: string) => string {
  const counts = new Map<string, number>();
  return (base) => {
    const n = counts.get(base) ?? 0;
    counts.set(base, n + 1);
    return n === 0 ? base : `${base}_${n}`;
  };
}

/** Keras computes in float32. */
export function float32({ shape, data }: Tensor): { shape: readonly number[]; data: Float32Array } {
  return { shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}
