import { basename } from 'node:path';
import { LabError } from '../../math/lab-error.ts';
import { random, seedFor } from '../../math/random.ts';
import { fromNested, sizeOf, type Tensor, tensor } from '../../math/tensor.ts';
import { buildModel } from '../../model/build.ts';
import type { Model } from '../../model/graph.ts';
import { suggestion } from '../../model/nearest.ts';
import { MADE_UP, madeUpInputs, refuseTooMany } from '../input/made-up.ts';
import { parseJson, readBounded } from '../read-file.ts';
import { textBatch, wordIndex } from '../text-input.ts';
import type { Vocabulary } from '../vocabulary/vocabulary.ts';
import { checked } from './issues.ts';
import { planLayers } from './layers.ts';
import { type PresetDocument, presetSchema } from './schema.ts';
import { readMatrices } from './word-vectors.ts';

/** A preset is text that a person wrote: more than this is something else. */
export const MAX_BYTES = 8 * 2 ** 20;

export interface OpenedPreset {
  readonly model: Model;
  /** Batches to run one after the other: one tensor [batch, …] for each input of the model. */
  readonly batches: readonly (readonly Tensor[])[];
  readonly document: PresetDocument;
  readonly name: string;
  /** How text becomes indices, where the preset has a word_index. */
  readonly vocabulary: Vocabulary | null;
  /** What a person should know: words without a vector, unknown words, an input made up. */
  readonly notes: readonly string[];
}

/** A preset as a checked document. Throws a LabError with file, place and hint. */
async function readPreset(file: string): Promise<PresetDocument> {
  return parsePreset(parseJson(readBounded(file, MAX_BYTES), file), file);
}

/** Checks a preset that is already a value. `file` is what messages call it. */
export function parsePreset(value: unknown, file: string): PresetDocument {
  try {
    return checked(presetSchema, value, '', Object.keys(presetSchema.entries));
  } catch (error) {
    throw error instanceof LabError ? error.within({ file }) : error;
  }
}

/** Opens a preset file: its model, built with its weights, and its input. `seed` replaces the preset's own. */
export async function openPreset(file: string, options: { seed?: number } = {}): Promise<OpenedPreset> {
  return buildPreset(await readPreset(file), file, options);
}

/** Builds what a preset describes. Word vectors are looked for beside `file`. */
export async function buildPreset(
  document: PresetDocument,
  file: string,
  options: { seed?: number } = {},
): Promise<OpenedPreset> {
  const notes: string[] = [];
  try {
    const seed = options.seed ?? document.seed;
    const { word_index: words, padding, oov_index: unknown } = document;
    const vocabulary = words ? wordIndex(words, { padding, unknown }) : null;
    const matrices = await readMatrices(file, document, notes);
    const name = document.name ?? basename(file).replace(/\.json$/, '');
    const planned = planLayers(document.layers, document.keras, { matrices, outputs: document.outputs });
    const model = buildModel({ name, keras: document.keras, seed, ...planned });
    return { model, batches: makeBatches(document, model, seed, vocabulary, notes), document, name, vocabulary, notes };
  } catch (error) {
    throw error instanceof LabError ? error.within({ file }) : error;
  }
}

function makeBatches(
  document: PresetDocument,
  model: Model,
  seed: number,
  vocabulary: Vocabulary | null,
  notes: string[],
): Tensor[][] {
  const { input, inputs, batches, random_integers: integers, text } = document;
  const given = Object.entries({ input, inputs, batches, random_integers: integers, text }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 1) {
    throw new LabError({
      path: given[1][0],
      problem: 'a preset has one of input, inputs, batches, random_integers and text.',
      received: given.map(([key]) => key).join(' and '),
    });
  }
  if (input !== undefined) return [[fromNested(input, 'input')]];
  if (batches !== undefined) return batches.map((batch, at) => [fromNested(batch, `batches[${at}]`)]);
  if (inputs !== undefined) return [namedInputs(inputs, model)];
  if (text !== undefined) {
    const made = textBatch(text, model, vocabulary, document.truncating);
    notes.push(...made.notes);
    return [[made.batch]];
  }
  if (integers !== undefined) {
    if (integers.high <= integers.low)
      throw new LabError({
        path: 'random_integers.high',
        problem: `high must be larger than low (${integers.low}).`,
        received: `${integers.high}`,
      });
    refuseTooMany(integers.size, 'random_integers.size');
    const rng = random(seedFor(seed, 'random_integers'));
    return [
      [
        tensor(
          integers.size,
          Float64Array.from(
            { length: sizeOf(integers.size) },
            () => integers.low + rng.integer(integers.high - integers.low),
          ),
        ),
      ],
    ];
  }
  notes.push(MADE_UP);
  return [madeUpInputs(model, seed)];
}

function namedInputs(inputs: Readonly<Record<string, unknown>>, model: Model): Tensor[] {
  const names = model.inputs.map((call) => model.calls[call].layer.name);
  const extra = Object.keys(inputs).find((name) => !names.includes(name));
  if (extra !== undefined)
    throw new LabError({
      path: `inputs.${extra}`,
      problem: 'the model has no input of this name.',
      received: extra,
      hint: suggestion(extra, names),
    });
  return names.map((name) => {
    if (inputs[name] === undefined)
      throw new LabError({ path: `inputs.${name}`, problem: 'the model needs this input too.', received: 'nothing' });
    return fromNested(inputs[name], `inputs.${name}`);
  });
}
