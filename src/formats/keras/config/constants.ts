import type { Entry } from '../../preset/parse.ts';
import { safeName } from '../../safe-name.ts';
import type { KerasLayer } from './layer-tree.ts';
import { isDivision } from './operations.ts';
import { constantValue, type KerasCall, type Names, type Reference, references, shapeOf } from './references.ts';
import { isOperation, STATES, TENSORS } from './wiring.ts';

/** A layer's calls with arrays of constants among their tensors made tensors of layers of their own. */
export interface Called {
  readonly calls: readonly KerasCall[];
  readonly constants: readonly Constant[];
}

interface Constant {
  readonly name: string;
  readonly value: unknown;
  /** A tensor of the same call. */
  readonly beside: Reference;
}

/** As deep as tensors stand in a call: a list in the arguments. */
const MAX_DEPTH = 4;

/**
 * Positional tables and the like: Keras 3 writes `__tensor__` or `__numpy__` where a call takes a tensor, tf.keras `_CONSTANT_VALUE`, or beside an
 * operator the numbers alone. Such an array has no batch, or one of 1; one with a row for each sample stays as it is, and the call is refused.
 */
export function withConstants(layer: KerasLayer, calls: readonly KerasCall[]): Called {
  const constants: Constant[] = [];
  const isOperator = isOperation(layer);
  const divides = isOperator && isDivision(layer);
  const made = calls.map(({ args, kwargs }): KerasCall => {
    const [beside] = [...references(args), ...references(Object.values(kwargs))];
    if (beside === undefined) return { args, kwargs };
    const rank = shapeOf([args, kwargs])?.length;
    const replaced = (value: unknown, depth = 0): unknown => {
      const found = constantValue(value);
      if (found === undefined) return Array.isArray(value) && depth < MAX_DEPTH ? listed(value, depth) : value;
      if (isOperator && typeof found === 'number') return found;
      const perSample = withoutBatch(divides ? reciprocal(found) : found, isOperator, rank);
      if (perSample === undefined) return value;
      const name = safeName(`${(layer.name ?? layer.className).slice(0, 80)}/constant_${constants.length + 1}`);
      constants.push({ name, value: perSample, beside });
      return [name, 0, 0];
    };
    const listed = (list: readonly unknown[], depth: number): unknown =>
      list.some((part) => typeof part === 'object') ? list.map((part) => replaced(part, depth + 1)) : list;
    const named = Object.entries(kwargs).map(([key, value]) => {
      if (layer.className === 'TFOpLambda' && key === 'y' && isNumbers(value))
        return [key, replaced(['_CONSTANT_VALUE', -1, value])];
      return [key, TENSORS.includes(key) || key === STATES ? replaced(value) : value];
    });
    // A constant that is divided stays as it is: it has no reciprocal to be multiplied with.
    const kept = (at: number) => divides && at === 0 && Array.isArray(constantValue(args[0]));
    return { args: args.map((value, at) => (kept(at) ? value : replaced(value))), kwargs: Object.fromEntries(named) };
  });
  return { calls: made, constants };
}

/** The layers that give these constants. */
export function constantEntries({ constants }: Called, names: Names): Entry[] {
  return constants.map(({ name, value, beside }) => ({
    class_name: 'Constant',
    name,
    value,
    calls: [{ inputs: [names.tensor(beside)] }],
  }));
}

/** What each sample sees; undefined: samples see different numbers, or this cannot be told. Operators stretch an array as NumPy does, layers do not. */
function withoutBatch(value: unknown, isOperator: boolean, rank: number | undefined): unknown {
  if (Array.isArray(value) && value.length === 1) return value[0];
  if (!isOperator) return undefined;
  return rank !== undefined && depthOf(value) >= rank ? undefined : value;
}

/** 1 / x of each number; undefined where one is 0, or is none. */
function reciprocal(value: unknown): unknown {
  if (typeof value === 'number') return value === 0 ? undefined : 1 / value;
  if (!Array.isArray(value)) return undefined;
  const parts = value.map(reciprocal);
  return parts.includes(undefined) ? undefined : parts;
}

function depthOf(value: unknown): number {
  let depth = 0;
  for (let inner = value; Array.isArray(inner) && depth < 20; inner = inner[0]) depth++;
  return depth;
}

function isNumbers(value: unknown): boolean {
  let inner = value;
  for (let depth = 0; Array.isArray(inner) && depth < 20; depth++) inner = inner[0];
  return Array.isArray(value) && typeof inner === 'number';
}
