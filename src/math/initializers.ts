import { LabError } from './lab-error.ts';
import { norm } from './linear.ts';
import type { Random } from './random.ts';
import { shapeText, sizeOf, type Tensor, tensor } from './tensor.ts';

/**
 * How weights are first drawn, as plain data. Formulas: keras/src/initializers/random_initializers.py. The distributions are Keras's; the numbers
 * are this lab's own, since Keras's seeds do not repeat across its backends either.
 */
export type Initializer = { /** Draws from a stream of its own. */ readonly seed?: number } & (
  | { readonly kind: 'constant'; readonly value: number | Tensor }
  | { readonly kind: 'uniform'; readonly minval: number; readonly maxval: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly stddev: number; readonly truncated: boolean }
  | {
      readonly kind: 'variance-scaling';
      readonly scale: number;
      readonly mode: 'fan_in' | 'fan_out' | 'fan_avg';
      readonly distribution: 'uniform' | 'truncated_normal' | 'untruncated_normal';
    }
  | { readonly kind: 'orthogonal'; readonly gain: number }
  | { readonly kind: 'identity'; readonly gain: number }
);

/** Multiplications: a recurrent kernel of 1024 units takes some ten seconds, one of 2048 over a minute. */
const MAX_ORTHOGONAL_WORK = 2 ** 33;

/** The standard deviation of a normal distribution cut at ±2σ, by which Keras divides so that the result has the wanted one. */
const TRUNCATED_STDDEV = 0.87962566103423978;

/** Draws a tensor of this shape. `fans` are (fan_in, fan_out), by default rows and columns. Source: keras/src/initializers. */
export function initialize(
  initializer: Initializer,
  shape: readonly number[],
  rng: Random,
  fans = fansOf(shape),
): Tensor {
  const draw = (next: () => number) => tensor(shape, filled(sizeOf(shape), next));
  switch (initializer.kind) {
    case 'constant': {
      const { value } = initializer;
      return typeof value === 'number' ? draw(() => value) : tensor(shape, value.data);
    }
    case 'uniform':
      return draw(() => initializer.minval + (initializer.maxval - initializer.minval) * rng.uniform());
    case 'normal':
      return draw(
        () => initializer.mean + initializer.stddev * (initializer.truncated ? truncated(rng) : rng.normal()),
      );
    case 'variance-scaling': {
      const fan = { fan_in: fans[0], fan_out: fans[1], fan_avg: (fans[0] + fans[1]) / 2 }[initializer.mode];
      const variance = initializer.scale / Math.max(1, fan);
      if (initializer.distribution === 'uniform') return draw(() => Math.sqrt(3 * variance) * (2 * rng.uniform() - 1));
      if (initializer.distribution === 'untruncated_normal') return draw(() => Math.sqrt(variance) * rng.normal());
      return draw(() => (Math.sqrt(variance) / TRUNCATED_STDDEV) * truncated(rng));
    }
    case 'orthogonal':
      return orthogonal(shape, initializer.gain, rng);
    case 'identity': {
      const columns = shape[shape.length - 1];
      return tensor(
        shape,
        Float64Array.from({ length: sizeOf(shape) }, (_, at) =>
          Math.floor(at / columns) === at % columns ? initializer.gain : 0,
        ),
      );
    }
  }
}

/** As Float64Array.from does, which takes several times as long. */
function filled(length: number, next: () => number): Float64Array {
  const numbers = new Float64Array(length);
  for (let at = 0; at < length; at++) numbers[at] = next();
  return numbers;
}

function fansOf(shape: readonly number[]): [number, number] {
  return shape.length < 2 ? [sizeOf(shape), sizeOf(shape)] : [shape[shape.length - 2], shape[shape.length - 1]];
}

function truncated(rng: Random): number {
  for (;;) {
    const value = rng.normal();
    if (Math.abs(value) <= 2) return value;
  }
}

/** A matrix whose rows (or columns, whichever are fewer) are orthonormal times `gain`: Gram–Schmidt on normal vectors. */
function orthogonal(shape: readonly number[], gain: number, rng: Random): Tensor {
  const width = shape[shape.length - 1];
  const height = sizeOf(shape) / width;
  const [count, length] = height < width ? [height, width] : [width, height];
  if (count * count * length > MAX_ORTHOGONAL_WORK) {
    throw new LabError({
      problem: 'an orthogonal matrix of this size would take minutes to draw.',
      received: shapeText(shape),
      hint: 'give weights, or another initializer such as "glorot_uniform".',
    });
  }
  const basis: Float64Array[] = [];
  while (basis.length < count) {
    const vector = filled(length, rng.normal);
    let before = norm(vector);
    let size = withoutParts(vector, basis);
    // Where most of a vector was taken away, what is left is rounding too: once more is enough (Kahan and Parlett).
    while (size < 0.7 * before && size > 1e-8) {
      before = size;
      size = withoutParts(vector, basis);
    }
    if (size < 1e-8) continue;
    for (let at = 0; at < length; at++) vector[at] /= size;
    basis.push(vector);
  }
  const out = tensor(shape);
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) out.data[r * width + c] = gain * (height < width ? basis[r][c] : basis[c][r]);
  }
  return out;
}

/**
 * Takes from a vector its parts along others, which are of length 1 and orthogonal. Returns the length of what is left. One loop for each takes
 * away that part and measures the next, after the last one the length.
 */
function withoutParts(vector: Float64Array, others: readonly Float64Array[]): number {
  let along = others[0] ?? vector;
  let dot = 0;
  for (let at = 0; at < vector.length; at++) dot += vector[at] * along[at];
  for (let number = 1; number <= others.length; number++) {
    const next = others[number] ?? vector;
    let following = 0;
    for (let at = 0; at < vector.length; at++) {
      const left = vector[at] - dot * along[at];
      vector[at] = left;
      following += left * next[at];
    }
    along = next;
    dot = following;
  }
  return Math.sqrt(dot);
}
