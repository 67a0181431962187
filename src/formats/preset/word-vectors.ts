import { dirname, isAbsolute, join, normalize } from 'node:path';
import { LabError } from '../../math/lab-error.ts';
import { type Tensor, tensor } from '../../math/tensor.ts';
import { MAX_SIZE } from '../../model/weights.ts';
import type { PresetDocument } from './schema.ts';

/** Embeddings whose Constant is a file of word vectors: row word_index[w] is the vector of w, and zero where there is none. */
export async function readMatrices(
  file: string,
  document: PresetDocument,
  notes: string[],
): Promise<Map<number, Tensor>> {
  const matrices = new Map<number, Tensor>();
  for (const [at, layer] of document.layers.entries()) {
    const source = wordVectorsFile(layer.embeddings_initializer ?? layer.init);
    if (source === undefined) continue;
    const path = `layers[${at}].embeddings_initializer.config.value.word_vectors`;
    if (!document.word_index)
      throw new LabError({
        path: 'word_index',
        problem: 'word vectors need a word_index, which says the row of each word.',
      });
    if (isAbsolute(source) || normalize(source).startsWith('..')) {
      throw new LabError({
        path,
        problem: 'word vectors are read from the preset’s own folder or one below it.',
        received: source,
      });
    }
    const { input_dim: rows, output_dim: width } = layer;
    if (!Number.isInteger(rows) || !Number.isInteger(width) || (rows as number) < 1) continue; // said better when the layer's arguments are checked
    const words = Object.keys(document.word_index);
    const { readWordVectors } = await import('../word2vec.ts');
    const { dimension, vectors, missing } = await readWordVectors(join(dirname(file), source), new Set(words));
    if (dimension !== width)
      throw new LabError({
        path,
        problem: `the vectors in ${source} have ${dimension} numbers, and output_dim is ${width}.`,
        received: `${dimension}`,
      });
    const outside = words.find((word) => (document.word_index as Record<string, number>)[word] >= (rows as number));
    if (outside !== undefined) {
      throw new LabError({
        path: `word_index.${outside}`,
        problem: `the Embedding has rows 0 to ${(rows as number) - 1}.`,
        received: `${document.word_index[outside]}`,
        hint: 'input_dim is the number of words + 1.',
      });
    }
    const size = (rows as number) * dimension;
    if (size > MAX_SIZE) {
      throw new LabError({
        path: `layers[${at}].input_dim`,
        problem: `the embedding matrix would have more than ${MAX_SIZE} numbers.`,
        received: `${rows} rows of ${dimension}`,
        hint: 'input_dim is the number of words + 1.',
      });
    }
    const matrix = tensor([rows as number, dimension]);
    for (const [word, vector] of vectors) matrix.data.set(vector, document.word_index[word] * dimension);
    notes.push(
      missing.length === 0
        ? `all ${words.length} words have a vector in ${source}`
        : `${missing.length} of ${words.length} words ${missing.length === 1 ? `has no vector in ${source} and stays` : `have no vector in ${source} and stay`} zero: ${missing.slice(0, 20).join(', ')}${missing.length > 20 ? ', …' : ''}`,
    );
    matrices.set(at, matrix);
  }
  return matrices;
}

function wordVectorsFile(initializer: unknown): string | undefined {
  const { config } = (initializer ?? {}) as { config?: { value?: { word_vectors?: unknown } } };
  const source = config?.value?.word_vectors;
  return typeof source === 'string' ? source : undefined;
}
