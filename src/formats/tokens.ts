/** How text is cut into words: the arguments of Keras's Tokenizer. */
export interface Tokenizing {
  readonly lower?: boolean;
  /** Characters that are taken out before the text is cut up. */
  readonly filters?: string;
  /** What stands in place of such a character: the Tokenizer puts `split` there, TextVectorization nothing. */
  readonly filtered?: 'split' | 'nothing';
  /** What is between words; null: any white space. */
  readonly split?: string | null;
  /** Every character that is left is a word, and `split` does nothing. */
  readonly charLevel?: boolean;
}

/** How text becomes indices: the arguments of Keras's Tokenizer and pad_sequences. */
export interface TextOptions extends Tokenizing {
  readonly words: Readonly<Record<string, number>>;
  /** Timesteps of the model's input; null: as many as the text has. */
  readonly length: number | null;
  readonly padding: 'pre' | 'post';
  readonly truncating: 'pre' | 'post';
  /** The index of unknown words; null drops them, as the Tokenizer does without oov_token. */
  readonly unknown?: number | null;
}

export interface EncodedText {
  readonly indices: readonly number[];
  /** Words that are not in the vocabulary, each once. */
  readonly unknown: readonly string[];
  /** Words that did not fit into the length. */
  readonly cut: readonly string[];
}

/** Keras's default `filters`. Source: keras/src/legacy/preprocessing/text.py, text_to_word_sequence. */
export const KERAS_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n';

/** Scripts that are written without spaces between words. */
const UNSPACED = ['Script=Han', 'Script=Hiragana', 'Script=Katakana'];

/** What separates clauses in these scripts, which Keras's filters do not know. */
const WIDE_PUNCTUATION = ['P', 'S', 'Z'];

const made = new Map<readonly string[], RegExp>();

/** One or more letters of these properties. Their tables are slow to load, also where a literal is only read: they are made for the first text. */
function lettersOf(properties: readonly string[]): RegExp {
  const found = made.get(properties) ?? new RegExp(`[${properties.map((name) => `\\p{${name}}`).join('')}]+`, 'u');
  made.set(properties, found);
  return found;
}

/** The words of a text as Keras's Tokenizer finds them; Chinese without spaces is cut by the longest words of the vocabulary, from the left. */
export function tokenize(text: string, vocabulary: Readonly<Record<string, number>>, how: Tokenizing = {}): string[] {
  const { lower = true, filters = KERAS_FILTERS, filtered = 'split', split = ' ', charLevel = false } = how;
  const cased = lower ? text.toLowerCase() : text;
  const known = (word: string) => Object.hasOwn(vocabulary, word);
  let longest = 0;
  const cutUp = (word: string) => {
    longest ||= longestWord(vocabulary);
    return segment(word, known, longest);
  };
  const unwanted = new Set(filters);
  const instead = filtered === 'nothing' ? '' : (split ?? ' ');
  const kept = Array.from(cased, (character) => (unwanted.has(character) ? instead : character)).join('');
  if (charLevel) return Array.from(kept);
  return kept
    .split(split ?? /\s+/)
    .filter((word) => word !== '')
    .flatMap((word) => (known(word) || !lettersOf(UNSPACED).test(word) ? [word] : cutUp(word)));
}

/** A text as a sequence of indices, cut and padded with 0 to the length as pad_sequences does. */
export function textToInput(
  text: string,
  { words, length, padding, truncating, unknown = null, ...how }: TextOptions,
): EncodedText {
  const tokens = tokenize(text, words, how);
  const isKnown = (word: string) => Object.hasOwn(words, word);
  const kept = unknown === null ? tokens.filter(isKnown) : tokens;
  const surplus = length === null ? 0 : Math.max(0, kept.length - length);
  const [from, to] = truncating === 'pre' ? [surplus, kept.length] : [0, kept.length - surplus];
  const indices = kept.slice(from, to).map((word) => (isKnown(word) ? words[word] : (unknown as number)));
  const space = new Array<number>(Math.max(0, (length ?? 0) - indices.length)).fill(0);
  return {
    indices: padding === 'pre' ? [...space, ...indices] : [...indices, ...space],
    unknown: [...new Set(tokens.filter((word) => !isKnown(word)))],
    cut: truncating === 'pre' ? kept.slice(0, from) : kept.slice(to),
  };
}

/** Greedy, by characters; what no word starts with is collected into one unknown word. */
function segment(text: string, known: (word: string) => boolean, longest: number): string[] {
  return text.split(lettersOf(WIDE_PUNCTUATION)).flatMap((clause) => {
    const characters = Array.from(clause);
    // "LSTM" stays whole, also where "l" is a word.
    const insideWord = (at: number) =>
      at > 0 &&
      at < characters.length &&
      !lettersOf(UNSPACED).test(characters[at - 1]) &&
      !lettersOf(UNSPACED).test(characters[at]);
    const isWord = (from: number, to: number) =>
      !insideWord(from) && !insideWord(to) && known(characters.slice(from, to).join(''));
    const found: string[] = [];
    let stray = '';
    for (let at = 0; at < characters.length; ) {
      let length = Math.min(longest, characters.length - at);
      while (length > 0 && !isWord(at, at + length)) length--;
      if (length === 0) {
        stray += characters[at++];
        continue;
      }
      if (stray !== '') found.push(stray);
      stray = '';
      found.push(characters.slice(at, at + length).join(''));
      at += length;
    }
    if (stray !== '') found.push(stray);
    return found;
  });
}

function longestWord(vocabulary: Readonly<Record<string, number>>): number {
  return Object.keys(vocabulary).reduce((longest, word) => Math.max(longest, Array.from(word).length), 1);
}
