import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const bin = resolve('bin/lstm-lab.js');

/** Runs the built command as a person would, with standard output in a pipe. */
export function lstmLab(
  args: readonly string[],
  options: { input?: string; env?: Record<string, string>; cwd?: string } = {},
) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    input: options.input ?? '',
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env },
    cwd: options.cwd,
    maxBuffer: 2 ** 28,
  });
  return { status, stdout: stdout.toString(), bytes: stdout, stderr: stderr.toString() };
}
