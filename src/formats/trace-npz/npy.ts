/** The beginning of a .npy file of little-endian floats of 4 or 8 bytes in C order, version 1.0: padded with spaces so that the numbers start at a multiple of 64 bytes. */
export function npyHeader(shape: readonly number[], bytes: 4 | 8 = 8): Uint8Array {
  const lengths = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '<f${bytes}', 'fortran_order': False, 'shape': (${lengths}), }`;
  const magic = [0x93, ...Buffer.from('NUMPY'), 1, 0];
  const size = 64 * Math.ceil((magic.length + 2 + dictionary.length + 1) / 64);
  const text = `${dictionary.padEnd(size - magic.length - 3)}\n`;
  return Uint8Array.from([...magic, text.length & 0xff, text.length >> 8, ...Buffer.from(text, 'latin1')]);
}
