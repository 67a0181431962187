import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

/* The built command, told to stop in the middle of long work. */

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lstm-lab-'));
  const layers = [{ class_name: 'LSTM', units: 128, input_shape: [20_000, 8], return_sequences: true }];
  writeFileSync(join(folder, 'long.json'), JSON.stringify({ layers }));
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)(
  '%s while a trace is written ends with %i and leaves nothing',
  async (signal, code) => {
    const args = [resolve('bin/lstm-lab.js'), 'trace', 'long.json', '-o', 'trace.csv'];
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    // What is begun stands beside the file under another name.
    while (readdirSync(folder).length < 2 && child.exitCode === null) await new Promise((next) => setTimeout(next, 20));
    expect(readdirSync(folder)).not.toContain('trace.csv');
    child.kill(signal);
    const [exitCode] = await once(child, 'exit');
    expect(exitCode).toBe(code);
    expect(said).toMatch(/cancelled\n$/);
    expect(readdirSync(folder)).toEqual(['long.json']);
  },
  60_000,
);

const PRINTING = ['trace', 'long.json', '--format', 'csv'];

it('SIGTERM ends a trace that goes to a file by way of standard output', async () => {
  const file = join(folder, 'out.csv');
  const out = openSync(file, 'w');
  const args = [resolve('bin/lstm-lab.js'), ...PRINTING];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', out, 'ignore'] });
  closeSync(out);
  while (statSync(file).size === 0 && child.exitCode === null) await new Promise((next) => setTimeout(next, 20));
  child.kill('SIGTERM');
  const [exitCode] = await once(child, 'exit');
  expect(exitCode).toBe(143);
}, 60_000);

it('SIGTERM ends a trace whose reader has stopped reading', async () => {
  const args = [resolve('bin/lstm-lab.js'), ...PRINTING];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'readable');
  await new Promise((next) => setTimeout(next, 200));
  child.kill('SIGTERM');
  const [exitCode] = await once(child, 'exit');
  expect(exitCode).toBe(143);
}, 10_000);
