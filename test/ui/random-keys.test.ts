import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { choosing, reduce } from '../../src/session/reduce.ts';
import { position } from '../../src/session/selectors.ts';
import type { Session } from '../../src/session/session.ts';
import { KEYMAP } from '../../src/ui/keymap.ts';
import { frameLines } from '../../src/ui/layouts/frame.ts';
import { textOf, widthOfLine } from '../../src/ui/line.ts';
import { press } from '../../src/ui/press.ts';
import { themeFor } from '../../src/ui/theme/theme.ts';
import { PRESETS, presetEntries, sessionOfPreset } from '../frames/presets.ts';
import { EVERY_KIND, sessionsOfEveryKind } from './panels/models.ts';

const themes = [
  themeFor({ env: {}, color: false }),
  themeFor({ env: { COLORTERM: 'truecolor' }, name: 'dark' }),
  themeFor({ env: {}, name: 'ascii' }),
];
const SIZES = [
  { columns: 120, rows: 36 },
  { columns: 100, rows: 30 },
  { columns: 80, rows: 24 },
  { columns: 60, rows: 20 },
  { columns: 40, rows: 10 },
  { columns: 1, rows: 1 },
  { columns: 220, rows: 70 },
];
const known = [...new Set(KEYMAP.flatMap(({ keys }) => keys))];
// Most keys mean something; some are noise.
const keys = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...known) },
  { weight: 1, arbitrary: fc.constantFrom('x', 'ü', '好', '7', '0', 'ctrl-x', 'f1', '😀', '"') },
);

const sessions: Record<string, Session> = {};

beforeAll(async () => {
  for (const name of PRESETS) sessions[name] = await sessionOfPreset(name);
  Object.assign(sessions, await sessionsOfEveryKind());
  sessions['no preset'] = choosing(await presetEntries());
  sessions['no preset at all'] = choosing([]);
});

function checkInside(session: Session): void {
  if (session.status !== 'open') return;
  const at = position(session);
  const numbers = [at.step, at.steps, at.unit, at.units, at.timestep, at.callIndex, at.sampleIndex, at.stage];
  for (const number of numbers) expect(Number.isInteger(number)).toBe(true);
  expect(at.step).toBeGreaterThanOrEqual(0);
  expect(at.step).toBeLessThan(at.steps);
  expect(at.unit).toBeGreaterThanOrEqual(0);
  expect(at.unit).toBeLessThan(at.units);
  expect(at.stage).toBeLessThan(Math.max(1, at.equations.length));
}

function checkFrame(session: Session, size: { columns: number; rows: number }, theme = themes[0]): void {
  const lines = frameLines(session, size, theme);
  expect(lines.length).toBeLessThanOrEqual(size.rows);
  for (const line of lines) {
    expect(widthOfLine(line), textOf(line)).toBeLessThanOrEqual(size.columns);
    expect(textOf(line)).not.toMatch(/undefined|\[object|\n/);
  }
}

describe.each([...PRESETS, ...EVERY_KIND, 'no preset', 'no preset at all'])('thousands of keys on %s', (name) => {
  it('never throw, never leave the trace, and every frame fits', () => {
    const start = sessions[name];
    fc.assert(
      fc.property(
        fc.array(keys, { minLength: 40, maxLength: 120 }),
        fc.constantFrom(...SIZES),
        fc.constantFrom(...themes),
        (pressed, size, theme) => {
          let session = start;
          for (const [n, key] of pressed.entries()) {
            const outcome = press(session, key);
            session = outcome.actions.reduce(reduce, session);
            const chosen = outcome.open === undefined ? undefined : sessions[outcome.open];
            if (chosen?.status === 'open')
              session = reduce(session, { type: 'subject-opened', subject: chosen.subject });
            checkInside(session);
            if (n % 8 === 0) checkFrame(session, size, theme);
          }
          checkFrame(session, size, theme);
        },
      ),
      { numRuns: EVERY_KIND.includes(name) ? 12 : 40 },
    );
  });
});

it('errors with long texts fit at every size', () => {
  for (const size of SIZES) {
    const text = `${'a word '.repeat(200)}\n${'unbroken'.repeat(40)}`;
    checkFrame({ ...sessions.masking, overlay: { kind: 'error', title: 'x'.repeat(300), text } }, size);
  }
});
