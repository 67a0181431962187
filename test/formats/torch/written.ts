/* Pickles and state dicts, byte by byte: what tests need and no fixture has. */

const text = new TextEncoder();

export type Part = string | number | Uint8Array;

/** A pickle of protocol 2: opcodes as letters or numbers, anything else as it is. */
export function pickle(...parts: (Part | readonly Part[])[]): Uint8Array {
  const bytes: number[] = [0x80, 2];
  for (const part of parts.flat()) {
    if (typeof part === 'number') bytes.push(part);
    else for (const byte of typeof part === 'string' ? text.encode(part) : part) bytes.push(byte);
  }
  return Uint8Array.from([...bytes, 0x2e]);
}

export const MARK = '(';
export const TUPLE = 't';

/** A string. */
export function unicode(value: string): Uint8Array {
  const letters = text.encode(value);
  return Uint8Array.from([0x58, ...int32(letters.length), ...letters]);
}

/** A whole number. */
export function int(value: number): Uint8Array {
  return Uint8Array.from([0x4a, ...int32(value)]);
}

export function global(module: string, name: string): Uint8Array {
  return text.encode(`c${module}\n${name}\n`);
}

function int32(value: number): number[] {
  return [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255];
}

function join(parts: readonly (Uint8Array | string)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...text.encode(part)] : [...part])));
}

export interface WrittenTensor {
  readonly key?: string;
  readonly storage?: string;
  /** Numbers that the storage is said to have. */
  readonly length: number;
  readonly offset?: number;
  readonly size: readonly number[];
  readonly stride: readonly number[];
}

/** torch._utils._rebuild_tensor_v2 of a storage. */
export function rebuilt({ key = '0', storage = 'FloatStorage', length, offset = 0, size, stride }: WrittenTensor) {
  const tuple = (numbers: readonly number[]) => join([MARK, ...numbers.map(int), TUPLE]);
  const id = join([
    MARK,
    unicode('storage'),
    global('torch', storage),
    unicode(key),
    unicode('cpu'),
    int(length),
    TUPLE,
  ]);
  return join([
    global('torch._utils', '_rebuild_tensor_v2'),
    MARK,
    id,
    'Q',
    int(offset),
    tuple(size),
    tuple(stride),
    Uint8Array.of(0x89),
    'N',
    TUPLE,
    'R',
  ]);
}

/** A dictionary of names and values that are pickled already. */
export function dictionary(entries: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const items = Object.entries(entries).flatMap(([name, value]) => [unicode(name), value]);
  return join(['}', MARK, ...items, 'u']);
}

/** What torch.save wrote before 1.6, with these storages. */
export function legacy(saved: Uint8Array, storages: Readonly<Record<string, Uint8Array>> = {}, size = 4): Uint8Array {
  const magic = Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e);
  const keys = Object.keys(storages);
  return join([
    magic,
    pickle(int(1001)),
    pickle(dictionary({ little_endian: Uint8Array.of(0x88) })),
    pickle(saved),
    pickle(']', MARK, ...keys.map(unicode), 'e'),
    ...keys.flatMap((key) => [Uint8Array.from([...int32(storages[key].length / size), 0, 0, 0, 0]), storages[key]]),
  ]);
}

export function floats(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}
