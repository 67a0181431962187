import type { Tokenizing } from '../tokens.ts';
import type { Words } from './words.ts';

/** Word → index, and how text is cut into such words. Spreads into the `TextOptions` of textToInput. */
export interface Vocabulary extends Required<Tokenizing> {
  /** Without a prototype: a word may be `constructor`. */
  readonly words: Words;
  /** The index of words that are not in the vocabulary; null: they are left out. */
  readonly unknown: number | null;
  /** At which end what made the vocabulary pads and cuts by default: TextVectorization at the end, pad_sequences at the beginning. */
  readonly padding: 'pre' | 'post';
  /** In words, for a note: what was read, and where its indices begin. */
  readonly about: string;
}
