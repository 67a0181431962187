import { LabError } from '../math/lab-error.ts';
import type { Tensor } from '../math/tensor.ts';
import type { Model } from '../model/graph.ts';
import { samplesOf } from '../model/samples.ts';
import type { EngineName, Recording, Trace } from '../trace/trace.ts';
import { recordingSize } from './choose.ts';
import type { CarriedStates, Engine } from './engine.ts';
import { kernel } from './kernel/kernel.ts';

/** As many numbers as one recording may hold: 1 GiB of float64. */
const MAX_NUMBERS = 2 ** 27;

/** mathjs is loaded when it is first needed. */
async function engineNamed(name: EngineName): Promise<Engine> {
  return name === 'kernel' ? kernel : (await import('./reference/reference.ts')).reference;
}

/**
 * Runs the model and returns everything it computed. Each batch is one tensor [batch, …] for each of the model's inputs (or […], one sample).
 * Several batches are run one after the other, and stateful layers carry their states from each to the next.
 * Throws a LabError where a batch does not fit the model.
 */
export async function record(
  model: Model,
  batches: readonly (readonly Tensor[])[],
  engine: EngineName = 'reference',
): Promise<Recording> {
  const size = recordingSize(model, batches);
  if (size > MAX_NUMBERS) {
    throw new LabError({
      path: 'input',
      problem: `the trace would hold ${size.toExponential(1)} numbers, more than ${MAX_NUMBERS.toExponential(1)}.`,
      hint: 'give fewer timesteps or samples.',
    });
  }
  const recorder = (await engineNamed(engine)).prepare(model);
  const runs: Trace[][] = [];
  let carried: CarriedStates[] = [];
  for (const batch of batches) {
    const samples = samplesOf(model, batch);
    const results = samples.map((inputs, sample) => {
      try {
        return recorder.record(inputs, carried[sample]);
      } catch (error) {
        throw error instanceof LabError ? inSample(error, sample, samples.length, runs.length, batches.length) : error;
      }
    });
    runs.push(results.map(({ trace }) => trace));
    carried = results.map((result) => result.carried);
  }
  return { model, engine, runs };
}

/** Which sample it was, where there are several; counted from 1, as --sample counts. */
function inSample({ fields }: LabError, sample: number, samples: number, batch: number, batches: number): LabError {
  const place = [
    batches > 1 ? `batch ${batch + 1}` : '',
    samples > 1 ? `sample ${sample + 1}` : '',
    fields.path ?? '',
  ].filter((part) => part !== '');
  return new LabError({ ...fields, path: place.join(', ') || undefined });
}
