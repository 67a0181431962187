import { mkdtempSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileSource } from '../../src/formats/file-source.ts';
import { partOf } from '../../src/formats/source.ts';

const folder = mkdtempSync(join(tmpdir(), 'lstm-lab-source-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => (at * 31) % 251);
const written = (name: string) => {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
};
/** A file that is open is closed in the next turn of the event loop. */
const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('a file that is read by ranges', () => {
  it.each([
    [0, 10],
    [16_380, 8],
    [16_384, 16_384],
    [5, 60_000],
    [99_999, 1],
    [100_000, 0],
  ])('has the file’s bytes from %i on, %i of them', (from, length) => {
    const read = fileSource(written('ranges')).read(from, length);
    expect(Buffer.compare(read, bytes.subarray(from, from + length))).toBe(0);
  });

  it.each([
    [-1, 2],
    [99_999, 2],
    [0.5, 1],
    [2 ** 60, 1],
    [0, Number.NaN],
  ])('has no bytes from %d on, %d of them', (from, length) => {
    const source = fileSource(written('outside'));
    expect(() => source.read(from, length)).toThrow(/refers to bytes that it does not have/);
    expect(() => partOf(source, 10, 20).read(15, 6)).toThrow(/6 bytes at 15 of 20/);
  });

  it('is read again later', async () => {
    const source = fileSource(written('later'));
    await nextTurn();
    expect(source.read(70_000, 3)).toEqual(bytes.slice(70_000, 70_003));
  });

  it('that was removed meanwhile is missing', async () => {
    const file = written('removed');
    const source = fileSource(file);
    await nextTurn();
    rmSync(file);
    expect(() => source.read(0, 10)).toThrow(/removed: the file is gone, and more of it is needed/);
  });

  it.each([
    ['cut off', (file: string) => truncateSync(file, 50_000)],
    ['written again', (file: string) => utimesSync(file, new Date(), new Date(Date.now() + 10_000))],
    [
      'replaced by another',
      (file: string) => {
        writeFileSync(`${file}.new`, bytes);
        renameSync(`${file}.new`, file);
      },
    ],
  ])('that was %s meanwhile is said to have changed', async (_, change) => {
    const file = written('changed');
    const source = fileSource(file);
    await nextTurn();
    change(file);
    expect(() => source.read(60_000, 10)).toThrow(/changed: the file has changed since it was opened.*open it again/);
  });
});
