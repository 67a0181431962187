import { expect, test } from 'vitest';
import { textOf } from '../../../src/ui/line.ts';
import { titleLine } from '../../../src/ui/panels/title.ts';
import { themeFor } from '../../../src/ui/theme/theme.ts';
import { sessionOfPreset } from '../../frames/presets.ts';

const theme = themeFor({ name: 'no-colour', env: {} });
const session = async (remarks: readonly string[]) => {
  const open = await sessionOfPreset('return-state');
  const origin = { file: 'models/model.pt', format: 'PyTorch state dict', madeWith: null, remarks };
  return { ...open, subject: { ...open.subject, about: null, origin } };
};

test('the title names the file and says what was assumed about it, in short where there is little room', async () => {
  const open = await session(['order assumed', 'input made up']);
  expect(textOf(titleLine(open, 120, theme))).toMatch(/model\.pt · order assumed · input made up .*sample 1 of 1/);
  expect(textOf(titleLine(open, 72, theme))).toMatch(/model\.pt · order assumed, \+1 .*sample 1 of 1/);
  expect(textOf(titleLine(open, 50, theme))).toMatch(/model\.pt .*sample 1 of 1/);
});

test('the title says in which precision an engine computed', async () => {
  const open = await session([]);
  const simd = {
    ...open,
    subject: { ...open.subject, recording: { ...open.subject.recording, engine: 'simd' as const } },
  };
  expect(textOf(titleLine(open, 120, theme))).toContain('float64');
  expect(textOf(titleLine(simd, 120, theme))).toContain('simd engine · float32');
});
