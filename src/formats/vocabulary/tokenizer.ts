import { LabError, quote } from '../../math/lab-error.ts';
import { KERAS_FILTERS } from '../tokens.ts';
import type { Vocabulary } from './vocabulary.ts';
import { innerJson, wordsOf } from './words.ts';

/**
 * What Keras's `tokenizer.to_json()` holds, from its `config`. Source: keras/src/legacy/preprocessing/text.py. Words from index `num_words` on are
 * unknown words, as texts_to_sequences has it.
 */
export function tokenizerVocabulary(config: Readonly<Record<string, unknown>>): Vocabulary {
  const index = typeof config.word_index === 'string' ? innerJson(config.word_index) : config.word_index;
  if (typeof index !== 'object' || index === null || Array.isArray(index))
    throw new LabError({
      path: 'config.word_index',
      problem: 'a map of words to indices is wanted.',
      received: quote(index),
    });
  const all = wordsOf(index as Readonly<Record<string, unknown>>);
  const { num_words: limit, oov_token: token, filters, split } = config;
  const kept: Record<string, number> = Object.create(null);
  for (const word of Object.keys(all))
    if (typeof limit !== 'number' || limit <= 0 || all[word] < limit) kept[word] = all[word];
  const count = Object.keys(kept).length;
  return {
    words: kept,
    lower: config.lower !== false,
    // With char_level the Tokenizer filters nothing.
    filters: config.char_level === true ? '' : typeof filters === 'string' ? filters : KERAS_FILTERS,
    filtered: 'split',
    split: typeof split === 'string' && split !== '' ? split : ' ',
    charLevel: config.char_level === true,
    // Of all words: its index stands for unknown words also where num_words leaves it out.
    unknown: typeof token === 'string' && Object.hasOwn(all, token) ? all[token] : null,
    padding: 'pre',
    about: `a Keras Tokenizer of ${count} ${config.char_level === true ? 'characters' : 'words'}`,
  };
}
