import { LabError } from '../../math/lab-error.ts';

/*
 * Protocol buffers as they are written (protobuf.dev/programming-guides/encoding): a message is a row of fields, each with a number and one of four
 * wire types. Nothing is copied: bytes of a field are a view of the file. What a length claims is checked before it is believed.
 */

/** One field: a varint as a number (wire 0, signed, exact up to 2^53), or its bytes (eight, four, or as many as it says). */
export interface Field {
  readonly number: number;
  readonly wire: number;
  readonly value: number;
  readonly bytes: Uint8Array;
}

const NOTHING = new Uint8Array();
const MAX_VARINT_BYTES = 10;

/** The fields of a message, one after the other. `path` says which message, for errors. Throws a LabError where the bytes are none. */
export function* fieldsOf(message: Uint8Array, path: string): Generator<Field> {
  let at = 0;
  const broken = (problem: string) =>
    new LabError({ path, problem, hint: 'the file is damaged or was not copied completely.' });

  // A varint's 64 bits as two halves, so that negative numbers come out right.
  const varint = (): number => {
    let low = 0;
    let high = 0;
    for (let n = 0; n < MAX_VARINT_BYTES; n++) {
      if (at >= message.length) throw broken('the message ends within a number.');
      const byte = message[at++];
      const bits = byte & 0x7f;
      if (n < 4) low += bits * 2 ** (7 * n);
      else if (n === 4) {
        low += (bits & 0x0f) * 2 ** 28;
        high += bits >> 4;
      } else high += bits * 2 ** (7 * n - 32);
      if (byte < 0x80) return (high % 2 ** 32 >= 2 ** 31 ? (high % 2 ** 32) - 2 ** 32 : high % 2 ** 32) * 2 ** 32 + low;
    }
    throw broken(`a number takes more than ${MAX_VARINT_BYTES} bytes.`);
  };
  const take = (length: number): Uint8Array => {
    if (!(length >= 0 && length <= message.length - at)) {
      throw broken(`a field says that it has ${length} bytes, and ${message.length - at} are left.`);
    }
    at += length;
    return message.subarray(at - length, at);
  };

  while (at < message.length) {
    const tag = varint();
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    if (!(number >= 1 && number < 2 ** 29)) throw broken('a field has an impossible number.');
    if (wire === 0) yield { number, wire, value: varint(), bytes: NOTHING };
    else if (wire === 1) yield { number, wire, value: 0, bytes: take(8) };
    else if (wire === 2) yield { number, wire, value: 0, bytes: take(varint()) };
    else if (wire === 5) yield { number, wire, value: 0, bytes: take(4) };
    else throw broken(`a field has the wire type ${wire}, which ONNX does not use.`);
  }
}

const decoder = new TextDecoder();

export function textOf({ bytes }: Field): string {
  return decoder.decode(bytes);
}

export function floatOf({ bytes, wire }: Field): number {
  return wire === 5 ? viewOf(bytes).getFloat32(0, true) : 0;
}

/** A repeated varint is written one by one or packed into one field. */
export function pushVarints(list: number[], field: Field, path: string): void {
  if (field.wire === 0) list.push(field.value);
  else for (const value of packedVarints(field.bytes, path)) list.push(value);
}

function* packedVarints(bytes: Uint8Array, path: string): Generator<number> {
  let start = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] >= 0x80 && at - start < MAX_VARINT_BYTES) continue;
    const one = new Uint8Array(at - start + 2);
    one[0] = 8; // field 1, a varint
    one.set(bytes.subarray(start, at + 1), 1);
    for (const { value } of fieldsOf(one, path)) yield value;
    start = at + 1;
  }
  if (start < bytes.length)
    throw new LabError({ path, problem: 'the message ends within a number.', hint: 'the file is damaged.' });
}

/** Repeated float32 or float64, one by one or packed. */
export function pushFixed(list: number[], { bytes }: Field, size: 4 | 8, path: string): void {
  if (bytes.length % size !== 0)
    throw new LabError({ path, problem: `${bytes.length} bytes do not hold numbers of ${size} bytes each.` });
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length; at += size)
    list.push(size === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
