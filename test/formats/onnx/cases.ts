import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onnxModel } from '../../../src/formats/onnx/open.ts';
import { permuted } from '../../../src/math/axes.ts';
import { fromNested, moveAxis, type Nested, stacked, type Tensor } from '../../../src/math/tensor.ts';
import { buildModel } from '../../../src/model/build.ts';
import type { Model } from '../../../src/model/graph.ts';
import { inFileAxes } from '../../../src/model/output-axes.ts';
import type { Recording } from '../../../src/trace/trace.ts';
import type { Case } from '../../golden/keras-model.ts';

export const FIXTURES = 'test/fixtures/onnx';

export function readCase(name: string): Case {
  return JSON.parse(readFileSync(join(FIXTURES, name, 'case.json'), 'utf8'));
}

export function openCase(name: string, file = 'model.onnx'): Model {
  const path = join(FIXTURES, name, file);
  return buildModel(onnxModel(readFileSync(path), path).plan);
}

/** The inputs as the file's own model takes them: `file_axes` says how they lie there. */
export function inputsOf({ inputs }: Case): Tensor[] {
  return inputs.map(({ data, ...input }: { data: Nested; file_axes?: number[] }) =>
    input.file_axes ? permuted(fromNested(data), input.file_axes) : fromNested(data),
  );
}

/** An output of all samples, with the axes that the file has. */
export function outputOf({ model, runs: [samples] }: Recording, at: number): Tensor {
  const batch = stacked(samples.map(({ outputs }) => outputs[at] as Tensor));
  const axes = model.outputAxes[at];
  return axes === null ? moveAxis(batch, 0, model.outputBatchAxes[at]) : inFileAxes(batch, axes);
}
