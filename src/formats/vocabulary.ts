import { LabError, quote } from '../math/lab-error.ts';
import { parseJson, readBounded } from './read-file.ts';
import { refuseSaved } from './recognise/saved.ts';
import { isCharacterMap, unknownIndex, wordFilters } from './vocabulary/guess.ts';
import { tokenizerVocabulary } from './vocabulary/tokenizer.ts';
import type { Vocabulary } from './vocabulary/vocabulary.ts';
import { wordList } from './vocabulary/word-list.ts';
import { indexed, innerJson, type Words, wordsOf } from './vocabulary/words.ts';

/** Four million words and more. */
const MAX_BYTES = 64 * 2 ** 20;

export { vocabularyFromLayer } from './vocabulary/lookup-layer.ts';
export type { Vocabulary } from './vocabulary/vocabulary.ts';

export interface VocabularyOptions {
  /** The index of the first word of a list. Without: 0 in JSON and where the list begins with a token for padding or unknown words, else 1. */
  readonly offset?: number;
}

/**
 * A vocabulary from a file: what `tokenizer.to_json()` gives, a JSON map of words or characters to indices (or of indices to words), a JSON list, or
 * a list with one word a line (counts after the words are left out). Throws a LabError.
 */
export function readVocabulary(file: string, { offset }: VocabularyOptions = {}): Vocabulary {
  const bytes = readBounded(file, MAX_BYTES);
  try {
    if (bytes[0] === 0x80 && bytes[1] <= 5) {
      throw new LabError({
        problem: 'this is a Python pickle: opening it would run what it says, so the lab does not.',
        hint: 'save the tokenizer as JSON: open("tokenizer.json", "w").write(tokenizer.to_json()).',
      });
    }
    const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
    if (text.includes('\0')) throw new LabError({ problem: 'this is no vocabulary: it is not text.' });
    refuseSaved(text.slice(0, 2_000).trimStart(), file);
    if (/^\s*[[{"]/.test(text) && isJson(text)) return fromJson(JSON.parse(text), offset);
    // JSON that is damaged gets its place; a word list may begin with a quote.
    if (/^\s*\{/.test(text) || file.endsWith('.json')) return fromJson(parseJson(text, file), offset);
    return fromLines(text, offset);
  } catch (error) {
    throw error instanceof LabError ? error.within({ file }) : error;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function fromJson(value: unknown, offset: number | undefined, depth = 0): Vocabulary {
  // json.dumps(tokenizer.to_json()) makes JSON of JSON.
  if (typeof value === 'string' && depth < 2) return fromJson(innerJson(value), offset, depth + 1);
  if (Array.isArray(value)) return made(indexed(value, offset ?? 0, ''), 'a list of words', offset ?? 0);
  if (typeof value === 'object' && value !== null) {
    const object = value as Readonly<Record<string, unknown>>;
    if (isTokenizer(object)) return tokenizerVocabulary(object.config as Readonly<Record<string, unknown>>);
    for (const key of ['word_index', 'vocab', 'vocabulary', 'char_index', 'word2idx', 'stoi']) {
      const inner = Object.hasOwn(object, key) ? object[key] : undefined;
      if (typeof inner === 'object' && inner !== null) return within(key, () => fromJson(inner, offset, depth + 1));
    }
    return made(wordsOf(object), 'a map of words to indices', null);
  }
  throw new LabError({
    problem: 'a vocabulary is a map of words to indices, a list of words, or what tokenizer.to_json() gives.',
    received: quote(value),
  });
}

function isTokenizer(object: Readonly<Record<string, unknown>>): boolean {
  const { config } = object;
  return typeof config === 'object' && config !== null && Object.hasOwn(config, 'word_index');
}

function fromLines(text: string, offset: number | undefined): Vocabulary {
  const { words, first } = wordList(text, offset);
  return made(words, 'a list of words', first);
}

/** A vocabulary that does not say how text becomes its words: as the Tokenizer does by default, as far as its words could come of that. */
function made(words: Words, what: string, first: number | null): Vocabulary {
  const names = Object.keys(words);
  if (names.length === 0) throw new LabError({ problem: 'there are no words here.' });
  const charLevel = isCharacterMap(names);
  return {
    words,
    lower: !names.some(
      (word) => !/^[[<]/.test(word) && word !== word.toLowerCase() && words[word] !== unknownIndex(words),
    ),
    filters: charLevel ? '' : wordFilters(names),
    filtered: 'split',
    split: ' ',
    charLevel,
    unknown: unknownIndex(words),
    padding: 'pre',
    about: `${charLevel ? what.replace('words', 'characters') : what}, ${names.length} in all${first === null ? '' : `; the first has index ${first}`}`,
  };
}

function within<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof LabError ? error.within({ path }) : error;
  }
}
