import { EventEmitter } from 'node:events';
import { openSync } from 'node:fs';
import { Readable } from 'node:stream';
import { type OpenSession, VIEWS } from '../../src/session/session.ts';
import { type LabOptions, runLab } from '../../src/ui/run.tsx';
import { themeFor } from '../../src/ui/theme/theme.ts';
import { sessionOfPreset } from '../frames/presets.ts';
import { largeSession } from './large-session.ts';
import { median } from './measure.ts';

const PRESET_CASES = [
  ['stacked', 'gates'],
  ['sentiment', 'gates'],
  ['sentiment', 'cell'],
  ['sentiment', 'equations'],
  ['return-state', 'returns'],
  ['stacked', 'weights'],
] as const;

const LARGE = { units: 512, timesteps: 10_000 };

/** Two timesteps on and two back: every key moves the cursor by one column, also in the shortest preset. */
const KEYS = [...'llhh'];

/** From a key on standard input to the bytes on standard output, the whole lab in between, at 120×36 in truecolor. */
export async function benchKeys(): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [preset, view] of PRESET_CASES)
    rows.push([`${preset}, ${view}`, ...(await keyTimes({ ...(await sessionOfPreset(preset)), view }))]);
  const large = await largeSession(LARGE);
  const name = `${LARGE.units} units × ${LARGE.timesteps.toLocaleString('en')} timesteps`;
  for (const view of VIEWS) rows.push([`${name}, ${view}`, ...(await keyTimes({ ...large, view }))]);
  const others = { 'gates zoomed': { zoom: 'c' }, 'gates, whole run': { wholeRun: true } };
  for (const [what, change] of Object.entries(others))
    rows.push([`${name}, ${what}`, ...(await keyTimes({ ...large, view: 'gates', ...change }))]);
  return rows;
}

/** Median and 95th percentile of milliseconds, and the median of bytes. */
async function keyTimes(session: OpenSession): Promise<string[]> {
  const stdin = Object.assign(new Readable({ read() {} }), { isTTY: true, setRawMode() {}, ref() {}, unref() {} });
  let bytes = 0;
  let written = () => {};
  const stdout = Object.assign(new EventEmitter(), {
    columns: 120,
    rows: 36,
    fd: openSync('/dev/null', 'w'),
    isTTY: true,
    write(text: string) {
      bytes += Buffer.byteLength(text);
      written();
      return true;
    },
  });
  const done = runLab({
    session,
    stdin: stdin as unknown as LabOptions['stdin'],
    stdout: stdout as unknown as LabOptions['stdout'],
    theme: themeFor({ name: 'dark', env: { COLORTERM: 'truecolor' } }),
    process: Object.assign(new EventEmitter(), { platform: 'linux', kill() {}, exit() {} }),
    openPreset: () => Promise.reject(new Error('not here')),
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const times: number[] = [];
  const sizes: number[] = [];
  for (let n = 0; n < 140; n++) {
    bytes = 0;
    const start = performance.now();
    const frame = new Promise<void>((resolve) => {
      written = resolve;
    });
    stdin.push(KEYS[n % KEYS.length]);
    await frame;
    // The first ones warm up.
    if (n < 20) continue;
    times.push(performance.now() - start);
    sizes.push(bytes);
  }
  stdin.push('q');
  await done;
  const p95 = [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)];
  return [median(times).toFixed(1), p95.toFixed(1), String(median(sizes))];
}
