import type { StoredType } from '../stored-type.ts';

/**
 * What a pickle holds, as inert data. Tuples, lists and sets are arrays, dictionaries are maps; a class or function is only its name, and an
 * object of a class that is not known here is a record of what the pickle would have given it.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | PickleMap
  | PickleGlobal
  | PickleObject
  | StorageRef
  | TensorRef;

/** A dictionary: plain, OrderedDict, defaultdict, Counter. */
export interface PickleMap {
  readonly kind: 'map';
  readonly entries: Map<PickleValue, PickleValue>;
  /** What was set on the dictionary itself: a state dict's `_metadata`. */
  attributes: PickleValue;
}

/** A class or a function, by its name; never called. */
export interface PickleGlobal {
  readonly kind: 'global';
  /** "torch.FloatStorage" */
  readonly name: string;
}

export interface PickleObject {
  readonly kind: 'object';
  readonly className: string;
  readonly args: readonly PickleValue[];
  /** What __setstate__ or __dict__ would have got. */
  state: PickleValue;
  /** Of a subclass of dict, of a subclass of list. */
  readonly entries: Map<PickleValue, PickleValue>;
  readonly items: PickleValue[];
  /** What it turned out to be when its state came: a numpy array. */
  array?: TensorRef;
}

/** Numbers in a row, in another part of the file. */
export interface StorageRef {
  readonly kind: 'storage';
  readonly key: string;
  /** The class's name: "FloatStorage", "UntypedStorage". */
  readonly className: string;
  /** Null: of bytes only, or of numbers that the lab does not read. */
  readonly type: StoredType | null;
  /** In numbers, as the pickle says; bytes for an untyped one. */
  readonly length: number;
  /** Where it begins within the storage `key`, in numbers (old views). */
  readonly start: number;
  /** The numbers themselves, where the pickle holds them (numpy). */
  readonly bytes?: Uint8Array;
}

/** A view of a storage: number [i, j, …] stands at offset + i·stride[0] + j·stride[1] + …. */
export interface TensorRef {
  readonly kind: 'tensor';
  readonly storage: StorageRef;
  readonly type: StoredType | null;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** Why its numbers cannot be read: "a quantized tensor". */
  readonly unreadable?: string;
  readonly bigEndian?: true;
}

export function isKind<K extends 'map' | 'global' | 'object' | 'storage' | 'tensor'>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleValue, { kind: K }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

export function pickleMap(entries: Map<PickleValue, PickleValue> = new Map()): PickleMap {
  return { kind: 'map', entries, attributes: null };
}

export function pickleObject(className: string, args: readonly PickleValue[]): PickleObject {
  return { kind: 'object', className, args, state: null, entries: new Map(), items: [] };
}

/** A value as text for messages and names; of what is no plain value only its kind, as files may nest without end. */
export function plainText(value: PickleValue | undefined): string {
  if (value === undefined || value === null) return 'None';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return value instanceof Uint8Array ? `${value.length} bytes` : `a ${value.kind}`;
}

/** A tensor, or a numpy array, which is as good. */
export function tensorOf(value: PickleValue | undefined): TensorRef | undefined {
  return isKind(value, 'tensor') ? value : isKind(value, 'object') ? value.array : undefined;
}

/** What is understood of a call: its arguments become a value, and nothing runs. */
export type PickleFunction = (args: readonly PickleValue[], name: string) => PickleValue;
