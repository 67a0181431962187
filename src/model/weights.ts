import { kindOf, weightKey } from '../layers/kinds.ts';
import { isRecurrent, type Layer, type Shape } from '../layers/layer.ts';
import { GATES } from '../layers/lstm.ts';
import { type Initializer, initialize } from '../math/initializers.ts';
import { LabError } from '../math/lab-error.ts';
import { type Random, random, seedFor } from '../math/random.ts';
import { type Rows, rowsOf, shapeText, sizeOf, type Tensor, tensor, whole } from '../math/tensor.ts';
import type { LayerPlan, ModelPlan } from './plan.ts';

/** As many numbers as one array of weights may have: half a GiB of float64. */
export const MAX_SIZE = 2 ** 26;

/** The layer with its weights: the given ones, checked, and the others drawn from the model's seed and the layer's name. */
export function makeWeights(plan: LayerPlan, inputs: readonly Shape[], model: Pick<ModelPlan, 'seed'>): Layer {
  const { spec, weights } = plan;
  const shapes = Object.entries(kindOf(spec as Layer).weightShapes(spec as Layer, ...inputs));
  if (shapes.length === 0) return spec as Layer;
  refuseExtra(weights.given ?? {}, Object.fromEntries(shapes));
  const rng = random(seedFor(model.seed, spec.name));
  const made: Record<string, Rows> = {};
  for (const [name, shape] of shapes) {
    if (shape.includes(null)) {
      throw new LabError({
        problem: 'the number of features must be known to make its weights.',
        received: `input ${inputs.map(shapeText).join(', ')}`,
        hint: 'give the length: input_shape, input_length or Input(shape=…).',
      });
    }
    const lengths = shape as number[];
    const given = weights.given?.[name];
    // Of an Embedding's matrix only the rows are needed that are looked up.
    const waits = given !== undefined && !('data' in given) && spec.kind === 'embedding';
    if (sizeOf(lengths) > MAX_SIZE && !waits) {
      throw new LabError({ problem: `${name} would have more than ${MAX_SIZE} numbers.`, received: shapeText(shape) });
    }
    if (given) checkShape(name, given, lengths, spec as Layer);
    const { seed } = weights.initializers[name] ?? {};
    if (given) made[weightKey(name)] = waits ? given : whole(given);
    else made[weightKey(name)] = draw(plan, name, lengths, seed === undefined ? rng : random(seed));
  }
  return { ...spec, weights: made } as unknown as Layer;
}

function draw({ spec, weights }: LayerPlan, name: string, shape: readonly number[], rng: Random): Tensor {
  const initializer = weights.initializers[name];
  if (initializer === undefined) {
    throw new LabError({
      path: `weights.${name}`,
      problem: `the layer needs \`${name}\` ${shapeText(shape)}, and there are no numbers for it.`,
      received: Object.keys(weights.given ?? {}).join(', ') || 'no weights',
    });
  }
  if (name === 'bias' && spec.kind === 'lstm' && weights.forgetBias) {
    const bias = initialize(initializer, shape, rng);
    bias.data.set(initialize(weights.forgetBias, [spec.units], rng).data, GATES.indexOf('f') * spec.units);
    return bias;
  }
  return weights.perGate && isRecurrent(spec) && name !== 'bias'
    ? drawPerGate(initializer, shape, spec.units, rng)
    : initializeChecked(spec as Layer, name, initializer, shape, rng);
}

function initializeChecked(
  layer: Layer,
  name: string,
  initializer: Initializer,
  shape: readonly number[],
  rng: Random,
): Tensor {
  if (initializer.kind === 'constant' && typeof initializer.value !== 'number')
    checkShape(name, initializer.value, shape, layer);
  return initialize(initializer, shape, rng);
}

/** Keras 1 drew a kernel's block of each gate by itself, with that block's fans. */
function drawPerGate(initializer: Initializer, shape: readonly number[], width: number, rng: Random): Tensor {
  const out = tensor(shape);
  for (let gate = 0; gate < shape[1] / width; gate++) {
    const block = initialize(initializer, [shape[0], width], rng);
    for (let r = 0; r < rowsOf(block); r++) {
      out.data.set(block.data.subarray(r * width, (r + 1) * width), r * shape[1] + gate * width);
    }
  }
  return out;
}

function checkShape(name: string, given: Rows, wanted: readonly number[], layer: Layer): void {
  if (shapeText(given.shape) === shapeText(wanted)) return;
  const columns = layer.kind === 'lstm' ? '4·units' : layer.kind === 'gru' ? '3·units' : 'units';
  const meaning: Readonly<Record<string, string>> = {
    kernel: `(input_dim, ${columns})`,
    recurrent_kernel: `(units, ${columns})`,
    bias: `(${columns},)`,
    embeddings: '(input_dim, output_dim)',
  };
  const turned = given.shape.length === 2 && given.shape[0] === wanted[1] && given.shape[1] === wanted[0];
  throw new LabError({
    path: `weights.${name}`,
    problem:
      `\`${name}\` must be ${shapeText(wanted)} ${wanted.length < 3 && !(name === 'bias' && wanted.length > 1) && Object.hasOwn(meaning, name) ? meaning[name] : ''}.`.replace(
        ' .',
        '.',
      ),
    received: shapeText(given.shape),
    hint: turned ? 'it is transposed: Keras stores (in, out), PyTorch (out, in).' : undefined,
  });
}

function refuseExtra(given: Readonly<Record<string, Rows>>, wanted: Readonly<Record<string, unknown>>): void {
  const extra = Object.keys(given).find((name) => !Object.hasOwn(wanted, name));
  if (extra === undefined) return;
  throw new LabError({
    path: `weights.${extra}`,
    problem: 'the layer has no weights of this name.',
    received: extra,
    hint: `it has ${Object.keys(wanted).join(', ')}${extra === 'bias' ? ' (use_bias is false)' : ''}.`,
  });
}
