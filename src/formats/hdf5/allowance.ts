import { LabError } from '../../math/lab-error.ts';

/** Deflate packs at most 1032 to 1; never more than this in all. */
const MAX_RATIO = 1_032;
const MAX_PACKED = 2 ** 31;

/** Arrays may share their bytes, or be read again: what is read in all is bounded, not only each. */
export function allowanceFor(fileBytes: number): (bytes: number, isPacked?: boolean) => void {
  let plain = 2 * fileBytes + 2 ** 20;
  let packed = MAX_PACKED;
  return (bytes, isPacked = false) => {
    const enough = isPacked ? bytes <= MAX_RATIO * fileBytes && bytes <= packed : bytes <= plain;
    if (!enough)
      throw new LabError({
        problem: 'the arrays claim more numbers than the file can hold.',
        received: `${bytes} bytes in a file of ${fileBytes}`,
      });
    if (isPacked) packed -= bytes;
    else plain -= bytes;
  };
}
