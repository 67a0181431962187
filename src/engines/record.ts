import { embeddingIndices } from '../layers/embedding.ts';
import type { Tensor } from '../math/tensor.ts';
import { isStateful, type Model } from '../model/graph.ts';
import { samplesOf } from '../model/samples.ts';
import type { EngineName, Preparation, Recording, Trace } from '../trace/trace.ts';
import { callSeconds, recordingSize } from './choose.ts';
import type { CarriedStates, Engine, GivenStates } from './engine.ts';
import { forgetful } from './forgetful.ts';
import { kernel } from './kernel/kernel.ts';
import { inBackground, inTheForeground } from './pace.ts';
import { placed } from './placed.ts';
import { inMemory, type SampleRun, windowed } from './sample-run.ts';
import { simd } from './simd/simd.ts';

/** As much memory as a trace takes if nothing else is said, in bytes. */
const DEFAULT_MEMORY = 256 * 2 ** 20;

/** Of the memory: what a sample may take that is computed whole when it is looked at, and what is kept of such samples. */
const [SHORT_SHARE, KEPT_SHARE] = [1 / 4, 1 / 2];

export interface RecordOptions {
  /** A sample runs when its trace is first looked at. With `onProgress`, the first sample runs at once all the same. */
  readonly lazily?: boolean;
  /** What recurrent calls start from in the first batch, one entry for all samples or one for each. */
  readonly initialStates?: readonly GivenStates[];
  /** Bytes that the trace may take. A longer one is kept as checkpoints and overviews, and its parts are computed again when they are looked at. */
  readonly memory?: number;
  /** Is told how many of all timesteps are done; between the calls other things can happen, at least every 20 ms. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Gives it up: what is thrown is the signal's reason. */
  readonly signal?: AbortSignal;
  /** A run that does not fit into memory is handed out at once, and computed while it is looked at: see `RecordingProgress`. */
  readonly whileComputing?: boolean;
}

/** What takes no longer, in seconds, a person who goes to another sample does not notice. */
const UNNOTICED = 0.1;

/** mathjs is loaded when it is first needed. */
async function engineNamed(name: EngineName): Promise<Engine> {
  if (name === 'kernel') return kernel;
  return name === 'simd' ? simd : (await import('./reference/reference.ts')).reference;
}

/**
 * Runs the model and returns everything it computed. Each batch is one tensor [batch, …] for each of the model's inputs (or […], one sample).
 * Several batches are run one after the other, and stateful layers carry their states from each to the next. Throws a LabError where a batch does not
 * fit the model, or where the run does not fit into memory even as checkpoints.
 */
export async function record(
  model: Model,
  batches: readonly (readonly Tensor[])[],
  engine: EngineName = 'reference',
  options: RecordOptions = {},
): Promise<Recording> {
  const { lazily = false, initialStates = [], memory = DEFAULT_MEMORY, onProgress, signal, whileComputing } = options;
  const recorder = (await engineNamed(engine)).prepare(model);
  const perBatch = batches.map((batch) => samplesOf(model, batch));
  const sizes = batches.map((batch) => recordingSize(model, [batch]) * (engine === 'simd' ? 4 : 8));
  const isLarge = sizes.reduce((sum, size) => sum + size, 0) > memory;
  // Of many short samples whole traces are forgotten, of long ones parts.
  const isLong = isLarge && sizes.some((size, at) => size / perBatch[at].length > memory * SHORT_SHARE);
  const count = perBatch.reduce((sum, samples) => sum + samples.length, 0);
  const start = isLong
    ? windowed(recorder, memory, count)
    : isLarge
      ? forgetful(recorder, memory * KEPT_SHARE)
      : inMemory(recorder);
  // Else a batch is looked at without those before it.
  const isCarrying = model.layers.some(isStateful);
  const runs: SampleRun[][] = [];
  for (const [at, samples] of perBatch.entries()) {
    runs.push(
      samples.map((inputs, sample) => {
        const place = { sample, samples: samples.length, batch: at, batches: batches.length };
        if (lazily || isLarge) placed(place, () => checkIndices(model, inputs));
        const given = at === 0 ? initialStates[initialStates.length === 1 ? 0 : sample] : undefined;
        return start(inputs, place, () => (isCarrying ? carriedUntil(runs, at, sample) : undefined), given);
      }),
    );
  }
  const recording = { model, engine, runs: runs.map((run): Trace[] => run.map(({ trace }) => trace)) };
  const all = runs.flat();
  if (isLong && whileComputing) return { ...recording, progress: inBackground(all, signal) };
  const wanted = lazily ? all.slice(0, onProgress || signal ? 1 : 0) : all;
  if (onProgress || signal) await inTheForeground(wanted, onProgress, signal);
  else for (const run of wanted) run.finish();
  if (isLong || !(lazily || isLarge)) return recording;
  const prepare = (number: number): Preparation | null => {
    const needed = missing(runs, number, isCarrying);
    const shapes = needed.map(({ trace }) => trace.inputs.map(({ shape }) => shape));
    const seconds = shapes.flatMap((each) => callSeconds(engine, model, each)).reduce((sum, each) => sum + each, 0);
    if (seconds < UNNOTICED) return null;
    return (how) => inTheForeground(needed, how.onProgress, how.signal);
  };
  return { ...recording, prepare };
}

/** What must be computed before sample `number` of all can be looked at, in this order: itself, and what carries states on to it. */
function missing(runs: readonly (readonly SampleRun[])[], number: number, isCarrying: boolean): SampleRun[] {
  let [batch, sample] = [0, number];
  while (sample >= runs[batch].length) sample -= runs[batch++].length;
  const wanted = runs[batch][sample];
  if (wanted.isAtHand) return [];
  const needed = [wanted];
  while (isCarrying && batch > 0 && runs[batch - 1][sample] && !runs[batch - 1][sample].isDone)
    needed.unshift(runs[--batch][sample]);
  return needed;
}

/** What can be wrong with a sample, before it runs: an index that an Embedding has no row for. */
function checkIndices({ calls, inputs }: Model, sample: readonly Tensor[]): void {
  for (const { layer, inputs: sources } of calls) {
    if (layer.kind === 'embedding' && inputs.includes(sources[0].call))
      embeddingIndices(layer, sample[inputs.indexOf(sources[0].call)]);
  }
}

/** What the batches before number `at` carry on for a sample. They run in order, not each from within the next, of which there may be thousands. */
function carriedUntil(runs: readonly (readonly SampleRun[])[], at: number, sample: number): CarriedStates | undefined {
  let first = at;
  while (first > 0 && runs[first - 1][sample] && !runs[first - 1][sample].isDone) first--;
  for (let batch = first; batch < at; batch++) runs[batch][sample].finish();
  return runs[at - 1]?.[sample]?.carried;
}
