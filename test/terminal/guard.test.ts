import { spawn, spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type GuardOptions, guardTerminal } from '../../src/ui/terminal/guard.ts';
import { headlessTerminal } from './headless.ts';

/** A process, terminal and file descriptors that write down what happens, in order. */
function fakes(options: Partial<GuardOptions> = {}) {
  const log: string[] = [];
  const fake = Object.assign(new EventEmitter(), {
    platform: 'linux',
    kill: (pid: number, signal: string) => void log.push(`kill ${pid} ${signal}`),
    exit: (code: number) => void log.push(`exit ${code}`),
  });
  const stdin = {
    isRaw: true,
    setRawMode(raw: boolean) {
      stdin.isRaw = raw;
      log.push(`raw ${raw}`);
    },
  };
  const guard = guardTerminal({
    stdin,
    stdout: { fd: 1 },
    process: fake,
    writeSync: (descriptor, bytes) => {
      const text = Buffer.from(bytes).toString();
      log.push(text.includes('?1049h') ? 'enter' : text.includes('?1049l') ? 'leave' : `${descriptor}: ${text}`);
    },
    onRestore: () => void log.push('restore'),
    onResume: () => void log.push('resume'),
    onFatal: (error) => `bug: ${error}`,
    ...options,
  });
  return {
    fake,
    stdin,
    guard,
    log,
    listeners: () => fake.eventNames().reduce((sum, name) => sum + fake.listenerCount(name), 0),
  };
}

