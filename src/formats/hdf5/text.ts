const utf8 = new TextDecoder();

/** A text of HDF5 ends with its first zero, or where its room ends. */
export function textUntilZero(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return utf8.decode(end < 0 ? bytes : bytes.subarray(0, end));
}
