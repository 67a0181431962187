import { expect, test } from 'vitest';
import type { StepCheck } from '../../../src/engines/check/check-step.ts';
import { position } from '../../../src/session/selectors.ts';
import type { OpenSession } from '../../../src/session/session.ts';
import { renderFrame } from '../../../src/ui/frame.tsx';
import { textOf } from '../../../src/ui/line.ts';
import { statusLine } from '../../../src/ui/panels/status.ts';
import { decodeFrame, gridToText } from '../../../src/ui/terminal/cells.ts';
import { sessionOfPreset } from '../../frames/presets.ts';
import { plainTheme } from './models.ts';

const FINE: StepCheck = {
  difference: 3.4e-8,
  worst: { symbol: 'z_f', unit: 1 },
  tolerance: 1e-5,
  differs: [],
  onJump: null,
};

async function session(check: Partial<StepCheck>): Promise<OpenSession> {
  const open = await sessionOfPreset('return-state');
  const { sampleIndex: sample, callIndex: call, step } = position(open);
  return { ...open, checked: { sample, call, step, check: { ...FINE, ...check } } };
}

const status = (open: OpenSession, width = 100) => textOf(statusLine(open, width));
const f = { symbol: 'f', unit: 1, recorded: 0.7310585, computed: 0.7312585 };

test('the status line says that the timestep was checked, and by how much it is off', async () => {
  const open = await session({});
  expect(status(open)).toMatch(/stage h · checked ✓ 3e-8 .*address lstm_1\.h\[0\]@0 = /);
  expect(status(open, 80)).toMatch(/checked ✓ 3e-8 .*lstm_1\.h\[0\]@0 = /);
  // Where there is little room the address, and its value, are worth more than a word.
  expect(status(open, 72)).toMatch(/ · ✓ 3e-8 +lstm_1\.h\[0\]@0 = \d/);
  expect(status(open, 62)).toMatch(/ · ✓ 3e-8 +lstm_1\.h\[0\]@0 $/);
  expect(status(open, 56)).toMatch(/checked ✓ 3e-8/);
  expect(status(await session({ difference: 0, worst: null }))).toContain('checked ✓ exact');
  for (const width of [60, 61, 70, 80, 100, 120]) expect(status(open, width)).toHaveLength(width);
});

test('what was checked is said of its own timestep only', async () => {
  const open = await session({});
  const elsewhere = { ...open, cursor: { ...open.cursor, step: 1 } };
  expect(status(elsewhere)).not.toContain('checked');
  expect(status({ ...open, cursor: { ...open.cursor, unit: 1, stagesLeft: 3 } })).toContain('checked ✓');
});

test('a message stands before it, where both have room', async () => {
  const open = { ...(await session({})), message: 'the trace is in x.json' };
  expect(status(open)).toMatch(/^ the trace is in x\.json {10,}checked ✓ 3e-8 $/);
  expect(status({ ...open, message: 'word '.repeat(18) })).not.toContain('checked');
});

test('a quantity that differs is named with both values, in as many digits as tell them apart', async () => {
  const open = await session({ differs: [f] });
  expect(status(open)).toContain('✗ f[1] is 0.73106, its equation gives 0.73126');
  expect(status(await session({ differs: [f, { ...f, symbol: 'c' }] }))).toContain('gives 0.73126, and 1 more');
  // Where there is little room, it goes before the place.
  expect(status(open, 60)).toMatch(/^ ✗ f\[1\] is 0\.73106, its equation gives 0\.73126 *$/);
  expect(status({ ...open, message: 'a message' })).toMatch(/a message .*✗ f\[1\]/);
});

test('a number within rounding of a jump is said to be', async () => {
  const onJump = { symbol: 'g', unit: 0, recorded: 0, computed: 0.5, activation: 'hard_shrink' } as const;
  expect(status(await session({ onJump }), 120)).toContain('✓ 3e-8, c̃[0] within rounding of a jump of hard_shrink');
});

test.each([
  // Its units, and its equation under them.
  ['cell', /✗f forget/, 2],
  ['equations', /6✗ f = sigmoid\(z_f\)/, 1],
  ['gates', /✗f /, 1],
] as const)(
  'in the %s view a mark stands beside the quantity that differs, and beside no other',
  async (view, mark, times) => {
    const size = { columns: 120, rows: 36 };
    const drawn = async (check: Partial<StepCheck>) => {
      const frame = renderFrame({ ...(await session(check)), view }, { ...size, theme: plainTheme });
      const lines = gridToText(decodeFrame(frame, { ...size, palette: plainTheme })).split('\n');
      // Without the status line.
      return lines.filter((line) => !line.includes('its equation gives')).join('\n');
    };
    const marked = await drawn({ differs: [f] });
    expect(marked).toMatch(mark);
    expect(marked.match(/✗/g)).toHaveLength(times);
    expect(await drawn({})).not.toContain('✗');
  },
);
