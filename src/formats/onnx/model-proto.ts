import { LabError } from '../../math/lab-error.ts';
import { type Field, fieldsOf, floatOf, pushFixed, pushVarints, textOf } from './protobuf.ts';
import { readTensor, type TensorProto } from './tensor-proto.ts';

/* The messages of onnx.proto that the lab reads. Field numbers are those of github.com/onnx/onnx, onnx/onnx.proto. */

export interface ModelProto {
  readonly irVersion: number;
  readonly producer: string;
  readonly producerVersion: string;
  /** The version of each operator set, by domain; '' is ONNX's own. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: GraphProto;
  readonly functions: readonly FunctionProto[];
}

export interface GraphProto {
  readonly name: string;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** A function that the file itself defines of other operators. */
export interface FunctionProto {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly NodeProto[];
}

export interface NodeProto {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  /** '' where an optional one is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

interface Attribute {
  readonly f: number;
  readonly i: number;
  readonly s: string;
  readonly t: TensorProto | null;
  /** A graph within, not read yet: so that no file can nest them deep. */
  readonly g: Uint8Array | null;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly strings: readonly string[];
  /** In a function: the attribute of the call whose value it takes. */
  readonly reference: string;
}

export interface ValueInfo {
  readonly name: string;
  /** ONNX's number of the type; 0 where it is no tensor, or not said. */
  readonly type: number;
  /** A length, the name of one, or null where nothing is said. Null where not even the rank is. */
  readonly shape: readonly (number | string | null)[] | null;
}

/** As many nodes as a graph may have, and things in any other list. */
const MAX_COUNT = 20_000;
const MAX_RANK = 16;

export function readModel(bytes: Uint8Array): ModelProto {
  const model = { irVersion: 0, producer: '', producerVersion: '' };
  const opsets = new Map<string, number>();
  const functions: FunctionProto[] = [];
  let graph: Uint8Array | null = null;
  for (const field of fieldsOf(bytes, 'model')) {
    if (field.number === 1) model.irVersion = field.value;
    else if (field.number === 2) model.producer = textOf(field);
    else if (field.number === 3) model.producerVersion = textOf(field);
    else if (field.number === 7) graph = field.bytes;
    else if (field.number === 8) addOpset(opsets, field.bytes);
    else if (field.number === 25) push(functions, readFunction(field.bytes), 'functions');
  }
  if (graph === null) {
    throw new LabError({
      problem: 'there is no graph in this ONNX model.',
      hint: 'was the file copied or downloaded completely?',
    });
  }
  return { ...model, opsets, functions, graph: readGraph(graph, 'graph') };
}

function addOpset(opsets: Map<string, number>, bytes: Uint8Array): void {
  let domain = '';
  let version = 0;
  for (const field of fieldsOf(bytes, 'opset_import')) {
    if (field.number === 1) domain = textOf(field);
    else if (field.number === 2) version = field.value;
  }
  opsets.set(domain === 'ai.onnx' ? '' : domain, version);
}

export function readGraph(bytes: Uint8Array, path: string): GraphProto {
  const lists = {
    nodes: [] as NodeProto[],
    initializers: [] as TensorProto[],
    inputs: [] as ValueInfo[],
    outputs: [] as ValueInfo[],
  };
  let name = '';
  for (const field of fieldsOf(bytes, path)) {
    if (field.number === 1)
      push(lists.nodes, readNode(field.bytes, `${path}.node[${lists.nodes.length}]`), `${path}.node`);
    else if (field.number === 2) name = textOf(field);
    else if (field.number === 5) {
      const place = `${path}.initializer[${lists.initializers.length}]`;
      push(lists.initializers, readTensor(field.bytes, place), `${path}.initializer`);
    } else if (field.number === 11) push(lists.inputs, readValueInfo(field.bytes, `${path}.input`), `${path}.input`);
    else if (field.number === 12) push(lists.outputs, readValueInfo(field.bytes, `${path}.output`), `${path}.output`);
    else if (field.number === 15) {
      throw new LabError({
        path: `${path}.sparse_initializer`,
        problem: 'weights are stored as sparse tensors, which the lab does not read.',
        hint: 'export the model with dense weights.',
      });
    }
  }
  return { name, ...lists };
}

function readFunction(bytes: Uint8Array): FunctionProto {
  const lists = { inputs: [] as string[], outputs: [] as string[], nodes: [] as NodeProto[] };
  let [name, domain] = ['', ''];
  for (const field of fieldsOf(bytes, 'function')) {
    if (field.number === 1) name = textOf(field);
    else if (field.number === 4) push(lists.inputs, textOf(field), 'function.input');
    else if (field.number === 5) push(lists.outputs, textOf(field), 'function.output');
    else if (field.number === 7) push(lists.nodes, readNode(field.bytes, 'function.node'), 'function.node');
    else if (field.number === 10) domain = textOf(field);
  }
  return { name, domain, ...lists };
}

function readNode(bytes: Uint8Array, path: string): NodeProto {
  const node = { name: '', opType: '', domain: '' };
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  for (const field of fieldsOf(bytes, path)) {
    if (field.number === 1) push(inputs, textOf(field), path);
    else if (field.number === 2) push(outputs, textOf(field), path);
    else if (field.number === 3) node.name = textOf(field);
    else if (field.number === 4) node.opType = textOf(field);
    else if (field.number === 5) {
      const [name, attribute] = readAttribute(field.bytes, `${path}.attribute`);
      attributes.set(name, attribute);
    } else if (field.number === 7) node.domain = textOf(field);
  }
  if (node.domain === 'ai.onnx') node.domain = '';
  return { ...node, inputs, outputs, attributes };
}

function readAttribute(bytes: Uint8Array, path: string): [string, Attribute] {
  const attribute = { f: 0, i: 0, s: '', t: null as TensorProto | null, g: null as Uint8Array | null, reference: '' };
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  let name = '';
  for (const field of fieldsOf(bytes, path)) {
    if (field.number === 1) name = textOf(field);
    else if (field.number === 2) attribute.f = floatOf(field);
    else if (field.number === 3) attribute.i = field.value;
    else if (field.number === 4) attribute.s = textOf(field);
    else if (field.number === 5) attribute.t = readTensor(field.bytes, `${path}.${name}`);
    else if (field.number === 6) attribute.g = field.bytes;
    else if (field.number === 7) pushFixed(floats, field, 4, path);
    else if (field.number === 8) pushVarints(ints, field, path);
    else if (field.number === 9) push(strings, textOf(field), path);
    else if (field.number === 21) attribute.reference = textOf(field);
  }
  return [name, { ...attribute, floats, ints, strings }];
}

function readValueInfo(bytes: Uint8Array, path: string): ValueInfo {
  let name = '';
  let type = 0;
  let shape: ValueInfo['shape'] = null;
  for (const field of fieldsOf(bytes, path)) {
    if (field.number === 1) name = textOf(field);
    // TypeProto.tensor_type; sequences, maps and optional values have other numbers.
    else if (field.number === 2)
      for (const kind of messages(field, path, 1))
        for (const part of fieldsOf(kind, path)) {
          if (part.number === 1) type = part.value;
          else if (part.number === 2) shape = readShape(part.bytes, `${path} ${name}`);
        }
  }
  return { name, type, shape };
}

function readShape(bytes: Uint8Array, path: string): (number | string | null)[] {
  const shape: (number | string | null)[] = [];
  for (const field of fieldsOf(bytes, path)) {
    if (field.number !== 1) continue;
    let length: number | string | null = null;
    for (const part of fieldsOf(field.bytes, path)) {
      if (part.number === 1) length = part.value;
      else if (part.number === 2) length = textOf(part) || null;
    }
    // Older exporters write 0 or −1 for a length that they do not know.
    shape.push(typeof length === 'number' && length <= 0 ? null : length);
    if (shape.length > MAX_RANK) throw new LabError({ path, problem: `a tensor has at most ${MAX_RANK} axes.` });
  }
  return shape;
}

function* messages(field: Field, path: string, number: number): Generator<Uint8Array> {
  for (const part of fieldsOf(field.bytes, path)) if (part.number === number) yield part.bytes;
}

function push<T>(list: T[], item: T, path: string): void {
  if (list.length === MAX_COUNT) {
    throw new LabError({
      path,
      problem: `the lab reads at most ${MAX_COUNT} of these.`,
      hint: 'is it a large model that was unrolled? Export it with its recurrent layers whole.',
    });
  }
  list.push(item);
}
