import { LabError, quote } from '../../math/lab-error.ts';

/** Word → index. Made without a prototype. */
export type Words = Readonly<Record<string, number>>;

/** As many words as a vocabulary may have, and as large as an index may be. */
const MAX_WORDS = 5_000_000;

/** Words that stand in a list, the first with index `first`. Where one comes twice, the first of them counts. */
export function indexed(list: readonly unknown[], first: number, path: string): Words {
  if (!Number.isSafeInteger(first) || first < 0 || first > MAX_WORDS)
    throw new LabError({ kind: 'usage', problem: 'the index of the first word is 0 or more.', received: quote(first) });
  refuseTooMany(list.length);
  const words: Record<string, number> = Object.create(null);
  for (const [at, word] of list.entries()) {
    if (typeof word !== 'string')
      throw new LabError({ path: `${path}[${at}]`, problem: 'a word is wanted here.', received: quote(word) });
    if (!Object.hasOwn(words, word)) words[word] = first + at;
  }
  return words;
}

/** A map of words to indices, or of indices to words, from JSON. */
export function wordsOf(map: Readonly<Record<string, unknown>>): Words {
  const entries = Object.entries(map);
  refuseTooMany(entries.length);
  const isTurned =
    entries.length > 0 && entries.every(([key, value]) => /^\d{1,8}$/.test(key) && typeof value === 'string');
  const words: Record<string, number> = Object.create(null);
  for (const [key, value] of entries) {
    const [word, index] = isTurned ? [value as string, Number(key)] : [key, value];
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index > MAX_WORDS)
      throw new LabError({
        path: quote(key),
        problem: 'the index of a word is a whole number, 0 or more.',
        received: quote(value),
      });
    words[word] = index;
  }
  return words;
}

/** JSON that stands in a string of a file's JSON. */
export function innerJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new LabError({ problem: 'the JSON inside this text is not JSON.', received: quote(text) });
  }
}

function refuseTooMany(count: number): void {
  if (count > MAX_WORDS)
    throw new LabError({ problem: `a vocabulary has at most ${MAX_WORDS} words.`, received: `${count}` });
}
