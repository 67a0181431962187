import { expect, it } from 'vitest';
import { position } from '../../../src/session/selectors.ts';
import { textOf } from '../../../src/ui/line.ts';
import { modelLines } from '../../../src/ui/panels/model.ts';
import { titleLine } from '../../../src/ui/panels/title.ts';
import { numbers, plainTheme, type Spec, sessionOf, sessionsOfEveryKind } from './models.ts';

const lines = (session: Parameters<typeof modelLines>[0], height = 30) =>
  modelLines(session, 30, height, plainTheme).map((line) => textOf(line).trimEnd());

it('the layers of a wrapper are its branches', async () => {
  const session = (await sessionsOfEveryKind())['bidirectional concat'];
  expect(lines(session).slice(0, 5)).toEqual([
    '   x                   (6, 4)',
    '   both · Bidirectional',
    '   ├forward_lstm       (6, 2)',
    '   ├backward_lstm      (6, 2)',
    ' ▸ └merge              (6, 4)',
  ]);
});

it('a layer that is left out is marked, with its reason, and the title says so', async () => {
  const unknown = { kind: 'unknown', name: 'mine', className: 'Mine', reason: 'a custom layer' } as unknown as Spec;
  const specs = [{ kind: 'input', name: 'x', shape: [3, 2] }, unknown, { kind: 'lstm', inputs: ['x'] }] as Spec[];
  const session = await sessionOf(specs, [numbers(3, 2)]);
  expect(position(session).name).toBe('lstm_2');
  const text = lines(session).join('\n');
  expect(text).toContain('⚠ mine · Mine');
  expect(text).toContain('a custom layer');
  expect(textOf(titleLine(session, 120, plainTheme))).toContain('incomplete: 1 layer left out');
});

it('of many layers that are left out those are named that there is room for, and the others are counted', async () => {
  const unknown = { kind: 'unknown', name: 'mine', className: 'Mine', reason: 'a custom layer' } as unknown as Spec;
  const after = Array.from({ length: 20 }, () => ({ kind: 'dense', units: 2, activation: 'linear', useBias: true }));
  const specs = [
    { kind: 'input', name: 'x', shape: [3, 2] },
    { kind: 'lstm', name: 'first', inputs: ['x'] },
    { ...unknown, inputs: ['first'] },
    ...after,
  ] as Spec[];
  const session = await sessionOf(specs, [numbers(3, 2)]);
  const marked = (height: number) => lines(session, height).filter((line) => line.includes('⚠'));
  expect(marked(60)).toHaveLength(21);
  const few = marked(18);
  expect(few.at(-1)).toBe(` ⚠ … ${21 - (few.length - 1)} more left out`);
  expect(lines(session, 18)).toHaveLength(18);
  for (const width of [60, 80, 120]) expect(textOf(titleLine(session, width, plainTheme))).toContain('incomplete');
});

it('a long model scrolls around the chosen layer', async () => {
  const session = (await sessionsOfEveryKind()).moves;
  const shown = lines(session, 6);
  expect(shown.length).toBeLessThanOrEqual(6);
  expect(shown.join('\n')).toMatch(/▸ flatten/);
  expect(shown.join('\n')).toMatch(/… \d+ more/);
});
