import { LabError, quote } from '../../math/lab-error.ts';
import { shapeText, sizeOf, type Tensor, tensor } from '../../math/tensor.ts';
import type { Model } from '../../model/graph.ts';
import { isNumber, numberOf } from './number-text.ts';

/** More numbers than any command line holds. */
const MAX_NUMBERS = 10_000_000;

/** Whether a text is meant as numbers and not as the name of a file: something in it is a number, and nothing looks like a file's name. */
export function looksLikeNumbers(text: string): boolean {
  const words = wordsOf(text.replaceAll(';', ' '));
  if (words.length === 0) return true;
  if (words.every(isNumber)) return true;
  return words.length > 1 && words.some(isNumber) && !/[/\\]|\.[a-z]\w*$/i.test(text);
}

/** Numbers that fill one sample of the model's input row by row: [1, …]. `;` ends a timestep. */
export function numbersInput(text: string, model: Model): Tensor {
  const shape = onlyInput(model);
  const timesteps = timestepsOf(text);
  const numbers = timesteps.flat();
  const wanted = `the model takes ${shapeText([null, ...shape])}`;
  if (numbers.length === 0 || numbers.length > MAX_NUMBERS)
    throw usage({ problem: `${wanted}: numbers are wanted.`, received: numbers.length === 0 ? 'none' : 'too many' });
  if (timesteps.length > 1) checkTimesteps(timesteps, shape, wanted);
  const lengths = fill(shape, timesteps);
  if (lengths === null || sizeOf(lengths) !== numbers.length) {
    const known = sizeOf(shape.map((length) => length ?? 1));
    const count = shape.includes(null) ? `a multiple of ${known}` : `${known}`;
    throw usage({
      problem: `${wanted}: one sample is ${count} number${known === 1 && !shape.includes(null) ? '' : 's'}.`,
      received: `${numbers.length} number${numbers.length === 1 ? '' : 's'}`,
      hint: 'numbers fill the shape row by row, and ; ends a timestep. Several samples come from a .json file of nested lists.',
    });
  }
  return tensor([1, ...lengths], numbers);
}

/** Numbers of each timestep; without `;` all in one. */
export function timestepsOf(text: string, path = '--input'): number[][] {
  const rows = text.replaceAll('；', ';').split(';').map(wordsOf);
  // A `;` at the end ends the last timestep and starts no other.
  while (rows.length > 1 && rows[rows.length - 1].length === 0) rows.pop();
  return rows.map((words) =>
    words.map((word) => {
      if (!isNumber(word)) throw usage({ path, problem: 'this is not a number.', received: quote(word) });
      return numberOf(word);
    }),
  );
}

function wordsOf(text: string): string[] {
  // The minus sign and the comma that people copy from screens and type in Chinese.
  return text
    .replaceAll('−', '-')
    .split(/[\s,，;；]+/)
    .filter((word) => word !== '');
}

function checkTimesteps(timesteps: readonly number[][], shape: readonly (number | null)[], wanted: string): void {
  const inner = shape.slice(1);
  const each = inner.includes(null) ? timesteps[0].length : sizeOf(inner as number[]);
  const bad = timesteps.findIndex((numbers) => numbers.length !== each);
  if (bad >= 0) {
    throw usage({
      path: `--input, timestep ${bad}`,
      problem: `${wanted}: every timestep has ${each} number${each === 1 ? '' : 's'}.`,
      received: `${timesteps[bad].length}`,
    });
  }
}

/** The shape with its unknown lengths found: timesteps from the `;`, one other from the count. Null where they cannot be. */
function fill(shape: readonly (number | null)[], timesteps: readonly number[][]): number[] | null {
  const count = timesteps.reduce((sum, numbers) => sum + numbers.length, 0);
  const started = timesteps.length > 1 && shape[0] === null ? [timesteps.length, ...shape.slice(1)] : [...shape];
  const unknown = started.flatMap((length, axis) => (length === null ? [axis] : []));
  if (unknown.length === 0) return started as number[];
  const rest = sizeOf(started.map((length) => length ?? 1));
  if (unknown.length > 1 || rest === 0 || count % rest !== 0) return null;
  return started.map((length) => length ?? count / rest);
}

/** The shape of the model's one input; numbers and tables fill no more than one. */
function onlyInput(model: Model): readonly (number | null)[] {
  if (model.inputs.length === 1) return model.calls[model.inputs[0]].outputShapes[0];
  throw usage({
    problem: `the model has ${model.inputs.length} inputs, and numbers fill one.`,
    received: 'numbers',
    hint: `give a file: {"inputs": [${model.inputs.map((call) => `{"name": ${JSON.stringify(model.calls[call].layer.name)}, "data": …}`).join(', ')}]}.`,
  });
}

function usage(fields: { problem: string; path?: string; received?: string; hint?: string }): LabError {
  return new LabError({ kind: 'usage', path: '--input', ...fields });
}
