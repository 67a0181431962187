import { LabError } from '../../math/lab-error.ts';
import { type Header, keep, MAX_WORD_BYTES, type Rows } from './rows.ts';

const NEWLINE = 10;
const SPACE = 32;

/** The binary format: word, space, float32 little-endian; word2vec.c ends each row with a line feed, others do not. `start`: where the rows begin. */
export function binaryRows(
  { count, dimension }: Header,
  start: number,
  wanted: ReadonlySet<string>,
  vectors: Map<string, Float64Array>,
): Rows {
  let skip = start;
  let words = 0;
  const place = () => `word ${words + 1} of ${count}`;

  function readRow(bytes: Buffer, from: number): number | null {
    const end = bytes.indexOf(SPACE, from);
    const length = (end < 0 ? bytes.length : end) - from;
    if (length > MAX_WORD_BYTES) {
      throw new LabError({
        path: place(),
        problem: `a word has at most ${MAX_WORD_BYTES} bytes, and here is no space after so many.`,
        hint: 'the first line may give a wrong number of dimensions.',
      });
    }
    if (end < 0 || end + 1 + 4 * dimension > bytes.length) return null;
    const word = bytes.toString('utf8', from, end);
    if (wanted.has(word) && !vectors.has(word)) {
      const vector = Float64Array.from({ length: dimension }, (_, at) => bytes.readFloatLE(end + 1 + 4 * at));
      keep(vectors, word, vector, place());
    }
    words++;
    return end + 1 + 4 * dimension;
  }

  return {
    dimension: () => dimension,
    place,
    read(bytes, ended) {
      let at = Math.min(skip, bytes.length);
      skip -= at;
      for (;;) {
        while (bytes[at] === NEWLINE) at++;
        if (words === count) break;
        const next = readRow(bytes, at);
        if (next === null) break;
        at = next;
      }
      if (words === count && at < bytes.length)
        throw new LabError({
          path: `after word ${count}`,
          problem: `the first line says ${count} words of ${dimension} numbers, and the file goes on.`,
        });
      if (ended && words < count)
        throw new LabError({
          path: place(),
          problem: `the file ends after ${words} of ${count} words.`,
          hint: 'it was cut off, or its first line is wrong.',
        });
      return at;
    },
  };
}