describe('the terminal guard', () => {
  it('gives the terminal back once: drawing stops, then raw mode, then the screen', () => {
    const { guard, log, listeners } = fakes();
    guard.restore();
    guard.restore();
    expect(log).toEqual(['enter', 'restore', 'raw false', 'leave']);
    expect(listeners()).toBe(0);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('after %s exits with %i', (signal, code) => {
    const { fake, log } = fakes();
    fake.emit(signal);
    expect(log).toEqual(['enter', 'restore', 'raw false', 'leave', `exit ${code}`]);
  });

  it.each(['uncaughtException', 'unhandledRejection'])(
    'after an %s tells what happened, but only when the terminal is back',
    (event) => {
      const { fake, log } = fakes();
      fake.emit(event, 'oops');
      expect(log).toEqual(['enter', 'restore', 'raw false', 'leave', '2: bug: oops\n', 'exit 70']);
    },
  );

  it('takes message and exit code from whoever knows the error, and a stack if that fails too', () => {
    const known = fakes({ onFatal: () => ({ message: 'disk full\n', exitCode: 74 }) });
    known.guard.fail(new Error('ENOSPC'));
    expect(known.log.slice(-2)).toEqual(['2: disk full\n', 'exit 74']);
    const broken = fakes({
      onFatal: () => {
        throw new Error('again');
      },
    });
    broken.guard.fail(new Error('first'));
    expect(broken.log.at(-2)).toMatch(/^2: Error: first\n {4}at /);
    expect(broken.log.at(-1)).toBe('exit 70');
  });

  it('gives the terminal back when the process exits of itself', () => {
    const { fake, log } = fakes();
    fake.emit('exit', 0);
    expect(log.at(-1)).toBe('leave');
  });

  it('finishes even if the terminal is gone', () => {
    const gone = () => {
      throw Object.assign(new Error('EIO'), { code: 'EIO' });
    };
    const { fake, log } = fakes({ writeSync: gone, stdin: { isRaw: true, setRawMode: gone }, onRestore: gone });
    fake.emit('SIGHUP');
    expect(log).toEqual(['exit 129']);
  });

  it('writes all of it to a descriptor that is full for a moment', () => {
    const written: Uint8Array[] = [];
    let turn = 0;
    const { guard } = fakes({
      writeSync: (_, bytes) => {
        if (turn++ % 2 === 0) throw Object.assign(new Error('EAGAIN'), { code: 'EAGAIN' });
        written.push(bytes.slice(0, 7));
        return Math.min(7, bytes.length);
      },
    });
    guard.fail('é'.repeat(20));
    expect(Buffer.concat(written).toString()).toContain('\x1b[?25h' + `bug: ${'é'.repeat(20)}\n`);
  });
});

describe('Ctrl-Z', () => {
  it('gives the terminal back before the whole job stops, and fg takes it again', () => {
    const { fake, guard, stdin, log } = fakes();
    guard.suspend();
    expect(log).toEqual(['enter', 'raw false', 'leave', 'kill 0 SIGTSTP']);
    expect(fake.listenerCount('SIGTSTP')).toBe(0);
    log.length = 0;
    fake.emit('SIGCONT');
    expect(log).toEqual(['raw false', 'raw true', 'enter', 'resume']);
    expect(stdin.isRaw).toBe(true);
    expect(fake.listenerCount('SIGTSTP')).toBe(1);
  });

  it('from another process does the same, any number of times', () => {
    const { fake, log } = fakes();
    for (let i = 0; i < 3; i++) {
      fake.emit('SIGTSTP');
      fake.emit('SIGCONT');
    }
    expect(log.filter((entry) => entry === 'kill 0 SIGTSTP')).toHaveLength(3);
    expect(log.at(-1)).toBe('resume');
    expect(fake.listenerCount('SIGTSTP')).toBe(1);
  });

  it('goes on where no shell could continue the process', () => {
    vi.useFakeTimers();
    try {
      const { guard, log } = fakes();
      guard.suspend();
      vi.advanceTimersByTime(1000);
      expect(log.slice(-2)).toEqual(['enter', 'resume']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not take the terminal again once the lab has ended', () => {
    vi.useFakeTimers();
    try {
      const { fake, guard, log } = fakes();
      guard.suspend();
      fake.emit('SIGTERM');
      vi.advanceTimersByTime(1000);
      fake.emit('SIGCONT');
      expect(log.at(-1)).toBe('exit 143');
    } finally {
      vi.useRealTimers();
    }
  });

  it('does nothing on Windows', () => {
    const { fake, guard, log } = fakes();
    fake.platform = 'win32';
    guard.suspend();
    expect(log).toEqual(['enter']);
  });
});

// Part of util-linux: runs a command on a terminal of its own.
const PTY = '/usr/bin/script';
const hasPty = process.platform === 'linux' && spawnSync(PTY, ['--version']).status === 0;

describe('a real process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guard-'));
  const child = join(folder, 'child.mjs');

  beforeAll(async () => {
    const entry = fileURLToPath(new URL('guard-child.ts', import.meta.url));
    await build({ entryPoints: [entry], outfile: child, bundle: true, platform: 'node', format: 'esm' });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function run(end: string, signal?: NodeJS.Signals) {
    return new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
      const running = spawn(process.execPath, [child, end], { stdio: 'pipe' });
      let [out, err, sent] = ['', '', false];
      running.stdout.on('data', (data) => {
        out += data;
        if (signal && !sent && out.includes('READY')) sent = running.kill(signal);
      });
      running.stderr.on('data', (data) => {
        err += data;
      });
      running.on('close', (code) => resolve({ code, out, err }));
    });
  }

  it.each([
    ['return', 0, ''],
    ['quit', 0, ''],
    ['exit', 3, ''],
    ['throw', 70, 'told: in a timer\n'],
    ['reject', 70, 'told: in a promise\n'],
    ['render', 70, 'told: in render\n'],
  ])('that ends by %s leaves the terminal as it was', async (end, code, message) => {
    const { out, ...rest } = await run(end);
    expect(rest).toEqual({ code, err: message });
    await expectAsBefore(out);
  });

  it.skipIf(process.platform === 'win32').each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('that gets %s leaves the terminal as it was', async (signal, code) => {
    const { out, ...rest } = await run('wait', signal);
    expect(rest).toEqual({ code, err: '' });
    await expectAsBefore(out);
  });

  it.skipIf(!hasPty).each(['quit', 'throw', 'exit', 'return'])(
    'on a real terminal, ending by %s, puts it out of raw mode',
    (end) => {
      const inner = `stty -a > ${folder}/a; ${process.execPath} ${child} ${end}; stty -a > ${folder}/b; cmp ${folder}/a ${folder}/b && echo SAME`;
      const { stdout } = spawnSync(PTY, ['-qec', inner, '/dev/null'], { encoding: 'utf8', input: '' });
      expect(stdout).toContain('SAME');
      expect(stdout).toContain('READY');
    },
  );

  /** What was on screen is there again, with a visible cursor and no modes left on. */
  async function expectAsBefore(out: string) {
    const { terminal, settle, grid } = headlessTerminal(40, 5);
    terminal.write('$ lstm-lab\r\n\x1b[31m');
    terminal.write(out);
    terminal.write('$ ');
    await settle();
    expect(out).toMatch(/\x1b\[\?25h$/);
    expect(terminal.buffer.active.type).toBe('normal');
    expect(grid().chars.join('').replace(/ +/g, ' ')).toBe('$ lstm-lab $ ');
    expect(grid().styles[40]!.fg).toBeUndefined();
    expect(terminal.modes).toMatchObject({
      bracketedPasteMode: false,
      mouseTrackingMode: 'none',
      sendFocusMode: false,
      wraparoundMode: true,
    });
  }
});
