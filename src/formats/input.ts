import type { Tensor } from '../math/tensor.ts';
import type { Model } from '../model/graph.ts';
import { batchesFromJson } from './input/batches.ts';
import { parseInputJson, readInputFile } from './input/file.ts';
import { looksLikeNumbers, numbersInput } from './input/numbers.ts';

/** Batches to run one after the other: one tensor [batch, …] for each input of the model. */
export type Batches = Tensor[][];

/**
 * What `--input` names: numbers ("0.1, 0.2; 0.3, 0.4"), nested lists as JSON, or a file of JSON (nested lists, a trace, anything with `inputs` or
 * `runs`; - is standard input). Throws a LabError that says which shape is wanted.
 */
export function readInput(spec: string, model: Model): Batches {
  const text = spec.trim();
  if (looksLikeNumbers(text)) return [[numbersInput(text, model)]];
  if (/^[[{]/.test(text)) return batchesFromJson(parseInputJson(text, '--input'), model, '--input');
  const file = text === '-' ? '/dev/stdin' : spec;
  return batchesFromJson(parseInputJson(readInputFile(file, spec), file), model, file);
}
