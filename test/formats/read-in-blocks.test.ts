import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readInBlocks } from '../../src/formats/read-in-blocks.ts';

const SIZE = 3 * 2 ** 23 + 5;
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lstm-lab-'));
  file = join(folder, 'large.onnx');
  const bytes = Buffer.alloc(SIZE);
  for (let at = 0; at < SIZE; at += 4099) bytes[at] = at % 251;
  writeFileSync(file, bytes);
});
afterEach(() => rmSync(folder, { recursive: true }));

it('reads a large file block by block, the same bytes, and tells how far it is', async () => {
  const told: number[] = [];
  const bytes = await readInBlocks(file, 2 ** 32, { onRead: (done) => told.push(done) });
  expect(bytes.equals(readFileSync(file))).toBe(true);
  expect(told).toEqual([2 ** 23, 2 ** 24, 3 * 2 ** 23, SIZE]);
});

it('is given up after two blocks with the reason of the signal', async () => {
  const controller = new AbortController();
  let blocks = 0;
  const onRead = () => {
    blocks++;
    if (blocks === 2) controller.abort('enough');
  };
  await expect(readInBlocks(file, 2 ** 32, { signal: controller.signal, onRead })).rejects.toBe('enough');
  expect(blocks).toBe(2);
});

it('says what is wrong with a file as ever', async () => {
  const onRead = () => {};
  await expect(readInBlocks(join(folder, 'none'), 2 ** 32, { onRead })).rejects.toThrow('there is no such file');
  await expect(readInBlocks(file, 1000, { onRead })).rejects.toThrow('larger than');
});
