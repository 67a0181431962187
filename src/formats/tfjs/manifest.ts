import * as v from 'valibot';
import { LabError, quote } from '../../math/lab-error.ts';
import { checkedShape } from '../stored-type.ts';

/** Bytes of one number as TensorFlow.js stores it. Source: tfjs-core/src/io/types.ts, DTYPE_VALUE_SIZE_MAP. */
const BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  float16: 2,
  int32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
  complex64: 8,
};

const quantization = v.looseObject({
  dtype: v.picklist(['uint8', 'uint16', 'float16']),
  scale: v.optional(v.number()),
  min: v.optional(v.number()),
});

const manifestSchema = v.pipe(
  v.array(
    v.looseObject({
      paths: v.pipe(v.array(v.pipe(v.string(), v.maxLength(4_000))), v.maxLength(100_000)),
      weights: v.pipe(
        v.array(
          v.looseObject({
            name: v.pipe(v.string(), v.maxLength(2_000)),
            shape: v.pipe(v.array(v.number()), v.maxLength(64)),
            dtype: v.pipe(v.string(), v.maxLength(40)),
            quantization: v.nullish(quantization),
          }),
        ),
        v.maxLength(100_000),
      ),
    }),
  ),
  v.maxLength(10_000),
);

/** One array of a manifest, checked. */
export interface ManifestArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly count: number;
  /** What it is: float32, int32, bool, string, complex64. */
  readonly dtype: string;
  /** How its numbers are stored, where they are quantised. */
  readonly quantization: {
    readonly dtype: 'uint8' | 'uint16' | 'float16';
    readonly scale: number;
    readonly min: number;
  } | null;
  /** Bytes of each number in the file; null for text, whose length only the file says. */
  readonly bytesEach: number | null;
}

/** Files whose bytes, one after the other, are the numbers of these arrays. */
export interface ManifestGroup {
  readonly paths: readonly string[];
  readonly arrays: readonly ManifestArray[];
}

/** `weightsManifest` of a model.json. Throws a LabError with the place. */
export function readManifest(value: unknown): ManifestGroup[] {
  const { success, output, issues } = v.safeParse(manifestSchema, value, { abortEarly: true });
  if (!success) {
    const path = issues[0].path ?? [];
    const at = path.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
    throw new LabError({
      path: `weightsManifest${at}`,
      problem: 'a list of {paths, weights: [{name, shape, dtype}]} is wanted.',
      received: quote(issues[0].path?.at(-1)?.value ?? value),
    });
  }
  return output.map(({ paths, weights }, group) => ({
    paths,
    arrays: weights.map(({ name, shape: claimed, dtype, quantization: stored }, at) => {
      const place = `weightsManifest[${group}].weights[${at}] (${name.slice(0, 80)})`;
      const shape = checkedShape(claimed, `${place}.shape`);
      const kind = stored?.dtype ?? dtype;
      if (kind !== 'string' && !Object.hasOwn(BYTES, kind)) {
        throw new LabError({
          path: `${place}.dtype`,
          problem: `TensorFlow.js stores ${Object.keys(BYTES).join(', ')} and string.`,
          received: quote(dtype),
        });
      }
      if (stored && stored.dtype !== 'float16' && (stored.scale === undefined || stored.min === undefined))
        throw new LabError({
          path: `${place}.quantization`,
          problem: 'scale and min are wanted.',
          received: quote(stored),
        });
      return {
        name: name.replace(/:\d+$/, ''),
        shape,
        count: shape.reduce((product, length) => product * length, 1),
        dtype,
        quantization: stored ? { dtype: stored.dtype, scale: stored.scale ?? 1, min: stored.min ?? 0 } : null,
        bytesEach: kind === 'string' ? null : BYTES[kind],
      };
    }),
  }));
}
