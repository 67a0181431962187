import { LabError, quote } from '../../math/lab-error.ts';
import { checkDimension, type Header, isNumber, keep, MAX_WORD_BYTES, type Rows } from './rows.ts';

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const TAB = 9;

const isSpace = (byte: number) => byte === SPACE || byte === TAB;

/** The text format: one word a line, then its numbers. Rows of other words are only counted through, byte by byte, which is what makes it fast. */
export function textRows(header: Header | null, wanted: ReadonlySet<string>, vectors: Map<string, Float64Array>): Rows {
  let dimension = header?.dimension ?? 0;
  let line = 0;
  let words = 0;

  function readLine(bytes: Buffer): void {
    line++;
    if (line === 1 && header) return;
    let to = bytes.length;
    while (to > 0 && (isSpace(bytes[to - 1]) || bytes[to - 1] === RETURN)) to--;
    if (to === 0) return;
    const from = line === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    readRow(bytes.subarray(from, to));
  }

  function readRow(bytes: Buffer): void {
    let end = 0;
    while (end < bytes.length && !isSpace(bytes[end])) end++;
    if (end > MAX_WORD_BYTES)
      throw new LabError({
        path: `line ${line}`,
        problem: `a word has at most ${MAX_WORD_BYTES} bytes.`,
        received: `${end}`,
      });
    const fields = countFields(bytes, end);
    if (dimension === 0) {
      checkDimension(fields, `line ${line}`);
      dimension = fields;
    }
    words++;
    const word = bytes.toString('utf8', 0, end);
    if (fields !== dimension) {
      if (isSpacedWord(bytes.toString('utf8').split(/[ \t]+/), dimension)) return;
      throw new LabError({
        path: `line ${line}`,
        problem: `every word has ${dimension} numbers${header ? ', as the first line says' : ', as the first has'}.`,
        received: `${fields} after ${quote(word)}`,
        hint: fields > dimension ? 'words must not contain spaces.' : undefined,
      });
    }
    if (wanted.has(word) && !vectors.has(word)) keep(vectors, word, numbers(bytes, end, word), `line ${line}`);
  }

  function numbers(bytes: Buffer, from: number, word: string): Float64Array {
    const fields = bytes
      .toString('latin1', from)
      .trim()
      .split(/[ \t]+/);
    const bad = fields.findIndex((field) => !isNumber(field));
    if (bad >= 0)
      throw new LabError({
        path: `line ${line}`,
        problem: `number ${bad + 1} of ${quote(word)} is not a number.`,
        received: quote(fields[bad]),
      });
    return Float64Array.from(fields, Number);
  }

  return {
    dimension: () => dimension,
    place: () => `line ${line + 1}`,
    read(bytes, ended) {
      let at = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
        readLine(bytes.subarray(at, end));
        at = end + 1;
      }
      if (!ended) return at;
      if (at < bytes.length) readLine(bytes.subarray(at));
      if (header && words < header.count)
        throw new LabError({
          path: `line ${line}`,
          problem: `the file ends after ${words} of ${header.count} words.`,
          hint: 'it was cut off, or its first line is wrong.',
        });
      return bytes.length;
    },
  };
}

function countFields(bytes: Buffer, from: number): number {
  let fields = 0;
  for (let at = from; at < bytes.length; at++) if (isSpace(bytes[at]) && !isSpace(bytes[at + 1])) fields++;
  return fields;
}

/** Some published files have words like ". . ."; nobody can ask for them, and they are no reason to refuse the file. */
function isSpacedWord(fields: readonly string[], dimension: number): boolean {
  const extra = fields.slice(1, fields.length - dimension);
  return extra.length > 0 && !extra.some(isNumber) && fields.slice(-dimension).every(isNumber);
}
