import { LabError } from '../math/lab-error.ts';
import { binaryRows } from './word2vec/binary.ts';
import { type Header, isTextFormat, parseHeader, type Rows, readsAsText } from './word2vec/rows.ts';
import { bytesOf } from './word2vec/stream.ts';
import { textRows } from './word2vec/text.ts';

export interface WordVectors {
  readonly dimension: number;
  /** Of the words that were asked for and found. */
  readonly vectors: ReadonlyMap<string, Float64Array>;
  /** Words that were asked for and have no vector, in the order of asking. */
  readonly missing: readonly string[];
}

/** No row of any real file is longer; bytes that are not used up by then are not word vectors. */
const MAX_HELD = 2 ** 20;

/**
 * Reads the vectors of these words from a word2vec file: text with or without header line, or binary, gzipped or not, told apart by their content.
 * The file is streamed, only rows of the words asked for are kept, and of a word that occurs twice the first row counts. Throws a LabError with the line.
 * Format: github.com/tmikolov/word2vec, word2vec.c.
 */
export async function readWordVectors(
  file: string,
  words: ReadonlySet<string> | readonly string[],
): Promise<WordVectors> {
  const wanted = new Set(words);
  const vectors = new Map<string, Float64Array>();
  let rows: Rows | undefined;
  let held: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of bytesOf(file)) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      rows ??= recognise(held, false, wanted, vectors);
      if (rows) held = held.subarray(rows.read(held, false));
      if (held.length > 2 * MAX_HELD) throw notWordVectors(rows?.place());
    }
    rows ??= recognise(held, true, wanted, vectors);
    if (rows === undefined) throw notWordVectors();
    rows.read(held, true);
  } catch (error) {
    throw error instanceof LabError ? error.within({ file }) : error;
  }
  return {
    dimension: rows.dimension(),
    vectors,
    missing: [...wanted].filter((word) => !vectors.has(word)),
  };
}

/** Which format it is; undefined while too little has been read to tell. */
function recognise(
  held: Buffer,
  ended: boolean,
  wanted: ReadonlySet<string>,
  vectors: Map<string, Float64Array>,
): Rows | undefined {
  const newline = held.indexOf('\n');
  if (newline < 0 && !ended && held.length < MAX_HELD) return undefined;
  const firstLine = newline < 0 ? held : held.subarray(0, newline);
  const header: Header | null = parseHeader(firstLine);
  if (header === null) {
    if (!readsAsText(firstLine)) throw notWordVectors('line 1');
    return textRows(null, wanted, vectors);
  }
  const rest = held.subarray(firstLine.length + 1);
  if (rest.indexOf('\n') < 0 && !ended && held.length < MAX_HELD) return undefined;
  return isTextFormat(rest, header)
    ? textRows(header, wanted, vectors)
    : binaryRows(header, firstLine.length + 1, wanted, vectors);
}

function notWordVectors(path?: string): LabError {
  return new LabError({
    path,
    problem: 'this is not a file of word vectors.',
    hint: 'a line is a word and its numbers, separated by spaces; word2vec’s binary format works too, gzipped or not.',
  });
}
