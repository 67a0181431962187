import { describe, expect, it } from 'vitest';
import { numbersOf } from '../../../src/formats/hdf5/numbers.ts';
import { withHdf5 } from '../../../src/formats/hdf5/open.ts';
import { isHdf5 } from '../../../src/formats/hdf5/signature.ts';
import { writeHdf5 } from '../../../src/formats/hdf5/write.ts';
import { inMemory } from '../../../src/formats/source.ts';

describe('HDF5 files', () => {
  it('what is written is read again: arrays, texts, lists of texts, and an empty list as no numbers', async () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6);
    const bytes = await writeHdf5((file) => {
      file.dataset('/a/b/kernel', { shape: [2, 3], data });
      file.attribute('/a', 'name', 'größe');
      file.attribute('/a', 'names', ['x', 'yy']);
      file.attribute('/a', 'none', []);
    });
    expect(isHdf5(bytes)).toBe(true);
    await withHdf5(inMemory(bytes), (file) => {
      expect(file.datasets('/')).toEqual(['/a/b/kernel']);
      expect(file.read('/a/b/kernel')).toEqual({ shape: [2, 3], data });
      expect(file.attribute('/a', 'name')).toBe('größe');
      expect(file.attribute('/a', 'names')).toEqual(['x', 'yy']);
      expect(file.attribute('/a', 'none')).toEqual([]);
      expect(file.attribute('/a', 'missing')).toBeUndefined();
      expect(file.kind('/a/b')).toBe('group');
      expect(file.kind('/nowhere')).toBeUndefined();
    });
  });

  it('an array in pieces is the whole array', async () => {
    const data = Float32Array.from({ length: 3_000_000 }, (_, at) => at % 1000);
    const bytes = await writeHdf5((file) => file.dataset('/big', { shape: [3_000, 1_000], data }));
    const read = await withHdf5(inMemory(bytes), (file) => file.read('/big'));
    expect(read).toEqual({ shape: [3_000, 1_000], data });
  });

  it.each([
    ['float16', [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x00, 0x7c], [1, -2, 2 ** -24, Number.POSITIVE_INFINITY]],
    ['bfloat16', [0x80, 0x3f, 0x40, 0xc0], [1, -3]],
    ['int64', [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [-2]],
  ] as const)('%s is read as it is stored', (type, bytes, expected) => {
    expect(Array.from(numbersOf(type, Uint8Array.from(bytes), 0, expected.length))).toEqual(expected);
  });
});
