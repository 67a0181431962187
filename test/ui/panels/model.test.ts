import { expect, it } from 'vitest';
import { position } from '../../../src/session/selectors.ts';
import { fitName, textOf, widthOfText } from '../../../src/ui/line.ts';
import { crumbLine, modelLines } from '../../../src/ui/panels/model.ts';
import { statusLine } from '../../../src/ui/panels/status.ts';
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

it('a long name keeps its end, by which layers that begin alike are told apart', async () => {
  const long = (end: string) => `then_branch_inline_graph_number_0/decoder/blocks/heads/${end}`;
  const specs = [
    { kind: 'input', name: 'x', shape: [3, 2] },
    { kind: 'lstm', name: long('query'), inputs: ['x'], returnSequences: true },
    { kind: 'lstm', name: long('value') },
  ] as Spec[];
  const session = await sessionOf(specs, [numbers(3, 2)]);
  const panel = lines(session).join('\n');
  expect(panel).toMatch(/query +\(/);
  expect(panel).toMatch(/value +\(/);
  expect(textOf(crumbLine(session, 80, plainTheme))).toMatch(/query › .*value/);
  expect(textOf(statusLine(session, 60))).toMatch(/^ t 2\/2 · then_.*value · unit 0 · stage h/);
  expect(textOf(statusLine(session, 50))).toMatch(/^ t 2\/2 · the.*value · unit 0 · stage h/);
});

it('a shortened name fills its columns exactly, wide characters too', () => {
  for (const name of ['encoder/long_short_term_memory', '一二三四五六七八九十一二三', 'e\u0301'.repeat(30)])
    for (let width = 0; width < 20; width++) expect(widthOfText(fitName(name, width)), name).toBe(width);
  expect(fitName('encoder/long_short_term_memory', 12)).toBe('enc…m_memory');
});
