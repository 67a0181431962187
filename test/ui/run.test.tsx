import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { prepareCheck } from '../../src/engines/check/check-step.ts';
import { LabError } from '../../src/math/lab-error.ts';
import { choosing } from '../../src/session/reduce.ts';
import type { OpenSession, Session, Subject } from '../../src/session/session.ts';
import { type LabOptions, runLab } from '../../src/ui/run.tsx';
import { gridToText } from '../../src/ui/terminal/cells.ts';
import { themeFor } from '../../src/ui/theme/theme.ts';
import { presetEntries, sessionOfPreset, subjectOf } from '../frames/presets.ts';
import { headlessTerminal } from '../terminal/headless.ts';

/* The whole lab on a terminal's state machine: keys go in as bytes, and what the terminal shows is read back. */

let session: OpenSession;
let written: string[];
// What the guard writes goes to descriptors, past the stream.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    writeSync: (descriptor: number, bytes: Uint8Array) => {
      if (descriptor !== 9999 && descriptor !== 2) return fs.writeSync(descriptor, bytes);
      written.push(`${descriptor}:${Buffer.from(bytes).toString()}`);
      return bytes.length;
    },
  };
});

beforeAll(async () => {
  session = await sessionOfPreset('masking');
});
beforeEach(() => {
  written = [];
});
afterEach(() => vi.restoreAllMocks());

const pause = (ms = 30) => new Promise((resolve) => setTimeout(resolve, ms));

function start(start: Session, options: Partial<LabOptions> = {}, columns = 100, rows = 30) {
  const terminal = headlessTerminal(columns, rows);
  const raw: boolean[] = [];
  const stdin = Object.assign(new Readable({ read() {} }), {
    isTTY: true,
    isRaw: false,
    setRawMode(on: boolean) {
      raw.push(on);
      stdin.isRaw = on;
      return stdin;
    },
    ref() {},
    unref() {},
  });
  const exits: number[] = [];
  const kills: string[] = [];
  const guarded = Object.assign(new EventEmitter(), {
    platform: 'linux',
    kill: (_: number, signal: string) => kills.push(signal),
    exit: (code: number) => void exits.push(code),
  });
  const code = runLab({
    session: start,
    stdin,
    stdout: Object.assign(terminal.output, { fd: 9999 }),
    theme: themeFor({ env: { COLORTERM: 'truecolor' }, name: 'dark' }),
    process: guarded,
    openPreset: subjectOf,
    ...options,
  });
  return {
    ...terminal,
    code,
    raw,
    exits,
    kills,
    guarded,
    end: () => stdin.push(null),
    async type(keys: string, ms?: number) {
      stdin.push(keys);
      await pause(ms);
    },
    async screen() {
      await pause();
      await terminal.settle();
      return gridToText(terminal.grid());
    },
  };
}

const LEFT = '\x1b[?1049l';

