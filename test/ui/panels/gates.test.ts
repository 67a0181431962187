import { describe, expect, it } from 'vitest';
import { tensor, whole } from '../../../src/math/tensor.ts';
import { textOf } from '../../../src/ui/line.ts';
import { gatesView } from '../../../src/ui/panels/gates.ts';
import { heatCell, heatNotComputed } from '../../../src/ui/theme/heat.ts';
import { at, numbers, plainTheme, sessionOf, shown } from './models.ts';

const lstm = () =>
  sessionOf(
    [
      { kind: 'input', shape: [4, 2] },
      { kind: 'lstm', units: 3 },
    ],
    [numbers(1, 4, 2)],
  );

describe('the Gates view of an LSTM', () => {
  it('shows the six quantities, each with what it is and the ends of its scale', async () => {
    const text = shown(gatesView, await lstm());
    for (const title of [
      'i input gate',
      'f forget gate',
      'c̃ candidate',
      'o output gate',
      'c cell state',
      'h hidden state',
    ])
      expect(text).toContain(title);
    expect(text.match(/0 … 1/g)).toHaveLength(3);
    expect(text).toMatch(/0 ▁▂▃▄▅▆▇█ 1/);
  });

  it('draws each number as the cell of its value on the scale of its activation', async () => {
    const session = await lstm();
    const { i } = session.subject.recording.runs[0][0].calls[1].quantities;
    const text = gatesView({ session, width: 100, height: 30, theme: plainTheme }).map(textOf);
    const row = text.find((line) => line.startsWith('▸0')) as string;
    for (let t = 0; t < 4; t++) expect(row).toContain(heatCell('sequential', whole(i).data[t * 3]));
  });

  it('leaves the future blank, and shows it where the whole run is wanted', async () => {
    const session = at(await lstm(), { step: 1 });
    const future = shown(gatesView, session).match(/·/g) ?? [];
    expect(future.length).toBeGreaterThanOrEqual(6 * 3 * 2);
    expect(
      shown(gatesView, { ...session, wholeRun: true })
        .split('\n')
        .slice(0, -1)
        .join(''),
    ).not.toContain('·');
  });

  it('leaves blank what this timestep has not computed yet', async () => {
    // After the forget gate: c̃, o, c and h of this timestep are still to come.
    const session = at(await lstm(), { step: 2, stagesLeft: 5 });
    const numbersOf = (zoom: string) =>
      shown(gatesView, { ...session, zoom })
        .split('\n')[1]
        .match(/\d\.\d{4}/g);
    expect(numbersOf('f')).toHaveLength(3);
    expect(numbersOf('c')).toHaveLength(2);
  });

  it('marks the cursor’s column above and below, with its numbers at the right edge', async () => {
    const session = at(await lstm(), { step: 2, unit: 1 });
    const { o } = session.subject.recording.runs[0][0].calls[1].quantities;
    const text = shown(gatesView, session);
    expect(text).toContain('▾');
    expect(text).toContain('▴');
    expect(text).toContain(`${whole(o).data[2 * 3 + 1].toFixed(4)}`);
    expect(text).toContain('▸1');
  });

  it('says that the cell state goes to its largest number of the run', async () => {
    const session = await lstm();
    const { c } = session.subject.recording.runs[0][0].calls[1].quantities;
    const largest = Math.max(...Array.from(whole(c).data, Math.abs));
    expect(shown(gatesView, session)).toContain(`±${largest.toFixed(2)}`);
    expect(shown(gatesView, session, { width: 140 })).toMatch(/c.* to the largest \|value\| of the run/);
  });

  it('keeps the input’s order under go_backwards: the first step fills the last column', async () => {
    const session = at(
      await sessionOf(
        [
          { kind: 'input', shape: [4, 2] },
          { kind: 'lstm', goBackwards: true },
        ],
        [numbers(1, 4, 2)],
      ),
      { step: 0 },
    );
    const { i } = session.subject.recording.runs[0][0].calls[1].quantities;
    const row = gatesView({ session, width: 100, height: 30, theme: plainTheme }).map(textOf)[2];
    const before = row.slice(0, row.indexOf(heatCell('sequential', whole(i).data[0])));
    expect(before.split(heatNotComputed)).toHaveLength(4);
    expect(shown(gatesView, session)).toContain('go_backwards');
  });

  it('marks skipped timesteps and carries c and h through them', async () => {
    const session = await sessionOf(
      [
        { kind: 'input', shape: [3] },
        { kind: 'embedding', maskZero: true },
        { kind: 'lstm', units: 1 },
      ],
      [tensor([1, 3], [2, 0, 0])],
    );
    const { c } = session.subject.recording.runs[0][0].calls[2].quantities;
    const text = shown(gatesView, session);
    expect(text).toContain('╱ skipped');
    expect(whole(c).data[2]).toBe(whole(c).data[0]);
    expect(text).toContain(Math.abs(whole(c).data[0]).toFixed(4));
    expect(text).not.toContain('NaN');
  });

  it('scrolls around the chosen unit and follows the cursor in time', async () => {
    const session = at(
      await sessionOf(
        [
          { kind: 'input', shape: [200, 1] },
          { kind: 'lstm', units: 90 },
        ],
        [numbers(1, 200, 1)],
      ),
      { step: 150, unit: 70 },
    );
    const text = shown(gatesView, session);
    expect(text).toContain('▸70');
    expect(text).toMatch(/150/);
    expect(text).toMatch(/units \d+–\d+ of 0–89, t \d+–\d+ of 0–199/);
    expect(text).toContain('◆');
  });

  it('writes words under the time axis, wide ones too', async () => {
    const session = await sessionOf(
      [{ kind: 'input', shape: [3] }, { kind: 'embedding' }, { kind: 'lstm' }],
      [tensor([1, 3], [1, 2, 3])],
      { words: { 1: '好', 2: '不', 3: 'good' } },
    );
    const text = shown(gatesView, session);
    expect(text).toMatch(/好 +不 +good/);
  });
});

