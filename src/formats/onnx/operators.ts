import { arithmetic } from './arithmetic.ts';
import { attentionOperator } from './attention.ts';
import type { Building } from './building.ts';
import { conv, pool } from './convolution.ts';
import { einsum, gemm, matMul } from './dense.ts';
import { concatFromSequence } from './loop/concat-from-sequence.ts';
import type { NodeProto } from './model-proto.ts';
import { expand, flatten, reshaped, squeeze, transpose, unchanged, unsqueeze } from './moving.ts';
import { batchNormalization, layerNormalization } from './normalizing.ts';
import { concat, gather, slice, split } from './picking.ts';
import { argMax, topK } from './place.ts';
import { clipped, prelu, softmax, unary, where } from './pointwise.ts';
import { recurrent } from './recurrent.ts';
import { globalPool, reduce } from './reducing.ts';
import { reverseSequence } from './reversing.ts';
import type { Value } from './value.ts';

/** What an operator becomes in the lab: adds layers, and gives its outputs. Throws a LabError that says why it cannot. */
type Operator = (building: Building, node: NodeProto, inputs: readonly (Value | null)[]) => Value[];

const operators = new Map<string, Operator>([
  ['LSTM', recurrent],
  ['GRU', recurrent],
  ['RNN', recurrent],
  ['MatMul', matMul],
  ['Gemm', gemm],
  ['Einsum', einsum],
  ['Gather', gather],
  ['Slice', slice],
  ['Split', split],
  ['ConcatFromSequence', concatFromSequence],
  ['Concat', concat],
  ['Transpose', transpose],
  ['Squeeze', squeeze],
  ['Unsqueeze', unsqueeze],
  ['Reshape', reshaped],
  ['Flatten', flatten],
  ['Expand', expand],
  ['Tile', expand],
  ['Identity', unchanged],
  ['Cast', unchanged],
  ['CastLike', unchanged],
  ['Dropout', unchanged],
  ['Softmax', softmax],
  ['LogSoftmax', softmax],
  ['Clip', clipped],
  ['PRelu', prelu],
  ['Add', arithmetic],
  ['Sum', arithmetic],
  ['Sub', arithmetic],
  ['Mul', arithmetic],
  ['Div', arithmetic],
  ['Pow', arithmetic],
  ['Max', arithmetic],
  ['Min', arithmetic],
  ['Mean', arithmetic],
  ['Where', where],
  ['ReverseSequence', reverseSequence],
  ['ReduceMean', reduce],
  ['ReduceMax', reduce],
  ['ReduceSum', reduce],
  ['ArgMax', argMax],
  ['ArgMin', argMax],
  ['TopK', topK],
  ['GlobalAveragePool', globalPool],
  ['GlobalMaxPool', globalPool],
  ['BatchNormalization', batchNormalization],
  ['LayerNormalization', layerNormalization],
  ['Attention', attentionOperator],
  ['Conv', conv],
  ['MaxPool', pool],
  ['AveragePool', pool],
]);

/** Null: the lab does not know the operator. */
export function lowered(building: Building, node: NodeProto, inputs: readonly (Value | null)[]): Value[] | null {
  if (node.domain !== '') return null;
  const operator = operators.get(node.opType);
  return operator ? operator(building, node, inputs) : unary(building, node, inputs);
}

/** Why an operator that the lab does not know is left out. */
export function whyUnknown({ opType, domain }: NodeProto): string {
  if (/^(Loop|Scan|If|SequenceMap)$/.test(opType))
    return `${opType === 'If' ? 'an' : 'a'} ${opType} node: what it runs depends on the input, and the lab runs whole layers; the Keras or PyTorch file that it was made of opens`;
  if (/QLinear|Quantize|Integer$/.test(opType))
    return 'a quantised operator: the lab computes with the numbers before quantising';
  if (domain !== '') return `an operator of ${domain}, which ONNX itself does not have`;
  return 'an operator that the lab does not know';
}
