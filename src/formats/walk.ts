import { kindOf } from '../layers/kinds.ts';
import { printable } from '../math/lab-error.ts';
import { numberAt, shapeText } from '../math/tensor.ts';
import { callName } from '../model/graph.ts';
import { stepCount } from '../trace/timeline.ts';
import type { Recording, Trace } from '../trace/trace.ts';
import { callLines } from './walk/call.ts';
import { tensorLines } from './walk/numbers.ts';

export interface WalkOptions {
  /** Words by index, where the model has a vocabulary. */
  readonly words?: Readonly<Record<number, string>> | null;
  readonly title?: string;
  /** The sentence about one step (in processing order) of a call; batches, samples and calls are counted from 0. */
  readonly explain?: (run: number, sample: number, callIndex: number, step: number) => string | null;
}

/** More samples are named, not walked. */
const MAX_SAMPLES = 6;

/** A recording as text, lines with their line feeds: every timestep's gates, states and what is returned, call by call. No colour. */
export function* walkText(recording: Recording, options: WalkOptions = {}): Generator<string> {
  for (const line of walkLines(recording, options)) yield `${printable(line)}\n`;
}

function* walkLines(recording: Recording, options: WalkOptions): Generator<string> {
  const { model, engine, runs } = recording;
  yield options.title ?? model.name;
  yield '';
  for (const call of model.calls) {
    const shapes = call.outputShapes.map((shape) => shapeText([null, ...shape])).join(', ');
    yield `  ${callName(call)} · ${kindOf(call.layer).className(call.layer)} · ${shapes}`;
  }
  yield `  ${engine} engine, ${engine === 'simd' ? 'float32' : 'float64'}; timesteps and units are counted from 0`;
  const all = runs.flatMap((traces, run) =>
    traces.map((trace, sample) => ({ trace, run, sample, batch: traces.length })),
  );
  for (const { trace, run, sample, batch } of all.slice(0, MAX_SAMPLES)) {
    yield '';
    const which = runs.length > 1 ? `batch ${run + 1} of ${runs.length}, ` : '';
    if (all.length > 1) yield `── ${which}sample ${sample + 1} of ${batch} ──`;
    yield* sampleLines(recording, options, trace, { run, sample, batch });
  }
  if (all.length > MAX_SAMPLES) {
    yield '';
    yield `${all.length - MAX_SAMPLES} more samples: lstm-lab ${model.name} --sample ${MAX_SAMPLES + 1}, or lstm-lab trace ${model.name} for all numbers`;
  }
}

function* sampleLines(
  { model }: Recording,
  { words, explain }: WalkOptions,
  trace: Trace,
  { run, sample, batch }: { run: number; sample: number; batch: number },
): Generator<string> {
  for (const [at, call] of model.inputs.entries())
    yield* tensorLines(`input ${callName(model.calls[call])}`, trace.inputs[at], batch);
  for (const [at, callTrace] of trace.calls.entries()) {
    if (callTrace.call.layer.kind === 'input') continue;
    yield '';
    yield* callLines(callTrace, {
      model: model.name,
      batch,
      word: words ? wordsOf(trace, at, words) : () => null,
      explain: (step) => explain?.(run, sample, at, step) ?? null,
    });
  }
  yield '';
  for (const [at, name] of model.outputNames.entries()) {
    const value = trace.outputs[at];
    if (value) yield* tensorLines(`model output ${name}`, value, batch);
    else yield `model output ${name} cannot be computed`;
  }
}

/** The words at a call's timesteps, where they are those of an input of indices. */
function wordsOf(trace: Trace, callIndex: number, words: Readonly<Record<number, string>>) {
  let at = callIndex;
  while (trace.calls[at].call.layer.kind !== 'input') at = trace.calls[at].call.inputs[0].call;
  const { input } = trace.calls[at];
  const fits = input.shape.length === 1 && input.shape[0] === stepCount(trace.calls[callIndex]);
  return (timestep: number) => (fits ? (words[numberAt(input, timestep)] ?? null) : null);
}
