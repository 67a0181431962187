import { LabError } from '../math/lab-error.ts';
import { type Tensor, tensor } from '../math/tensor.ts';
import type { Model } from '../model/graph.ts';
import { KERAS_FILTERS, textToInput } from './tokens.ts';
import type { Vocabulary } from './vocabulary/vocabulary.ts';

/** A word index as Keras's Tokenizer has it by default. */
export function wordIndex(
  words: Readonly<Record<string, number>>,
  { padding = 'pre', unknown = null }: { padding?: 'pre' | 'post'; unknown?: number | null } = {},
): Vocabulary {
  return {
    words,
    unknown,
    padding,
    lower: true,
    filters: KERAS_FILTERS,
    filtered: 'split',
    split: ' ',
    charLevel: false,
    about: `a word index of ${Object.keys(words).length} words`,
  };
}

/**
 * A batch from texts, one sample each, and notes about words that are not in the vocabulary or were cut. The model's one input is a sequence of indices, or
 * of rows with a one at the index (one-hot). Throws a LabError for another model, or where there is no vocabulary.
 */
export function textBatch(
  texts: readonly string[],
  model: Model,
  vocabulary: Vocabulary | null,
  truncating?: 'pre' | 'post',
): { batch: Tensor; notes: string[] } {
  if (vocabulary === null) {
    throw new LabError({
      path: 'text',
      problem: 'this model has no vocabulary, so it cannot read text.',
      hint: 'give --vocabulary FILE (a Tokenizer’s JSON, a list of words), a word_index in the preset, or numbers with --input.',
    });
  }
  const shapes = model.inputs.map((call) => model.calls[call].outputShapes[0]);
  const [shape] = shapes;
  if (shapes.length !== 1 || (shape.length !== 1 && shape.length !== 2)) {
    throw new LabError({ path: 'text', problem: 'text needs a model with one input, a sequence of word indices.' });
  }
  const { padding, unknown } = vocabulary;
  const options = { truncating: padding, ...vocabulary, length: shape[0], ...(truncating && { truncating }) };
  const notes: string[] = [];
  const encoded = texts.map((text, at) => {
    const found = textToInput(text, options);
    const which = texts.length > 1 ? `text ${at + 1}: ` : '';
    if (found.unknown.length > 0)
      notes.push(
        `${which}not in the vocabulary, ${unknown === null ? 'left out' : `index ${unknown}`}: ${found.unknown.join(', ')}`,
      );
    return found.indices;
  });
  const length = shape[0] ?? Math.max(1, ...encoded.map((indices) => indices.length));
  const rows = encoded.map((indices) => {
    const space = new Array<number>(length - indices.length).fill(0);
    return padding === 'pre' ? [...space, ...indices] : [...indices, ...space];
  });
  const batch = tensor([rows.length, length], rows.flat());
  return { batch: shape.length === 1 ? batch : oneHot(batch, shape[1], vocabulary), notes };
}

/** Rows of `width` numbers with a one at the index. */
function oneHot({ shape, data }: Tensor, width: number | null, { words }: Vocabulary): Tensor {
  const largest = Object.values(words).reduce((most, index) => Math.max(most, index), 0);
  if (width === null || largest >= width) {
    throw new LabError({
      path: 'text',
      problem: `the model takes rows of ${width ?? 'any number of'} features, and the vocabulary has indices to ${largest}.`,
      hint: 'a row of a one-hot input has as many features as there are indices.',
    });
  }
  const out = tensor([...shape, width]);
  data.forEach((index, at) => {
    out.data[at * width + index] = 1;
  });
  return out;
}
