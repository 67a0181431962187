import { LabError } from '../../../math/lab-error.ts';
import { isRecord } from '../../is-record.ts';

/** As deep as configurations are nested at most: models in models in wrappers. */
const MAX_DEPTH = 100;

export type Config = Readonly<Record<string, unknown>>;

/** A list of at most so many, else undefined. */
export function asList(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** A record's own value: names come from files, and may be `constructor`. */
export function own(record: unknown, key: string): unknown {
  return isRecord(record) && Object.hasOwn(record, key) ? record[key] : undefined;
}

export function refuseDeep(value: unknown): void {
  // Level by level, so that no nesting exhausts the stack.
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new LabError({ problem: `a configuration here is nested at most ${MAX_DEPTH} deep.` });
    level = level.flatMap((part) =>
      Array.isArray(part) ? numbersOnly(part) : isRecord(part) ? Object.values(part) : [],
    );
  }
}

/** Long lists of numbers (a matrix in an initializer) are not walked. */
function numbersOnly(list: unknown[]): unknown[] {
  return list.filter((part) => typeof part === 'object' && part !== null);
}

/**
 * What Keras writes around values that JSON does not have: tuples, TensorShapes, NumPy arrays. `{"class_name": "__tuple__", "items": [1, 2]}` is [1, 2].
 */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.some((part) => typeof part === 'object') ? value.map(plain) : value;
  if (!isRecord(value)) return value;
  const name = own(value, 'class_name');
  const items = own(value, 'items');
  if ((name === '__tuple__' || name === 'TensorShape') && Array.isArray(items)) return items.map(plain);
  if ((name === '__numpy__' || name === '__tensor__') && isRecord(own(value, 'config')))
    return own(own(value, 'config'), 'value');
  // tfjs and tf.keras write {"type": "ndarray", "value": …} too.
  if (own(value, 'type') === 'ndarray' && own(value, 'value') !== undefined) return own(value, 'value');
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}
