import { LabError } from '../../math/lab-error.ts';

/** Reads a pickle's arguments one after the other; every length is checked against the bytes that are there. */
export interface PickleBytes {
  /** The byte that is read next. */
  at: number;
  byte(): number;
  /** A little-endian whole number without sign, of 1, 2, 4 or 8 bytes. */
  whole(size: 1 | 2 | 4 | 8): number;
  int32(): number;
  /** A float64, big-endian as pickles have it. */
  float(): number;
  bytes(length: number): Uint8Array;
  text(length: number): string;
  /** Up to the end of the line, without it. */
  line(): string;
  /** A little-endian whole number with sign of any length. */
  long(length: number): number | bigint;
  fail(problem: string, received?: string, hint?: string): LabError;
}

/** Whole numbers that take more bytes than this are no numbers that a checkpoint has. */
const MAX_LONG = 1_024;

const decoder = new TextDecoder();

export function pickleBytes(source: Uint8Array, start: number, place: string): PickleBytes {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const reader: PickleBytes = {
    at: start,
    byte: () => take(1, (at) => view.getUint8(at)),
    whole: (size) =>
      take(size, (at) => {
        if (size === 1) return view.getUint8(at);
        if (size === 2) return view.getUint16(at, true);
        if (size === 4) return view.getUint32(at, true);
        return Number(view.getBigUint64(at, true));
      }),
    int32: () => take(4, (at) => view.getInt32(at, true)),
    float: () => take(8, (at) => view.getFloat64(at)),
    bytes: (length) => take(length, (at) => source.subarray(at, at + length)),
    text: (length) => decoder.decode(reader.bytes(length)),
    line() {
      const end = source.indexOf(10, reader.at);
      if (end < 0) throw reader.fail('the pickle is cut off');
      const text = reader.text(end - reader.at);
      reader.at++;
      return text;
    },
    long(length) {
      if (length > MAX_LONG) throw reader.fail('a whole number is absurdly long', `${length} bytes`);
      return narrow(longOf(reader.bytes(length)));
    },
    fail: (problem, received, hint) =>
      new LabError({ path: `${place}, byte ${reader.at}`, problem: `${problem}.`, received, hint }),
  };
  function take<T>(length: number, read: (at: number) => T): T {
    if (length > source.length - reader.at) throw reader.fail('the pickle is cut off');
    const value = read(reader.at);
    reader.at += length;
    return value;
  }
  return reader;
}

function longOf(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  const value = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
  return bytes[bytes.length - 1] & 0x80 ? value - (1n << BigInt(8 * bytes.length)) : value;
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A whole number as protocol 0 writes it, `12` or `12L`. */
export function decimal(text: string): number | bigint | undefined {
  const digits = text.trim().replace(/L$/, '');
  return digits.length <= 2 * MAX_LONG && /^[+-]?\d+$/.test(digits)
    ? narrow(BigInt(digits.replace(/^\+/, '')))
    : undefined;
}

/** A string as Python 2's repr writes it: quoted, with escapes. */
export function unquoted(text: string): string {
  const quoted = /^\s*(['"])(.*)\1\s*$/s.exec(text);
  return (quoted?.[2] ?? text).replace(/\\(x[0-9a-fA-F]{2}|.)/gs, (_, mark: string) => {
    if (mark.length === 3) return String.fromCharCode(Number.parseInt(mark.slice(1), 16));
    return { n: '\n', r: '\r', t: '\t' }[mark] ?? mark;
  });
}

/** A string in Python's raw-unicode-escape. */
export function unescaped(text: string): string {
  return text.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (whole, short?: string, long?: string) => {
    const code = Number.parseInt(short ?? (long as string), 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
