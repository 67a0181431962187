import type { Layer } from '../../layers/layer.ts';
import { LabError } from '../../math/lab-error.ts';
import { random, seedFor } from '../../math/random.ts';
import { moveAxis, shapeText, sizeOf, type Tensor, tensor } from '../../math/tensor.ts';
import { isStateful, type Model } from '../../model/graph.ts';
import { batchAxisOf } from './fit.ts';

/** As many numbers as an input that is drawn and not given may have. */
const MAX_DRAWN = 10_000_000;

/** Timesteps where the model leaves them open. */
const TIMESTEPS = 5;

/** Layers that hand numbers on as they are, so that an Embedding behind them still looks up the input's numbers. */
const HANDS_ON: readonly Layer['kind'][] = [
  'dropout',
  'identity',
  'flatten',
  'reshape',
  'permute',
  'repeat_vector',
  'slice',
];

/** What a person is told of an input that is made up. */
export const MADE_UP = 'no input is given: this one is made up from the seed';

/**
 * A small input of the right shape for each of the model's inputs ([batch, …], unless it has a batchAxis), seeded: whole numbers that an Embedding has rows for, ones for what is
 * used as a mask, else numbers between −1 and 1. Where 0 or a mask value marks padding, the last timestep is padding and no other.
 */
export function madeUpInputs(model: Model, seed: number): Tensor[] {
  const samples = batchSize(model);
  const timesteps = Math.max(TIMESTEPS, fieldOfView(model));
  return model.inputs.map((call, at) => {
    const { layer, outputShapes } = model.calls[call];
    const shape = [samples, ...outputShapes[0].map((length) => length ?? timesteps)];
    refuseTooMany(shape, layer.name);
    const rng = random(seedFor(seed, layer.name));
    const readers = readersOf(model, call);
    const made = tensor(shape, Float64Array.from({ length: sizeOf(shape) }, drawer(readers, isMask(model, call), rng)));
    const padding = paddingOf(readers);
    if (padding !== null) padLast(made, padding);
    return moveAxis(made, 0, batchAxisOf(model, at));
  });
}

export function refuseTooMany(shape: readonly number[], path: string): void {
  if (sizeOf(shape) <= MAX_DRAWN) return;
  throw new LabError({
    path,
    problem: `an input that the lab draws has at most ${MAX_DRAWN} numbers.`,
    received: shapeText(shape),
    hint: 'give fewer timesteps or samples.',
  });
}

/** A stateful model takes as many samples as it was built for. */
function batchSize(model: Model): number {
  if (!model.layers.some(isStateful)) return 1;
  return Math.max(
    1,
    ...model.inputs.map((call) => {
      const { layer } = model.calls[call];
      return layer.kind === 'input' ? (layer.batch ?? 1) : 1;
    }),
  );
}

/** How many timesteps one step behind all convolutions and poolings sees, so that something is left after them. */
function fieldOfView({ calls }: Model): number {
  let seen = 1;
  let stride = 1;
  for (const { layer } of calls) {
    const width =
      layer.kind === 'conv1d'
        ? (layer.kernelSize - 1) * layer.dilationRate
        : layer.kind === 'pooling1d'
          ? layer.poolSize - 1
          : 0;
    if (layer.kind === 'cropping1d') seen += (layer.cropping[0] + layer.cropping[1]) * stride;
    seen += width * stride;
    if (layer.kind === 'conv1d' || layer.kind === 'pooling1d') stride *= layer.strides;
  }
  return seen;
}

/** The layers that read the numbers of a call, through layers that hand them on. */
function readersOf({ calls }: Model, call: number): Layer[] {
  const handed = new Set([call]);
  // Calls are in order of execution, so that one pass follows every path.
  return calls.flatMap(({ layer, inputs }, at) => {
    if (!inputs.some((ref) => handed.has(ref.call))) return [];
    if (HANDS_ON.includes(layer.kind)) handed.add(at);
    return [layer];
  });
}

function isMask({ calls }: Model, call: number): boolean {
  return calls.some(({ mask }) => mask?.call === call);
}

function drawer(readers: readonly Layer[], isMask: boolean, rng: ReturnType<typeof random>): () => number {
  if (isMask) return () => 1;
  const embeddings = readers.flatMap(embeddingOf);
  if (embeddings.length === 0) return () => 2 * rng.uniform() - 1;
  const rows = Math.min(...embeddings.map(({ inputDim }) => inputDim));
  // 0 is padding, and comes at the end.
  const first = rows > 1 && embeddings.some(({ maskZero }) => maskZero) ? 1 : 0;
  return () => first + rng.integer(rows - first);
}

function embeddingOf(layer: Layer | Omit<Layer, 'weights'>): { inputDim: number; maskZero: boolean }[] {
  if (layer.kind === 'embedding') return [layer as Extract<Layer, { kind: 'embedding' }>];
  if (layer.kind === 'time_distributed')
    return embeddingOf((layer as Extract<Layer, { kind: 'time_distributed' }>).inner);
  return [];
}

function paddingOf(readers: readonly Layer[]): number | null {
  for (const reader of readers) if (reader.kind === 'masking') return reader.maskValue;
  return readers.flatMap(embeddingOf).some(({ maskZero }) => maskZero) ? 0 : null;
}

/** Short sequences keep all their timesteps. */
function padLast({ shape, data }: Tensor, padding: number): void {
  const [samples, timesteps = 1, ...features] = shape;
  if (timesteps < 3) return;
  const width = sizeOf(features);
  for (let sample = 1; sample <= samples; sample++) {
    const end = sample * timesteps * width;
    data.fill(padding, end - width, end);
  }
}
