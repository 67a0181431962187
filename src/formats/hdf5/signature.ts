const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** As long as the block may be that is looked past. */
export const LONGEST_BLOCK = 2 ** 20;

/** HDF5 may begin after a block of the user's own, whose length is 512 or a doubling of it. Source: HDF5 File Format 3.0, II.A. */
export function holdsHdf5(head: Uint8Array): boolean {
  for (let at = 0; at + 8 <= head.length; at = at === 0 ? 512 : 2 * at) if (isHdf5(head.subarray(at))) return true;
  return false;
}

export function isHdf5(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, at) => bytes[at] === byte);
}
