import type { Tensor } from '../math/tensor.ts';
import type { Model } from '../model/graph.ts';
import { batchesFromJson } from './input/batches.ts';
import { looksLikeNumbers, numbersInput } from './input/numbers.ts';
import { parseJson, readBounded, STANDARD_INPUT } from './read-file.ts';

/** An input is data, so that a file may be large; what is larger is not meant. */
const MAX_BYTES = 256 * 2 ** 20;

const NOT_FOUND = {
  problem: 'there is no such file, and it is not numbers either.',
  hint: 'numbers are written "0.1, 0.2, 0.3"; ; ends a timestep.',
};

/** Batches to run one after the other: one tensor [batch, …] for each input of the model. */
export type Batches = Tensor[][];

/**
 * What `--input` names: numbers ("0.1, 0.2; 0.3, 0.4"), nested lists as JSON, or a file of JSON (nested lists, a trace, anything with `inputs` or
 * `runs`; - is standard input). Throws a LabError that says which shape is wanted.
 */
export function readInput(spec: string, model: Model): Batches {
  const text = spec.trim();
  if (looksLikeNumbers(text)) return [[numbersInput(text, model)]];
  if (/^[[{]/.test(text)) return batchesFromJson(parseJson(text, '--input'), model, '--input');
  const file = text === '-' ? STANDARD_INPUT : spec;
  return batchesFromJson(parseJson(readBounded(file, MAX_BYTES, NOT_FOUND), file), model, file);
}
