import type { Entry } from '../../preset/parse.ts';
import type { KerasLayer } from './layer-tree.ts';
import { asList, own, plain } from './object.ts';
import { hasConstant, type KerasCall, type Names, reference, references } from './references.ts';

/** One step of what an operation is as layers: a class of the lab's presets with its arguments. */
type Step = { readonly class_name: string } & Readonly<Record<string, unknown>>;

/**
 * Operations on tensors that a functional model was written with (`y[:, -1]`, `ops.sum(y, axis=1)`, `y * 2`): Keras 3's, and those of TensorFlow that
 * tf.keras writes as TFOpLambda, as the layers that do the same. Undefined: none of them, so that it is left out.
 */
export function operationEntries(
  layer: KerasLayer,
  name: string,
  calls: readonly KerasCall[],
  names: Names,
  byConstant: boolean,
): Entry[] | undefined {
  const [call, ...more] = calls;
  if (call === undefined || more.length > 0 || hasConstant(call.args)) return undefined;
  const given = operands(layer, call);
  const steps = given && stepsOf(operationName(layer), layer, { ...given, byConstant });
  if (given === undefined || steps === undefined) return undefined;
  const inputs = given.tensors.map(names.tensor);
  return steps.map((step, at): Entry => {
    const own = at === steps.length - 1 ? name : `${name}/step_${at + 1}`;
    return { ...step, name: own, calls: [{ inputs: at === 0 ? inputs : [`${name}/step_${at}`] }] };
  });
}

/** Where a constant divides, it stands as its reciprocal. */
export function isDivision(layer: KerasLayer): boolean {
  return ['TrueDivide', 'Divide'].includes(operationName(layer));
}

interface Operands {
  readonly tensors: ReturnType<typeof references>;
  /** Numbers beside one tensor, and whether they stand before it. */
  readonly number: number | undefined;
  readonly numberFirst: boolean;
  readonly argument: (key: string) => unknown;
  /** What stands behind the tensors. */
  readonly rest: readonly unknown[];
  /** Lengths of the first tensor, the batch's among them, where the file says them. */
  readonly shape: readonly (number | null)[] | undefined;
}

function operands({ config }: KerasLayer, { args, kwargs }: KerasCall): Operands | undefined {
  const two = [args[0], args[1] ?? own(kwargs, 'y') ?? own(kwargs, 'x2')];
  const numbers = two.filter((part): part is number => typeof part === 'number');
  const tensors = [...references(args), ...['x', 'y', 'x1', 'x2'].flatMap((key) => references(own(kwargs, key)))];
  if (tensors.length === 0) return undefined;
  const shape = plain(own(own(firstTensor(args[0]), 'config'), 'shape'));
  return {
    tensors,
    number: numbers[0],
    numberFirst: typeof two[0] === 'number',
    argument: (key) => plain(own(config, key) ?? own(kwargs, key)),
    rest: args.slice(1),
    shape: Array.isArray(shape) ? shape : undefined,
  };
}

function firstTensor(value: unknown): unknown {
  return reference(value) ? value : asList(value)?.[0];
}

/** `Sum`, in Keras 3's words. */
function operationName({ className, config }: KerasLayer): string {
  if (className === 'SlicingOpLambda') return 'GetItem';
  if (className !== 'TFOpLambda') return className;
  const written = String(own(config, 'function') ?? '');
  return Object.hasOwn(tensorflowNames, written) ? tensorflowNames[written] : written;
}

const tensorflowNames: Readonly<Record<string, string>> = {
  '__operators__.add': 'Add',
  'math.add': 'Add',
  'math.subtract': 'Subtract',
  'math.multiply': 'Multiply',
  'math.truediv': 'TrueDivide',
  'math.divide': 'TrueDivide',
  'math.maximum': 'Maximum',
  'math.minimum': 'Minimum',
  'math.negative': 'Negative',
  'math.reduce_sum': 'Sum',
  'math.reduce_mean': 'Mean',
  'math.reduce_max': 'Max',
  'math.reduce_min': 'Min',
  'math.abs': 'Absolute',
  'math.square': 'Square',
  'math.exp': 'Exp',
  'math.tanh': 'Tanh',
  'math.sigmoid': 'Sigmoid',
  'nn.relu': 'Relu',
  'nn.softmax': 'Softmax',
  'nn.sigmoid': 'Sigmoid',
  'nn.tanh': 'Tanh',
  tanh: 'Tanh',
  'linalg.matmul': 'Matmul',
};

const reductions = ['Sum', 'Mean', 'Max', 'Min'];

const functions: Readonly<Record<string, unknown>> = {
  Absolute: { class_name: 'Absolute', config: {} },
  Abs: { class_name: 'Absolute', config: {} },
  Square: { class_name: 'Square', config: {} },
  Exp: 'exponential',
  Tanh: 'tanh',
  Sigmoid: 'sigmoid',
  Relu: 'relu',
  Silu: 'silu',
  Softplus: 'softplus',
};

type Given = Operands & { readonly byConstant: boolean };

function stepsOf(operation: string, layer: KerasLayer, given: Given): readonly Step[] | undefined {
  const { tensors, argument } = given;
  if (operation === 'Matmul') return matmul(given);
  if (operation === 'Concatenate')
    return Number.isInteger(argument('axis')) ? [{ class_name: 'Concatenate', axis: argument('axis') }] : undefined;
  if (tensors.length === 2 && ['Maximum', 'Minimum'].includes(operation)) return [{ class_name: operation }];
  if (['Add', 'Subtract', 'Multiply', 'TrueDivide', 'Divide'].includes(operation)) return arithmetic(operation, given);
  if (tensors.length !== 1) return undefined;
  if (operation === 'GetItem') return slices(given);
  if (reductions.includes(operation)) return reduction(operation, given);
  if (operation === 'Negative') return [{ class_name: 'Rescaling', scale: -1 }];
  if (operation === 'Softmax') return [{ class_name: 'Softmax', axis: argument('axis') ?? -1 }];
  if (Object.hasOwn(functions, operation)) return [{ class_name: 'Activation', activation: functions[operation] }];
  if (operation === 'Transpose') {
    const axes = asList(argument('axes'));
    const moved = axes?.[0] === 0 ? axes.slice(1) : undefined;
    return moved && [{ class_name: 'Permute', dims: moved }];
  }
  return reshaped(operation, layer, given);
}

