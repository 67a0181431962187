import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeFile } from '../../src/cli/output.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lstm-lab-output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('nothing half written is left where the process exits in the middle', async () => {
  const others = process.listeners('exit');
  const leaving = () => process.listeners('exit').filter((listener) => !others.includes(listener));
  let begun: string[] = [];
  function* chunks() {
    yield 'a'.repeat(100_000);
    begun = readdirSync(folder);
    for (const listener of leaving()) listener.call(process, 143);
  }
  await expect(writeFile(join(folder, 'trace.json'), chunks())).rejects.toThrow();
  expect(begun).toEqual([`trace.json.${process.pid}.partial`]);
  expect(readdirSync(folder)).toEqual([]);
  await writeFile(join(folder, 'trace.json'), ['all of it']);
  expect(readFileSync(join(folder, 'trace.json'), 'utf8')).toBe('all of it');
  expect(leaving()).toEqual([]);
});

it('a file that only its owner may read stays one when it is written anew', async () => {
  const file = join(folder, 'trace.json');
  await writeFile(file, ['old']);
  chmodSync(file, 0o600);
  await writeFile(file, ['new']);
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
