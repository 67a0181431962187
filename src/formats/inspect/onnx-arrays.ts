import { externalData } from '../onnx/external-data.ts';
import { type GraphProto, type ModelProto, type NodeProto, readModel } from '../onnx/model-proto.ts';
import { numbersOf, type TensorProto } from '../onnx/tensor-proto.ts';
import type { FoundArray } from './array.ts';
import { type Gates, gateBlocks, ONNX } from './gates.ts';

/** TensorProto.DataType. */
const TYPES = [
  'undefined',
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
];

/** What each of an LSTM's or GRU's weights is, by its place among the inputs. */
const INPUTS: readonly (readonly [place: number, what: string])[] = [
  [1, 'kernel'],
  [2, 'recurrent kernel'],
  [3, 'bias'],
  [7, 'peepholes'],
];

export interface OnnxArrays {
  readonly model: ModelProto;
  readonly arrays: FoundArray[];
  readonly gates: ReadonlyMap<string, Gates>;
}

/** The initializers and constants of an ONNX model, and which gates the weights of its LSTM and GRU nodes hold. */
export function onnxArrays(bytes: Uint8Array, file: string): OnnxArrays {
  const model = readModel(bytes);
  const external = externalData(file);
  const arrays = tensorsOf(model.graph).map(([name, tensor]): FoundArray => {
    const numbers = numbersOf({ ...tensor, name }, external);
    const { dims: shape } = tensor;
    return {
      name,
      shape,
      dtype: TYPES[tensor.type] ?? `type ${tensor.type}`,
      tensor: numbers && { shape, data: numbers.data },
    };
  });
  return {
    model,
    arrays,
    gates: nodeGates(model.graph.nodes, new Map(arrays.map((array) => [array.name, array.shape]))),
  };
}

function tensorsOf({ initializers, nodes }: GraphProto): [string, TensorProto][] {
  const constants = nodes.flatMap(({ opType, outputs, attributes }): [string, TensorProto][] => {
    const value = opType === 'Constant' ? attributes.get('value')?.t : undefined;
    return value ? [[outputs[0] ?? '', value]] : [];
  });
  return [...initializers.map((tensor): [string, TensorProto] => [tensor.name, tensor]), ...constants];
}

function nodeGates(nodes: readonly NodeProto[], shapes: ReadonlyMap<string, readonly number[]>): Map<string, Gates> {
  const found = new Map<string, Gates>();
  for (const { opType, inputs } of nodes) {
    if (opType !== 'LSTM' && opType !== 'GRU') continue;
    const units = shapes.get(inputs[2] ?? '')?.[2] ?? 0;
    for (const [place, what] of INPUTS) {
      const name = inputs[place] ?? '';
      const length = shapes.get(name)?.[1];
      if (length === undefined) continue;
      // Peepholes have no candidate.
      const gates = what === 'peepholes' ? ['i', 'o', 'f'] : ONNX[opType];
      const blocks = gateBlocks(gates, units, length);
      if (blocks.length > 0) found.set(name, { of: `${opType} ${what}`, axis: 1, blocks });
    }
  }
  return found;
}
