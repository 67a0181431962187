import { KERAS_FILTERS } from '../tokens.ts';
import type { Words } from './words.ts';

/** What libraries call the token of all unknown words. */
const UNKNOWN = ['[UNK]', '<UNK>', '<unk>', '<OOV>', '<oov>', '[OOV]', 'UNK', 'OOV', '<UNKNOWN>', '<unknown>'];

/** What they call the token that fills up a short sequence; Keras's lookup layers have an empty one. */
const PADDING = ['', '[PAD]', '<PAD>', '<pad>', 'PAD', '[MASK]'];

/** So much of a vocabulary is single characters where every character is a word; the rest are tokens with a name. */
const SINGLE = 0.8;

/** The index of the token for unknown words; null where the vocabulary has none. */
export function unknownIndex(words: Words): number | null {
  const found = UNKNOWN.find((word) => Object.hasOwn(words, word));
  return found === undefined ? null : words[found];
}

export function isSpecial(word: string): boolean {
  return UNKNOWN.includes(word) || PADDING.includes(word);
}

export function isCharacterMap(words: readonly string[]): boolean {
  const ordinary = words.filter((word) => !isSpecial(word));
  const single = ordinary.filter((word) => Array.from(word).length === 1);
  return ordinary.length > 0 && single.length >= SINGLE * ordinary.length;
}

/** Keras's filters without the characters that are in words: what is in a word was not taken out before. */
export function wordFilters(words: readonly string[]): string {
  const used = new Set(words.filter((word) => !isSpecial(word) && !/^[[<].*[\]>]$/.test(word)).join(''));
  return Array.from(KERAS_FILTERS)
    .filter((mark) => !used.has(mark))
    .join('');
}
