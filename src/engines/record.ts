import { embeddingIndices } from '../layers/embedding.ts';
import { LabError } from '../math/lab-error.ts';
import type { Tensor } from '../math/tensor.ts';
import type { Model } from '../model/graph.ts';
import { samplesOf } from '../model/samples.ts';
import type { EngineName, Recording, Trace } from '../trace/trace.ts';
import { recordingSize } from './choose.ts';
import type { CarriedStates, Engine, GivenStates } from './engine.ts';
import { kernel } from './kernel/kernel.ts';

/** As many numbers as one recording may hold: 1 GiB of float64. */
const MAX_NUMBERS = 2 ** 27;

/** mathjs and the kernels of simd are loaded when they are first needed. */
async function engineNamed(name: EngineName): Promise<Engine> {
  if (name === 'kernel') return kernel;
  return name === 'simd' ? (await import('./simd/simd.ts')).simd : (await import('./reference/reference.ts')).reference;
}

/**
 * Runs the model and returns everything it computed. Each batch is one tensor [batch, …] for each of the model's inputs (or […], one sample).
 * Several batches are run one after the other, and stateful layers carry their states from each to the next.
 * `lazily`: a sample runs when its trace is first looked at. `initialStates`: what recurrent calls start from in the first batch, one entry for all samples
 * or one for each. Throws a LabError where a batch does not fit the model.
 */
export async function record(
  model: Model,
  batches: readonly (readonly Tensor[])[],
  engine: EngineName = 'reference',
  { lazily = false, initialStates = [] }: { lazily?: boolean; initialStates?: readonly GivenStates[] } = {},
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
  const runs: SampleRun[][] = [];
  for (const [at, batch] of batches.entries()) {
    const samples = samplesOf(model, batch);
    runs.push(
      samples.map((inputs, sample) => {
        const place = inSample.bind(null, sample, samples.length, at, batches.length);
        if (lazily) placed(place, () => checkIndices(model, inputs));
        const given = at === 0 ? initialStates[initialStates.length === 1 ? 0 : sample] : undefined;
        return once(inputs, () => {
          const carried = carriedUntil(runs, at, sample);
          return placed(place, () => recorder.record(inputs, carried, given));
        });
      }),
    );
  }
  if (!lazily) for (const { trace } of runs.flat()) trace.calls;
  return { model, engine, runs: runs.map((run) => run.map(({ trace }) => trace)) };
}

/** What can be wrong with a sample, before it runs: an index that an Embedding has no row for. */
function checkIndices({ calls, inputs }: Model, sample: readonly Tensor[]): void {
  for (const { layer, inputs: sources } of calls) {
    if (layer.kind === 'embedding' && inputs.includes(sources[0].call))
      embeddingIndices(layer, sample[inputs.indexOf(sources[0].call)]);
  }
}

function placed<T>(place: (error: LabError) => LabError, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof LabError ? place(error) : error;
  }
}

/** One sample of one batch: its trace, and what stateful layers carry on. */
interface SampleRun {
  readonly trace: Trace;
  readonly carried: CarriedStates;
  readonly isDone: boolean;
}

/** Runs a sample when the first of what it gives is asked for. */
function once(inputs: readonly Tensor[], run: () => { trace: Trace; carried: CarriedStates }): SampleRun {
  let made: { trace: Trace; carried: CarriedStates } | undefined;
  const done = () => {
    made ??= run();
    return made;
  };
  return {
    trace: {
      inputs,
      get calls() {
        return done().trace.calls;
      },
      get outputs() {
        return done().trace.outputs;
      },
    },
    get carried() {
      return done().carried;
    },
    get isDone() {
      return made !== undefined;
    },
  };
}

/** What the batches before number `at` carry on for a sample. They run in order, not each from within the next, of which there may be thousands. */
function carriedUntil(runs: readonly (readonly SampleRun[])[], at: number, sample: number): CarriedStates | undefined {
  let first = at;
  while (first > 0 && runs[first - 1][sample] && !runs[first - 1][sample].isDone) first--;
  for (let batch = first; batch < at; batch++) runs[batch][sample].carried;
  return runs[at - 1]?.[sample]?.carried;
}

/** Which sample it was, where there are several; counted from 1, as --sample counts. */
function inSample(sample: number, samples: number, batch: number, batches: number, { fields }: LabError): LabError {
  const place = [
    batches > 1 ? `batch ${batch + 1}` : '',
    samples > 1 ? `sample ${sample + 1}` : '',
    fields.path ?? '',
  ].filter((part) => part !== '');
  return new LabError({ ...fields, path: place.join(', ') || undefined });
}
