import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { storedZip } from '../../../src/formats/trace-npz/stored-zip.ts';

const files = ['a', 'bc', 'größe'].map((name, at) => ({
  name,
  size: 100 * (at + 1),
  chunks: [new Uint8Array(60).fill(at), new Uint8Array(100 * (at + 1) - 60).fill(9)],
}));
const zip = (most?: number) => Buffer.concat([...storedZip(files, most)]);
const expected = Object.fromEntries(files.map(({ name, chunks }) => [name, Buffer.concat(chunks)]));

/** Sizes and places as readers find them: in the directory at the end, in fields of 64 bits where those of 32 are full. */
describe('an archive of files as they are', () => {
  it('is read by others', () => {
    const found = unzipSync(zip());
    expect(Object.keys(found)).toEqual(files.map(({ name }) => name));
    for (const [name, data] of Object.entries(found)) expect(Buffer.from(data).equals(expected[name])).toBe(true);
  });

  // Where 4 GB would be is moved: at 150 bytes two of the files are large, two lie far, and so does the directory.
  it.each([0, 150, 250])('is ZIP64 where it is large: from %i bytes on', (most) => {
    const bytes = zip(most);
    expect(bytes.includes(Buffer.from([0x50, 0x4b, 0x06, 0x06]))).toBe(true);
    // The last end record points nowhere by itself.
    expect(bytes.readUInt32LE(bytes.length - 6)).toBe(0xffffffff);
    const found = unzipSync(bytes);
    for (const { name } of files) expect(Buffer.from(found[name]).equals(expected[name]), name).toBe(true);
  });

  it('has no other length than it says', () => {
    expect(() => [...storedZip([{ ...files[0], size: 99 }])]).toThrow(/was to have 99 bytes and has 100/);
  });
});