describe('one quantity zoomed', () => {
  it('has a number in every cell and the equation in its title', async () => {
    const session = { ...(await lstm()), zoom: 'c' };
    const { c } = session.subject.recording.runs[0][0].calls[1].quantities;
    const text = shown(gatesView, session);
    expect(text).toContain('c = f ⊙ c₋₁ + i ⊙ c̃');
    for (const value of whole(c).data) expect(text).toContain(Math.abs(value).toFixed(4));
  });

  it.each(['z_i', 'z_g', 'tanh_c', 'x'])('can be %s too', async (zoom) => {
    expect(shown(gatesView, { ...(await lstm()), zoom })).toMatch(/\d\.\d{4}/);
  });
});

describe('the Gates view of other layers', () => {
  it('draws Dense over time as its sum and its output', async () => {
    const session = await sessionOf(
      [
        { kind: 'input', shape: [4, 2] },
        { kind: 'dense', activation: 'relu' },
      ],
      [numbers(1, 4, 2)],
    );
    expect(shown(gatesView, session)).toMatch(/z weighted sum.*y output +0 … /s);
  });

  it('draws bars for a layer without a time axis, negative ones to the left', async () => {
    const session = await sessionOf(
      [
        { kind: 'input', shape: [2] },
        { kind: 'dense', units: 2, weights: { kernel: tensor([2, 2], [1, 0, 0, 1]), bias: tensor([2], [0, 0]) } },
      ],
      [tensor([1, 2], [0.5, -0.5])],
    );
    const lines = shown(gatesView, session).split('\n');
    expect(lines[1]).toMatch(/│█+ +0\.5000/);
    expect(lines[2]).toMatch(/█│ +−0\.5000/);
  });

  it('shows Masking’s m and y, and an Input’s words', async () => {
    const masked = await sessionOf(
      [{ kind: 'input', shape: [2, 2] }, { kind: 'masking' }],
      [tensor([1, 2, 2], [0, 0, 1, 2])],
    );
    expect(shown(gatesView, masked)).toMatch(/m 1 where a feature differs.*y the features/s);
    const words = await sessionOf([{ kind: 'input', shape: [2] }, { kind: 'embedding' }], [tensor([1, 2], [3, 1])], {
      words: { 3: 'not', 1: 'good' },
    });
    expect(shown(gatesView, at(words, { call: 0 }))).toMatch(/3 +not.*1 +good/s);
  });
});
