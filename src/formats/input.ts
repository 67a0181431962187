import { LabError } from '../math/lab-error.ts';
import type { Tensor } from '../math/tensor.ts';
import type { Model } from '../model/graph.ts';
import { readCsv } from './csv.ts';
import { batchesFromNpy, batchesFromNpz } from './input/arrays.ts';
import { batchesFromJson } from './input/batches.ts';
import { MAX_INPUT_BYTES, NO_INPUT } from './input/limits.ts';
import { looksLikeNumbers, numbersInput } from './input/numbers.ts';
import { tableInput } from './input/table.ts';
import { isNpy } from './npy.ts';
import { parseJson, readBounded, STANDARD_INPUT } from './read-file.ts';
import { refuseSaved } from './recognise/saved.ts';
import { isZip } from './zip.ts';

/** Batches to run one after the other: one tensor [batch, …] for each input of the model. */
export type Batches = Tensor[][];

/**
 * What `--input` names: numbers ("0.1, 0.2; 0.3, 0.4"), nested lists as JSON, or a file, recognised by what it holds (- is standard input): JSON
 * (nested lists, a trace, anything with `inputs` or `runs`), .npy, .npz or CSV. Throws a LabError that says which shape is wanted.
 */
export function readInput(spec: string, model: Model): Batches {
  const text = spec.trim();
  if (/^[[{]/.test(text)) return batchesFromJson(parseJson(text, '--input'), model, '--input');
  if (looksLikeNumbers(text)) return [[numbersInput(text, model)]];
  const file = text === '-' ? STANDARD_INPUT : spec;
  const bytes = readBounded(file, MAX_INPUT_BYTES, NO_INPUT);
  try {
    if (isNpy(bytes)) return batchesFromNpy(bytes, model);
    if (isZip(bytes)) return batchesFromNpz(bytes, model);
    if (isJson(bytes, file)) return batchesFromJson(parseJson(bytes, file), model, file);
    return [[tableInput(readCsv(tableText(bytes, file)), model)]];
  } catch (error) {
    throw error instanceof LabError ? error.within({ file }) : error;
  }
}

function isJson(bytes: Buffer, file: string): boolean {
  const start = bytes
    .subarray(0, 1_000)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  return start === '' || /^[[{]/.test(start) || /\.json$/i.test(file);
}

/** Text of numbers; all else that is no input is said as such. */
function tableText(bytes: Buffer, file: string): string {
  refuseSaved(bytes.subarray(0, 2_000).toString('latin1').trimStart(), file);
  if (bytes.subarray(0, 2_000).some((byte) => byte < 0x09 || byte === 0x7f)) {
    throw new LabError({
      problem: 'this is no input that the lab reads.',
      received: `a file that begins with ${bytes.subarray(0, 8).toString('hex')}`,
      hint: 'it reads .npy, .npz, .csv and .json files, and numbers.',
    });
  }
  return bytes.toString('utf8');
}
