/* As much of ONNX's protobuf (onnx/onnx.proto) as the peers' models need. */

type Bytes = readonly number[] | Uint8Array;

function varint(value: number): number[] {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...out, rest];
    out.push((rest % 128) + 128);
  }
}

const number = (field: number, value: number): Bytes => [...varint(field * 8), ...varint(value)];
const message = (field: number, ...parts: Bytes[]): Bytes => {
  const content = Buffer.concat(parts.map((part) => Uint8Array.from(part)));
  return Buffer.concat([Uint8Array.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);
};
const text = (field: number, value: string): Bytes => message(field, Buffer.from(value));

export const constant = (name: string, dims: readonly number[], data: Float32Array): Bytes =>
  message(
    5,
    ...dims.map((length) => number(1, length)),
    number(2, 1),
    text(8, name),
    message(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );

const value = (field: number, name: string, dims: readonly number[]): Bytes =>
  message(
    field,
    text(1, name),
    message(2, message(1, number(1, 1), message(2, ...dims.map((length) => message(1, number(1, length)))))),
  );
export const input = (name: string, dims: readonly number[]): Bytes => value(11, name, dims);
export const output = (name: string, dims: readonly number[]): Bytes => value(12, name, dims);

export const whole = (name: string, i: number): Bytes => message(5, text(1, name), number(3, i), number(20, 2));
export const graphAttribute = (name: string, parts: readonly Bytes[]): Bytes =>
  message(5, text(1, name), message(6, ...parts, text(2, name)), number(20, 5));

export const node = (op: string, inputs: string[], outputs: string[], ...attributes: Bytes[]): Bytes =>
  message(
    1,
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...attributes,
  );

export function onnxModel(parts: readonly Bytes[]): Uint8Array {
  return Buffer.concat(
    [number(1, 8), message(8, text(1, ''), number(2, 17)), message(7, ...parts, text(2, 'graph'))].map((part) =>
      Uint8Array.from(part),
    ),
  );
}
