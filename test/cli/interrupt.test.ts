import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { explainError } from '../../src/cli/exit.ts';
import { interruptible } from '../../src/cli/interrupt.ts';
import { writeFile } from '../../src/cli/output.ts';
import { progressLine, tellingPerson } from '../../src/cli/progress.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lstm-lab-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends what is being written with %i, and leaves nothing of it', async (name, code) => {
  const before = process.listenerCount(name);
  let seen: string[] = [];
  function* endless() {
    for (let n = 0; ; n++) {
      if (n === 20) {
        seen = readdirSync(folder);
        process.listeners(name).at(-1)?.(name);
      }
      yield 'x'.repeat(100_000);
    }
  }
  const error = await interruptible((signal) => writeFile(join(folder, 'trace.json'), endless(), signal)).catch(
    (reason: unknown) => reason,
  );
  expect(explainError(error).code).toBe(code);
  expect(seen).toHaveLength(1);
  expect(readdirSync(folder)).toEqual([]);
  expect(process.listenerCount(name)).toBe(before);
});

function fakeTerminal(columns: number) {
  const written: string[] = [];
  const output = { isTTY: true, columns, write: (text: string) => written.push(text) };
  return { written, output: output as unknown as NodeJS.WriteStream };
}

it('says nothing of what is soon over, then how far it is in one line that goes away', async () => {
  const { written, output } = fakeTerminal(60);
  const line = progressLine(output);
  const work = (done: number) => ({
    text: 'computing',
    progress: { done, total: 100_000, unit: 'timesteps', secondsLeft: 14 },
  });
  line.say(work(1));
  line.end();
  expect(written).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 520));
  line.say(work(12_345));
  line.say(work(12_346));
  expect(written).toHaveLength(1);
  expect(written[0]).toMatch(/^\rlstm-lab: computing 12,345 of 100,000 timesteps · 14 s left/);
  // A line that is as wide as the terminal would begin another one.
  expect(written[0].replace(/^\r|\x1b\[K$/g, '').length).toBeLessThan(60);
  line.end();
  expect(written.at(-1)).toBe('\r\x1b[K');
});

it('does not begin what has been given up before', async () => {
  const controller = new AbortController();
  controller.abort(new Error('no longer wanted'));
  const work = async () => 'done';
  await expect(tellingPerson(controller.signal)('opening', 0, work)).rejects.toThrow('no longer wanted');
});
