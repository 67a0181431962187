import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Hdf5File } from '../../../src/formats/hdf5/file.ts';
import { withLibrary } from '../../../src/formats/hdf5/library.ts';
import { withHdf5 } from '../../../src/formats/hdf5/open.ts';
import { writeHdf5 } from '../../../src/formats/hdf5/write.ts';
import { inMemory } from '../../../src/formats/source.ts';

const h5 = (name: string) => new Uint8Array(readFileSync(`test/fixtures/hdf5/${name}.h5`));
const opened = <T>(name: string, work: (file: Hdf5File) => T) => withHdf5(inMemory(h5(name)), work);
const counted = { shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) };

describe('layouts that Keras does not write are read by HDF5’s own library', () => {
  it.each(['bfloat16', 'big-endian', 'chunked-gzip', 'compact', 'many-attributes', 'newest-layout', 'hard-link'])(
    '%s',
    async (name) => {
      expect(await opened(name, (file) => file.read('/a/x'))).toEqual(counted);
    },
  );

  it('what is not in the file is what it says would be there', async () => {
    expect(Array.from((await opened('never-written', (file) => file.read('/a/x'))).data)).toEqual([7, 7, 7, 7, 7, 7]);
  });

  it('names and attributes too', async () => {
    expect(await opened('many-attributes', (file) => file.attribute('/a', 'name'))).toBe('layer');
    expect(await opened('created-order', (file) => file.datasets('/'))).toEqual(['/z', '/a']);
    expect(await opened('big-endian', (file) => file.attribute('/a', 'n'))).toEqual([0, 1, 2]);
  });
});

describe('links', () => {
  it('to an array of the file are read', async () => {
    expect(await opened('soft-link', (file) => file.read('/b'))).toEqual(counted);
  });

  it('to nothing are nothing', async () => {
    expect(await opened('soft-link-to-nothing', (file) => file.datasets('/'))).toEqual(['/a/x']);
  });

  it.each([
    ['into another file', 'external-link', /^\/a\/x: .*not followed\. Received: "other\.h5:\/x"/],
    ['to a group', 'soft-link', /^\/c: .*not followed\. Received: "\/a"/],
    ['in a circle', 'soft-links-in-a-circle', /^\/a\/up: .*not followed\. Received: "\/a"/],
  ])('%s are refused by name', async (_, name, message) => {
    await expect(opened(name, (file) => file.datasets('/'))).rejects.toThrow(message);
  });

  it('of groups to what they are in end', async () => {
    await expect(opened('hard-links-in-a-circle', (file) => file.datasets('/'))).rejects.toThrow(/more than 40 deep/);
  });

  it('to numbers in other files are not followed', async () => {
    await expect(opened('external-storage', (file) => file.read('/a/x'))).rejects.toThrow(/cannot be read/);
    await expect(opened('virtual', (file) => file.read('/a/x'))).rejects.toThrow(/virtual dataset/);
  });
});

describe('files in which the library would go round for ever are refused before', () => {
  const written = () =>
    writeHdf5((file) => {
      for (let n = 0; n < 300; n++) file.group(`/layer_${n}`);
      file.attribute('/', 'name', 'text');
    });
  const places = (file: Buffer, signature: string) => {
    const found: number[] = [];
    for (let at = file.indexOf(signature); at >= 0; at = file.indexOf(signature, at + 4)) found.push(at);
    return found;
  };
  const refused = async (edit: (file: Buffer) => void) => {
    const bytes = await written();
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // As it is, it opens.
    await withLibrary(bytes.slice(), (library) => expect(library.children('/').length).toBe(300));
    edit(file);
    const start = performance.now();
    const error = await withLibrary(bytes, (library) => library.datasets('/')).catch((problem: Error) => problem);
    expect(performance.now() - start).toBeLessThan(1000);
    return String(error);
  };

  it('a tree that contains itself', async () => {
    const message = await refused((file) => {
      const [top] = places(file, 'TREE').filter((at) => file[at + 5] > 0);
      file.writeBigUInt64LE(BigInt(top), top + 32);
    });
    expect(message).toMatch(/byte \d+: .*its groups cannot be read/);
  });

  it('free blocks of names that lead back to themselves', async () => {
    const message = await refused((file) => {
      const [heap] = places(file, 'HEAP');
      const [free, data] = [file.readBigUInt64LE(heap + 16), Number(file.readBigUInt64LE(heap + 24))];
      file.writeBigUInt64LE(free, data + Number(free));
    });
    expect(message).toMatch(/byte \d+: .*names of its groups cannot be read/);
  });

  it('texts without a length', async () => {
    const message = await refused((file) => file.fill(0, file.indexOf('GCOL') + 16, file.indexOf('GCOL') + 32));
    expect(message).toMatch(/byte \d+: .*texts cannot be read/);
  });
});
