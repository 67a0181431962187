/* ONNX files written by hand, as small as they can be. */

type Part = Uint8Array | readonly number[];

export function bytes(...parts: readonly Part[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts.map((part) => Uint8Array.from(part))));
}

export function varint(value: number): number[] {
  const out: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  for (; left >= 128n; left >>= 7n) out.push(Number(left & 127n) | 128);
  return [...out, Number(left)];
}

/** A field of a number, a text or a message. */
export function field(number: number, value: number | string | Uint8Array): Uint8Array {
  if (typeof value === 'number') return bytes(varint(number * 8), varint(value));
  const content = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  return bytes(varint(number * 8 + 2), varint(content.length), content);
}

export function model({ graph: content, opset = 17 }: { graph: Uint8Array; opset?: number }): Uint8Array {
  return bytes(field(1, 8), field(7, content), field(8, bytes(field(1, ''), field(2, opset))));
}

interface Graph {
  readonly nodes?: readonly Uint8Array[];
  readonly inputs?: readonly Uint8Array[];
  readonly initializers?: readonly Uint8Array[];
  readonly outputs?: readonly string[];
}

export function graph({ nodes = [], inputs = [], initializers = [], outputs = [] }: Graph): Uint8Array {
  return bytes(
    ...nodes.map((content) => field(1, content)),
    ...initializers.map((content) => field(5, content)),
    ...inputs.map((content) => field(11, content)),
    ...outputs.map((name) => field(12, field(1, name))),
  );
}

export function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, number | readonly number[] | Uint8Array>> = {},
  domain = '',
): Uint8Array {
  return bytes(
    ...inputs.map((name) => field(1, name)),
    ...outputs.map((name) => field(2, name)),
    field(4, opType),
    ...Object.entries(attributes).map(([name, value]) => field(5, bytes(field(1, name), attribute(value)))),
    field(7, domain),
  );
}

function attribute(value: number | readonly number[] | Uint8Array): Uint8Array {
  if (typeof value === 'number') return field(3, value);
  if (value instanceof Uint8Array) return field(6, value);
  return bytes(...value.map((one) => field(8, one)));
}

/** A float tensor of these lengths; a name in place of a length. */
export function valueInfo(name: string, shape: readonly (number | string)[]): Uint8Array {
  const dims = shape.map((length) => field(1, typeof length === 'number' ? field(1, length) : field(2, length)));
  return bytes(field(1, name), field(2, field(1, bytes(field(1, 1), field(2, bytes(...dims))))));
}

/** A float tensor with its bytes here, or elsewhere. */
export function initializer(
  name: string,
  shape: readonly number[],
  raw: Uint8Array | null,
  external: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = Object.entries(external).map(([key, value]) => field(13, bytes(field(1, key), field(2, value))));
  return bytes(
    ...shape.map((length) => field(1, length)),
    field(2, 1),
    field(8, name),
    ...(raw ? [field(9, raw)] : [...entries, field(14, 1)]),
  );
}
