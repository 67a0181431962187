import type { Tensor } from '../math/tensor.ts';
import { shortestFloat32 } from './number-text/exact.ts';
import { float32Text, LONGEST, partLength, type RowText } from './number-text/float32.ts';

/** Lines of CSV, one for each number: what they begin with, the number's place in the row, and the number; separated by commas. */
interface Lines {
  readonly start: string;
  readonly numbers: Tensor['data'];
}

/** Text, numbers as JSON lists them (without the brackets), or lines of CSV. */
export type Piece = string | Tensor['data'] | Lines;

/** Large files never become one, and small writes stay few. */
const CHUNK_BYTES = 65_536;

const IN_LIST: RowText = { before: new Uint8Array(), isNumbered: false, after: 44, nameOf: jsonNumber };

/**
 * Pieces of text joined to chunks. A number is written in the shortest digits that give it back, −0 included: the same float64, or the same float32
 * where it is one. Not-a-number and infinities by name, which JSON has in quotes.
 */
export function* chunked(pieces: Iterable<Piece>): Generator<Buffer> {
  const full: Buffer[] = [];
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let length = 0;
  const makeRoom = (bytes: number) => {
    if (length + bytes <= chunk.length) return;
    if (length > 0) full.push(chunk.subarray(0, length));
    chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, bytes));
    length = 0;
  };
  const addText = (text: string) => {
    makeRoom(3 * text.length);
    length += chunk.write(text, length);
  };
  const addFloat32 = (row: Float32Array, text: RowText) => {
    const most = partLength(text);
    for (let from = 0; from < row.length; from += most) {
      const bytes = float32Text(row, from, Math.min(from + most, row.length), text);
      makeRoom(bytes.length);
      chunk.set(bytes, length);
      length += bytes.length;
    }
  };
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      addText(piece);
    } else if ('start' in piece) {
      const before = Buffer.from(piece.start);
      if (!(piece.numbers instanceof Float32Array) || before.length > LONGEST) addText(linesText(piece));
      else addFloat32(piece.numbers, { before, isNumbered: true, after: 10, nameOf: String });
    } else if (piece instanceof Float32Array) {
      addFloat32(piece, IN_LIST);
      // No comma after the last.
      if (piece.length > 0) length--;
    } else {
      addText(Array.from(piece, jsonNumber).join());
    }
    if (full.length > 0) yield* full.splice(0);
  }
  if (length > 0) yield chunk.subarray(0, length);
}

/** All lines as one text, which takes half the time. */
function linesText({ start, numbers }: Lines): string {
  const shortest = numbers instanceof Float32Array ? shortestFloat32 : (value: number) => value;
  let text = '';
  for (let at = 0; at < numbers.length; at++) text += `${start}${at},${numberText(shortest(numbers[at]))}\n`;
  return text;
}

function jsonNumber(value: number): string {
  return Number.isFinite(value) ? numberText(value) : `"${value}"`;
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
