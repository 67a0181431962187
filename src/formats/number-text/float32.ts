import { shortestFloat32 } from './exact.ts';
import { wasm } from './wasm.ts';

/** What of WebAssembly is used here; its types are a browser's. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
};

/** How the numbers of a row are written. */
export interface RowText {
  /** What stands before each of them; at most LONGEST bytes. */
  readonly before: Uint8Array;
  /** Whether its place in the row and a comma stand between that and the number. */
  readonly isNumbered: boolean;
  /** The character after each of them. */
  readonly after: number;
  /** The text of what no decimal can write: not-a-number, infinities. */
  readonly nameOf: (value: number) => string;
}

/** So many bytes may stand before a number. */
export const LONGEST = 1024;
/** So many bytes a part of a row takes at most. */
const PART_BYTES = 65_536;

/** -123456780000000000000 is the longest; its place of at most 10 digits and a comma before it, and what follows. */
const NUMBER_BYTES = 48;

/** Where in the memory things are, in bytes; the tables as assembly/index.ts has them. */
const [SCALES, HALVES, POWERS, PAIRS, BEFORE, VALUES, TEXT] = [0, 2048, 4096, 4352, 4608, 8192, 16_384];
const PAGES = 2;

interface Writer {
  /** Where the text ends. */
  readonly write: (at: number, values: number, ...text: [number, number, number, number, number]) => number;
  readonly bytes: Buffer;
  readonly values: Float32Array;
  nameOf: RowText['nameOf'];
}

let writer: Writer | undefined;

/** How many numbers of a row can be written at once. */
export function partLength({ before }: RowText): number {
  return Math.floor(PART_BYTES / (before.length + NUMBER_BYTES));
}

/**
 * Numbers `from` to `to` of a row as text, not more than `partLength`: the shortest decimals that read back to the same float32, as numpy prints them.
 * The bytes are overwritten by the next.
 */
export function float32Text(row: Float32Array, from: number, to: number, text: RowText): Uint8Array {
  writer ??= makeWriter();
  const { bytes, values, write } = writer;
  const { before, after, isNumbered, nameOf } = text;
  writer.nameOf = nameOf;
  bytes.set(before, BEFORE);
  values.set(from === 0 && to === row.length ? row : row.subarray(from, to));
  const end = write(TEXT, VALUES, to - from, BEFORE, before.length, isNumbered ? from : -1, after);
  return bytes.subarray(TEXT, end);
}

function makeWriter(): Writer {
  const memory = new WebAssembly.Memory({ initial: PAGES });
  const bytes = Buffer.from(memory.buffer);
  fillTables(memory.buffer);
  const values = new Float32Array(memory.buffer, VALUES, Math.floor(PART_BYTES / NUMBER_BYTES));
  const bits = new DataView(new ArrayBuffer(4));
  const exact = {
    write(at: number, value: number): number {
      bits.setInt32(0, value);
      const number = bits.getFloat32(0);
      const text = Number.isFinite(number) ? String(shortestFloat32(number)) : made.nameOf(number);
      return at + bytes.write(text, at, 'latin1');
    },
  };
  const module = new WebAssembly.Module(Buffer.from(wasm, 'base64'));
  const { exports } = new WebAssembly.Instance(module, { env: { memory }, exact });
  const made: Writer = { ...(exports as Pick<Writer, 'write'>), bytes, values, nameOf: String };
  return made;
}

function fillTables(buffer: ArrayBuffer): void {
  const scales = new Float64Array(buffer, SCALES, 256);
  const halves = new Float64Array(buffer, HALVES, 256);
  const powers = new Int8Array(buffer, POWERS, 256);
  for (let exponent = 0; exponent < 255; exponent++) {
    // To the next float32; numbers below the smallest normal one are as far from each other as those above it.
    const distance = 2 ** (Math.max(exponent, 1) - 150);
    const power = Math.ceil(-Math.log10(distance));
    powers[exponent] = power;
    scales[exponent] = power === powers[exponent - 1] ? scales[exponent - 1] : Number(`1e${power}`);
    halves[exponent] = (distance / 2) * scales[exponent];
  }
  const pairs = new Uint8Array(buffer, PAIRS, 200);
  for (let at = 0; at < 200; at++) pairs[at] = 48 + (at % 2 === 0 ? Math.floor(at / 20) : (at >> 1) % 10);
}