describe('the lab on a terminal', () => {
  it('draws, steps, quits with 0, and gives the terminal back', async () => {
    const lab = start(session);
    expect(await lab.screen()).toContain('t 0/5 · lstm_1');
    await lab.type('\x1b[C');
    expect(await lab.screen()).toContain('t 1/5 · lstm_1');
    await lab.type('q');
    expect(await lab.code).toBe(0);
    expect(lab.raw.at(-1)).toBe(false);
    expect(written.at(-1)).toContain(LEFT);
    expect(lab.guarded.eventNames()).toEqual([]);
  });

  it('says that a timestep is what its equations say once the cursor rests, and quits while one is checked', async () => {
    let asked = 0;
    const check: LabOptions['check'] = async (_, layer, evidence, engine) => {
      asked++;
      return asked === 2 ? new Promise(() => {}) : prepareCheck(layer)(evidence, engine);
    };
    const lab = start(session, { check });
    expect(await lab.screen()).not.toContain('checked');
    await pause(150);
    expect(await lab.screen()).toContain('t 0/5 · lstm_1 · unit 0 · stage h · checked ✓ exact');
    await lab.type('l');
    expect(await lab.screen()).not.toContain('checked');
    await pause(150);
    expect(asked).toBe(2);
    await lab.type('q');
    expect(await lab.code).toBe(0);
  });

  it('takes keys typed fast, and does not take Escape for quitting', async () => {
    const lab = start(session);
    await lab.type('lll');
    await lab.type('\x1b', 100);
    expect(await lab.screen()).toContain('t 3/5');
    await lab.type('\x03');
    expect(await lab.code).toBe(0);
  });

  it('opens a preset from the list, and another one over it', async () => {
    const entries = await presetEntries();
    const lab = start(choosing(entries));
    expect(await lab.screen()).toContain('choose what to look into');
    await lab.type('j\r', 200);
    expect(await lab.screen()).toContain(`lstm-lab  ${entries[1].name}`);
    await lab.type(':masking\r', 200);
    expect(await lab.screen()).toContain('lstm-lab  masking');
    await lab.type('q');
    expect(await lab.code).toBe(0);
  });

  it('shows why a preset cannot be opened, and goes on', async () => {
    const refuse = async () => {
      throw new LabError({ problem: 'units must be positive.', path: 'layers[1].units', received: '-3' });
    };
    const lab = start(session, { openPreset: refuse });
    await lab.type(':sentiment\r', 100);
    expect(await lab.screen()).toMatch(
      /sentiment cannot be opened.*[\s\S]*layers\[1\]\.units: units must be positive\. Received: -3/,
    );
    await lab.type('\r');
    expect(await lab.screen()).not.toContain('units must be positive');
    await lab.type('q');
    expect(await lab.code).toBe(0);
  });

  it('copies address and value through the terminal, and says so', async () => {
    const lab = start(session);
    await lab.type('ly');
    const { 1: encoded } = /\x1b\]52;c;([^\x07]*)\x07/.exec(lab.written.join(''))!;
    const text = Buffer.from(encoded, 'base64').toString();
    expect(text).toMatch(/^lstm_1\.h\[0\]@1 = -?\d+\.\d+/);
    expect(await lab.screen()).toContain(`copied ${text}`.slice(0, 40));
    await lab.type('q');
    await lab.code;
  });

  it('exports through whoever started it, or says how', async () => {
    const exporting = start(session, { exportTrace: async ({ about }) => `wrote ${about!.name}.trace.json` });
    await exporting.type('e');
    expect(await exporting.screen()).toContain('wrote masking.trace.json');
    await exporting.type('q');
    await exporting.code;
    const without = start(session);
    await without.type('e');
    expect(await without.screen()).toContain('lstm-lab trace masking');
    await without.type('q');
    await without.code;
  });

  it('says what is being opened and how far it is, goes on meanwhile, and gives it up for Escape', async () => {
    let signal: AbortSignal | undefined;
    let finish = (_: Subject) => {};
    const openPreset: LabOptions['openPreset'] = (_, task) => {
      signal = task.signal;
      task.onWork({
        text: 'computing',
        progress: { done: 12_345, total: 100_000, unit: 'timesteps', secondsLeft: 14 },
      });
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    const lab = start(session, { openPreset });
    await lab.type(':sentiment\r');
    await vi.waitFor(() => expect(signal).toBeDefined());
    expect(await lab.screen()).toContain('computing 12,345 of 100,000 timesteps · 14 s left · Esc cancels');
    expect(await lab.screen()).toMatch(/Esc cancel /);
    await lab.type('l');
    expect(await lab.screen()).toContain('t 1/5');
    await lab.type('\x1b', 100);
    expect(signal!.aborted).toBe(true);
    finish(await subjectOf('sentiment'));
    const after = await lab.screen();
    expect(after).toContain('opening sentiment was cancelled, masking is still open');
    expect(after).toContain('lstm-lab  masking');
    expect(after).not.toContain('12,345');
    await lab.type('q');
    expect(await lab.code).toBe(0);
  });

  it('gives up what is under way for what is asked for next, and when it is left', async () => {
    const signals: AbortSignal[] = [];
    const openPreset: LabOptions['openPreset'] = (name, { signal }) => {
      signals.push(signal);
      return name === 'stacked' ? subjectOf(name) : new Promise(() => {});
    };
    const lab = start(session, { openPreset });
    await lab.type(':sentiment\r');
    await vi.waitFor(() => expect(signals).toHaveLength(1));
    await lab.type(':open stacked\r');
    await vi.waitFor(() => expect(signals).toHaveLength(2));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(await lab.screen()).toContain('lstm-lab  stacked');
    await lab.type(':sentiment\r');
    await vi.waitFor(() => expect(signals).toHaveLength(3));
    await lab.type('q');
    expect(await lab.code).toBe(0);
    expect(signals[2].aborted).toBe(true);
  });

  it('writes a paste into a prompt and nowhere else', async () => {
    const lab = start(session);
    await lab.type('\x1b[200~qqq\nq\x1b[201~', 60);
    expect(await lab.screen()).toContain('t 0/5');
    await lab.type(':');
    await lab.type('\x1b[200~view gates\nq\x1b[201~', 60);
    expect(await lab.screen()).toContain(' : view gates');
    await lab.type('\r');
    expect(await lab.screen()).toContain('▸2 Gates');
    await lab.type('q');
    expect(await lab.code).toBe(0);
  });

  it('survives a storm of sizes and draws for the last one', async () => {
    const lab = start(session);
    for (const [columns, rows] of [
      [80, 24],
      [10, 3],
      [200, 60],
      [60, 20],
      [1, 1],
      [120, 36],
    ] as const) {
      lab.resize(columns, rows);
      await pause(5);
    }
    const screen = await lab.screen();
    expect(screen.split('\n')).toHaveLength(36);
    expect(screen).toContain('model');
    lab.resize(40, 10);
    expect(await lab.screen()).toContain('needed: 60x20');
    await lab.type('q');
    expect(await lab.code).toBe(0);
  });

  it('ends when its input ends', async () => {
    const lab = start(session);
    await lab.screen();
    lab.end();
    expect(await lab.code).toBe(0);
    expect(written.at(-1)).toContain(LEFT);
  });

  it('suspends with Ctrl-Z and draws everything anew after fg', async () => {
    const lab = start(session);
    await lab.screen();
    await lab.type('\x1a');
    expect(lab.kills).toEqual(['SIGTSTP']);
    expect(written.at(-1)).toContain(LEFT);
    const before = lab.written.length;
    lab.guarded.emit('SIGCONT');
    await pause();
    expect(lab.written.slice(before).join('')).toContain('lstm-lab');
    expect(lab.raw.at(-1)).toBe(true);
    await lab.type('q');
    await lab.code;
  });

  it('plays until the end', async () => {
    const lab = start({ ...session, speed: 30 });
    await lab.type(' ', 500);
    expect(await lab.screen()).toContain('t 5/5');
    await lab.type('q');
    await lab.code;
  });

  it('gives the terminal back on SIGTERM and exits with 143', async () => {
    const lab = start(session);
    await lab.screen();
    lab.guarded.emit('SIGTERM');
    expect(lab.exits).toEqual([143]);
    expect(written.at(-1)).toContain(LEFT);
    await lab.type('q');
    await lab.code;
  });

  it('gives the terminal back when a component throws, says why and exits with 70', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const broken = {
      ...session,
      subject: { ...session.subject, about: { ...session.subject.about!, shows: null as never } },
    };
    const lab = start(broken, {
      onFatal: (error) => ({ message: `told: ${(error as Error).message}`, exitCode: 70 }),
    });
    await lab.screen();
    await lab.type('?', 100);
    expect(await lab.code).toBe(70);
    expect(lab.exits).toEqual([70]);
    expect(lab.raw.at(-1)).toBe(false);
    const [told] = written.slice(-1);
    expect(told).toMatch(/^2:told: /);
    expect(written.at(-2)).toContain(LEFT);
  });
});

describe('speed', () => {
  it('draws a step of the Gates view at 120×36 in few bytes, and without delay even in React’s development build', async () => {
    const stacked = { ...(await sessionOfPreset('stacked')), view: 'gates' as const };
    const lab = start(stacked, {}, 120, 36);
    await lab.screen();
    const times: number[] = [];
    const sizes: number[] = [];
    for (let n = 0; n < 40; n++) {
      const from = lab.written.length;
      const begun = performance.now();
      await lab.type(n % 8 < 6 ? 'l' : 'h', 0);
      while (lab.written.length === from && performance.now() - begun < 500) await pause(1);
      times.push(performance.now() - begun);
      sizes.push(Buffer.byteLength(lab.written.slice(from).join('')));
    }
    const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];
    await lab.type('q');
    await lab.code;
    // The build that ships is several times faster, and other tests run beside this one.
    expect(median(times)).toBeLessThan(120);
    expect(median(sizes)).toBeLessThan(2500);
  });
});
