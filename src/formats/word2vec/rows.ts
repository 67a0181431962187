import { LabError } from '../../math/lab-error.ts';

/** The first line of a word2vec file, `3000000 300`: how many words, how many numbers each. */
export interface Header {
  readonly count: number;
  readonly dimension: number;
}

/** Reads rows out of bytes as they come. */
export interface Rows {
  /** Reads the whole rows at the start of these bytes and says how many bytes they took. `ended`: no more will come. */
  read(bytes: Buffer, ended: boolean): number;
  dimension(): number;
  /** Where it is, for messages: "line 12". */
  place(): string;
}

const MAX_DIMENSION = 10_000;
const MAX_COUNT = 1_000_000_000;
export const MAX_WORD_BYTES = 1_000;

/** Numbers that are kept, all vectors together: half a GiB. */
const MAX_KEPT = 2 ** 26;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

export function isNumber(text: string): boolean {
  return NUMBER.test(text);
}

/** Null where the line is no header but a row. */
export function parseHeader(line: Buffer): Header | null {
  const match = /^\uFEFF?(\d{1,15})[ \t]+(\d{1,15})[ \t\r]*$/.exec(line.subarray(0, 64).toString('utf8'));
  if (match === null || line.length > 64) return null;
  const [count, dimension] = [Number(match[1]), Number(match[2])];
  checkDimension(dimension, 'line 1');
  if (count > MAX_COUNT)
    throw new LabError({ path: 'line 1', problem: `a file has at most ${MAX_COUNT} words.`, received: `${count}` });
  return { count, dimension };
}

export function checkDimension(dimension: number, path: string): void {
  if (dimension >= 1 && dimension <= MAX_DIMENSION) return;
  throw new LabError({
    path,
    problem: `a word has 1 to ${MAX_DIMENSION} numbers.`,
    received: `${dimension}`,
    hint: 'a line is a word and its numbers, separated by spaces.',
  });
}

/** Whether a line is meant as a row of the text format, though it may be wrong: no control characters, most of what follows the word is numbers. */
export function readsAsText(line: Buffer): boolean {
  const text = line.toString('utf8');
  const [word, ...fields] = text.trim().split(/[ \t]+/);
  if (/[\u0000-\u0008\u000b-\u001f]/.test(text.replace(/\r$/, '')) || text.slice(word.length).includes('\ufffd'))
    return false;
  return fields.length > 0 && 2 * fields.filter(isNumber).length >= fields.length;
}

/** Whether what follows a header is text and not binary. The bytes of a binary row can look like a number or two by chance. */
export function isTextFormat(rest: Buffer, { count, dimension }: Header): boolean {
  const newline = rest.indexOf('\n');
  const line = newline < 0 ? rest : rest.subarray(0, newline);
  const [, ...fields] = line
    .toString('utf8')
    .trim()
    .split(/[ \t]+/);
  if (count === 0 || (fields.length === dimension && fields.every(isNumber))) return true;
  const space = rest.indexOf(' ');
  const end = space + 1 + 4 * dimension;
  const isBinaryRow = space >= 0 && (end === rest.length || rest[end] === 10);
  return !isBinaryRow && readsAsText(line);
}

/** Keeps a word's vector, if it is wanted and the first. */
export function keep(vectors: Map<string, Float64Array>, word: string, vector: Float64Array, path: string): void {
  if (vector.some((value) => !Number.isFinite(value)))
    throw new LabError({ path, problem: `the vector of ${JSON.stringify(word)} has a number that is not finite.` });
  if ((vectors.size + 1) * vector.length > MAX_KEPT)
    throw new LabError({ path, problem: `the vectors asked for have more than ${MAX_KEPT} numbers.` });
  vectors.set(word, vector);
}