/** Of two tensors the merging layer, of a tensor and a number a Rescaling. */
function arithmetic(
  operation: string,
  { tensors, number, numberFirst, byConstant }: Given,
): readonly Step[] | undefined {
  const divides = operation === 'TrueDivide' || operation === 'Divide';
  if (tensors.length === 2 && divides) return byConstant ? [{ class_name: 'Multiply' }] : undefined;
  if (tensors.length === 2) return [{ class_name: operation }];
  if (tensors.length !== 1 || number === undefined || !Number.isFinite(number)) return undefined;
  if (divides) return numberFirst || number === 0 ? undefined : [{ class_name: 'Rescaling', scale: 1 / number }];
  if (operation === 'Multiply') return [{ class_name: 'Rescaling', scale: number }];
  if (operation === 'Add') return [{ class_name: 'Rescaling', scale: 1, offset: number }];
  return [{ class_name: 'Rescaling', scale: numberFirst ? -1 : 1, offset: numberFirst ? number : -number }];
}

function reduction(operation: string, { argument }: Operands): readonly Step[] | undefined {
  const axis = [argument('axis')].flat();
  if (!axis.every((one) => Number.isInteger(one) && one !== 0)) return undefined;
  return [{ class_name: operation, axis, keepdims: argument('keepdims') === true }];
}

/** Products of sequences of vectors. */
function matmul({ tensors, shape, argument }: Operands): readonly Step[] | undefined {
  if (tensors.length !== 2 || shape?.length !== 3) return undefined;
  if (argument('transpose_a') === true || argument('transpose_b') === true) return undefined;
  return [{ class_name: 'Dot', axes: [2, 1] }];
}

/** `[:, -1, :4]`: one step for each axis that is not taken whole. */
function slices({ rest, argument, shape }: Operands): readonly Step[] | undefined {
  const written = plain(asList(rest[0]) ?? argument('slice_spec'));
  if (!Array.isArray(written)) return undefined;
  const dots = written.findIndex(isEllipsis);
  const rank = shape?.length;
  if (dots >= 0 && rank === undefined) return undefined;
  const parts =
    dots < 0
      ? written
      : [
          ...written.slice(0, dots),
          ...new Array<unknown>(Math.max(0, (rank as number) - written.length + 1)).fill({}),
          ...written.slice(dots + 1),
        ];
  let gone = 0;
  const steps: Step[] = [];
  for (const [at, part] of parts.entries()) {
    const axis = at - gone;
    if (typeof part === 'number' && Number.isInteger(part)) {
      steps.push({ class_name: 'GetItem', axis, index: part });
      gone++;
    } else {
      const bounds = boundsOf(part);
      if (bounds === undefined) return undefined;
      if (Object.keys(bounds).length > 0) steps.push({ class_name: 'GetItem', axis, ...bounds });
    }
    if (at === 0 && steps.length > 0) return undefined; // Samples are not taken out of a batch.
  }
  return steps.length > 0 ? steps : [{ class_name: 'Identity' }];
}

function isEllipsis(part: unknown): boolean {
  return own(part, 'class_name') === '__ellipsis__';
}

function boundsOf(part: unknown): Readonly<Record<string, number>> | undefined {
  const slice = own(part, 'config') ?? part;
  if (typeof slice !== 'object' || slice === null) return undefined;
  const found: Record<string, number> = {};
  for (const key of ['start', 'stop', 'step']) {
    const value = own(slice, key) ?? null;
    if (value === null) continue;
    if (!Number.isInteger(value)) return undefined;
    found[key] = value as number;
  }
  return found;
}

/** ExpandDims, Squeeze and Reshape, where the file says the tensor's shape. At most one length may be open. */
function reshaped(operation: string, _: KerasLayer, { shape, argument }: Operands): readonly Step[] | undefined {
  if (shape === undefined) return undefined;
  const to = newShape(operation, shape, argument);
  const lengths = to?.slice(1).map((length) => length ?? -1);
  if (lengths === undefined || lengths.filter((length) => length === -1).length > 1) return undefined;
  return [{ class_name: 'Reshape', target_shape: lengths }];
}

function newShape(
  operation: string,
  shape: readonly (number | null)[],
  argument: Operands['argument'],
): readonly (number | null)[] | undefined {
  const axes = [argument('axis')].flat();
  const rank = operation === 'ExpandDims' ? shape.length + axes.length : shape.length;
  const places = axes.map((axis) => (typeof axis === 'number' && axis < 0 ? axis + rank : axis));
  if (operation === 'Reshape') {
    const written = asList(argument('newshape'));
    return written?.every((length) => length === null || Number.isInteger(length))
      ? (written as (number | null)[])
      : undefined;
  }
  if (!places.every((axis): axis is number => Number.isInteger(axis) && axis !== 0)) return undefined;
  if (operation === 'ExpandDims')
    return places.length === 1 ? [...shape.slice(0, places[0]), 1, ...shape.slice(places[0])] : undefined;
  if (operation === 'Squeeze') return shape.filter((_, at) => !places.includes(at));
  return undefined;
}
