import { LabError } from '../../math/lab-error.ts';
import { type Tensor, tensor } from '../../math/tensor.ts';
import { decode } from '../stored-type.ts';
import type { ManifestArray, ManifestGroup } from './manifest.ts';

/** An array of a TensorFlow.js model by its name in the manifest; text and complex numbers, which no layer has, have no tensor. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  /** As it is stored: float32, uint8, … */
  readonly dtype: string;
  readonly tensor: Tensor | null;
}

/**
 * The arrays of a group, which stand in its bytes one after the other, little-endian, without gaps. Quantised numbers are v · scale + min in float32,
 * as TensorFlow.js computes them. Source: tfjs-core/src/io/io_utils.ts, decodeWeights.
 */
export function groupArrays({ paths, arrays }: ManifestGroup, bytes: Uint8Array): NamedArray[] {
  let at = 0;
  return arrays.map((array) => {
    const { name, shape, dtype, quantization } = array;
    const length = array.bytesEach === null ? textLength(array, bytes, at) : array.count * array.bytesEach;
    if (at + length > bytes.length) {
      throw new LabError({
        path: name,
        problem: `the array's ${length} bytes are not all in the weights' files.`,
        received: `${paths.join(', ')}: ${bytes.length} bytes, and the array begins at ${at}`,
        hint: 'was a file copied or downloaded only in part?',
      });
    }
    const found = { name, shape, dtype: quantization?.dtype ?? dtype, tensor: arrayAt(array, bytes, at) };
    at += length;
    return found;
  });
}

function arrayAt({ shape, count, dtype, quantization }: ManifestArray, bytes: Uint8Array, at: number): Tensor | null {
  if (dtype === 'string' || dtype === 'complex64') return null;
  switch (quantization?.dtype ?? dtype) {
    case 'float16':
      return tensor(shape, decode('F16', bytes, at, count));
    case 'uint8':
    case 'uint16': {
      const levels = decode(quantization?.dtype === 'uint16' || dtype === 'uint16' ? 'U16' : 'U8', bytes, at, count);
      if (quantization === null) return tensor(shape, levels);
      const { scale, min } = quantization;
      const isWhole = dtype === 'int32';
      return tensor(
        shape,
        Float32Array.from(levels, (level) => (isWhole ? Math.round(level * scale + min) : level * scale + min)),
      );
    }
    case 'int32':
      return tensor(shape, decode('I32', bytes, at, count));
    case 'bool':
      return tensor(shape, decode('BOOL', bytes, at, count));
    default:
      return tensor(shape, decode('F32', bytes, at, count));
  }
}

/** Each text has its length before it, four bytes. */
function textLength({ name, count }: ManifestArray, bytes: Uint8Array, from: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = from;
  for (let n = 0; n < count; n++) {
    if (at + 4 > bytes.length) throw new LabError({ path: name, problem: 'the texts of this array are cut off.' });
    at += 4 + view.getUint32(at, true);
  }
  return at - from;
}
