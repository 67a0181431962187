import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

// Part of util-linux: runs a command on a terminal of its own.
const PTY = '/usr/bin/script';
const hasPty = process.platform === 'linux' && spawnSync(PTY, ['--version']).status === 0;

it.runIf(hasPty)('a dumb terminal gets the walk, and no escape sequences', () => {
  const command = `"${process.execPath}" bin/lstm-lab.js return-state`;
  const { stdout, status } = spawnSync(PTY, ['-qec', command, '/dev/null'], {
    encoding: 'utf8',
    env: { ...process.env, TERM: 'dumb' },
    timeout: 30_000,
  });
  expect(status).toBe(0);
  expect(stdout).toContain('return-state · ');
  expect(stdout).not.toContain('\u001b');
});
