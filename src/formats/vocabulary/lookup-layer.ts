import { KERAS_FILTERS } from '../tokens.ts';
import type { Vocabulary } from './vocabulary.ts';
import { indexed } from './words.ts';

/** What TextVectorization strips by default. Source: keras/src/layers/preprocessing/text_vectorization.py. */
const PUNCTUATION = `${KERAS_FILTERS.replace(/[\t\n]/g, '')}'`;

/**
 * The vocabulary of a TextVectorization or StringLookup layer, from its class and config and the `vocabulary.txt` among its assets (null: none).
 * Null where it is another layer, or one whose vocabulary is not in the file. Source: keras/src/layers/preprocessing/index_lookup.py.
 */
export function vocabularyFromLayer(
  { className, config }: { readonly className: string; readonly config: Readonly<Record<string, unknown>> },
  assets: string | null,
): Vocabulary | null {
  const isText = className === 'TextVectorization';
  if (!isText && className !== 'StringLookup') return null;
  // Saved with its special tokens, the token for padding an empty line.
  const list = assets !== null ? assets.replace(/\r\n/g, '\n').split('\n') : config.vocabulary;
  if (!Array.isArray(list) || list.length === 0 || config.invert === true) return null;
  if (config.output_mode !== undefined && config.output_mode !== null && config.output_mode !== 'int') return null;
  const mask = isText ? '' : typeof config.mask_token === 'string' ? config.mask_token : null;
  const oov = typeof config.oov_token === 'string' ? config.oov_token : '[UNK]';
  const oovs = isText ? 1 : typeof config.num_oov_indices === 'number' ? config.num_oov_indices : 1;
  const special = [...(mask === null ? [] : [mask]), ...new Array<string>(Math.min(Math.max(0, oovs), 100)).fill(oov)];
  const hasSpecial = special.every((token, at) => list[at] === token);
  const words = indexed(hasSpecial ? list : [...special, ...list], 0, 'vocabulary');
  const standardize = config.standardize === undefined ? 'lower_and_strip_punctuation' : config.standardize;
  const strips = isText && (standardize === 'lower_and_strip_punctuation' || standardize === 'strip_punctuation');
  return {
    words,
    lower: isText && (standardize === 'lower_and_strip_punctuation' || standardize === 'lower'),
    filters: strips ? PUNCTUATION : '',
    filtered: 'nothing',
    split: null,
    charLevel: isText && config.split === 'character',
    unknown: oovs > 0 ? (mask === null ? 0 : 1) : null,
    padding: 'post',
    about: `the vocabulary of the model's ${className} layer, ${Object.keys(words).length} words`,
  };
}
